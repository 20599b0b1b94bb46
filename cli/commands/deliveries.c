/* deliveries.c - `opencicd forge deliveries|delivery|resend|approve|reject`: what webhooks delivered, and what became of it. */

#include "cli/show/listing.h"

#include <inttypes.h>
#include <stdio.h>

static const char *about (const cli_t *cli, const value_t *item)
{
    int64_t pull = number_of (item, "pull");
    return pull ? arena_printf (cli->turn->arena, "#%" PRId64, pull) : value_get_text (item, "ref");
}

static void add_delivery (const cli_t *cli, table_t *table, const value_t *item)
{
    arena_t *arena = cli->turn->arena;
    const char *state = value_get_text (item, "state"), *action = value_get_text (item, "action");
    const value_t *const *runs;
    size_t count = items_of (item, "runs", &runs);
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, value_get_text (item, "project"));
    table_cell (table, BOLD,
                arena_printf (arena, "%s%s%s", value_get_text (item, "event"), *action ? "." : "", action));
    table_cell (table, PLAIN, about (cli, item));
    table_cell (table, PLAIN, arena_printf (arena, "%.10s", value_get_text (item, "sha")));
    table_cell (table, *state == 'f' ? RED : PLAIN, state);
    table_cell (table, PLAIN,
                count ? arena_printf (arena, "%zu run%s", count, count > 1 ? "s" : "")
                      : value_get_text (item, "reason"));
    table_cell (table, PLAIN, ago (cli, item, "received_at"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"ID",    "PROJECT", "EVENT",    "REF", "COMMIT",
                                           "STATE", "OUTCOME", "RECEIVED", NULL};
    const char *path = path_with (cli, "/deliveries", "project", flag_text (cli->flags, "project"));
    return list_items (cli, path_with (cli, path, "state", flag_text (cli->flags, "state")), headings,
                       add_delivery);
}

static const flag_t list_flags[] = {{.name = "project",
                                     .kind = FLAG_TEXT,
                                     .letter = 'p',
                                     .metavar = "PROJECT",
                                     .doc = "Only of this project."},
                                    {.name = "state",
                                     .kind = FLAG_TEXT,
                                     .metavar = "STATE",
                                     .choices = "received|approval|done|ignored|failed",
                                     .doc = "Only those in this state."},
                                    FLAGS_PAGE,
                                    FLAG_JSON,
                                    {.name = NULL}};

const command_t command_forge_deliveries = {.name = "forge deliveries",
                                            .group = GROUP_FORGES,
                                            .usage = "[OPTIONS]",
                                            .summary = "List what webhooks delivered, the latest first.",
                                            .programs = CLIENT,
                                            .flags = list_flags,
                                            .run = list};

static void print_delivery (const cli_t *cli, const value_t *delivery)
{
    arena_t *arena = cli->turn->arena;
    const char *action = value_get_text (delivery, "action"), *reason = value_get_text (delivery, "reason");
    printf ("%s  %s%s%s  %s\n", paint (arena, cli->colour, BOLD, value_get_text (delivery, "id")),
            value_get_text (delivery, "event"), *action ? "." : "", paint_safe (arena, action),
            paint_safe (arena, about (cli, delivery)));
    printf ("State     %s%s%s\n", value_get_text (delivery, "state"), *reason ? ": " : "",
            paint_safe (arena, reason));
    printf ("Commit    %s\nBy        %s%s\n", paint_safe (arena, value_get_text (delivery, "sha")),
            paint_safe (arena, value_get_text (delivery, "actor")),
            bool_of (delivery, "untrusted") ? " (code of a fork)" : "");
    if (*value_get_text (delivery, "approved_by"))
        printf ("Approved  by %s\n", paint_safe (arena, value_get_text (delivery, "approved_by")));
    printf ("Delivery  %s\nReceived  %s\nRuns      %s\n",
            paint_safe (arena, value_get_text (delivery, "delivery")), ago (cli, delivery, "received_at"),
            list_text (cli, delivery, "runs"));
}

static int show (cli_t *cli)
{
    const value_t *delivery;
    int status =
        server_ask (cli, "GET", path_of (cli, "/deliveries/%s", cli->args.items[0]), NULL, &delivery);
    if (!delivery)
        return status;
    print_delivery (cli, delivery);
    const value_t *payload = value_get (delivery, "payload");
    if (payload)
        printf ("\n%s\n", paint_safe (cli->turn->arena, value_to_json (cli->turn->arena, payload, 2)));
    return status;
}

const command_t command_forge_delivery = {
    .name = "forge delivery",
    .group = GROUP_FORGES,
    .usage = "[--json] DELIVERY",
    .summary = "Show a delivery and the payload that workflows see; with --json also what the forge sent.",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = show};

static int resend (cli_t *cli)
{
    const value_t *delivery;
    int status =
        server_ask (cli, "POST", path_of (cli, "/deliveries/%s/resend", cli->args.items[0]), "{}", &delivery);
    if (delivery)
        print_delivery (cli, delivery);
    return status;
}

const command_t command_forge_resend = {.name = "forge resend",
                                        .group = GROUP_FORGES,
                                        .usage = "[--json] DELIVERY",
                                        .summary = "Work a delivery off once more, whatever ran before.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = resend};

static int decide (cli_t *cli, bool reject)
{
    const value_t *delivery;
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena);
    body_text (cli, body, "sha", cli->args.items[1]);
    value_set (arena, body, "reject", value_bool (reject));
    const char *path = path_of (cli, "/deliveries/%s/approve", cli->args.items[0]);
    int status = server_ask (cli, "POST", path, body_json (cli, body), &delivery);
    if (delivery)
        print_delivery (cli, delivery);
    return status;
}

static int approve (cli_t *cli)
{
    return decide (cli, false);
}

static int reject (cli_t *cli)
{
    return decide (cli, true);
}

const command_t command_forge_approve = {
    .name = "forge approve",
    .group = GROUP_FORGES,
    .usage = "[--json] DELIVERY COMMIT",
    .summary = "Let a fork's pull request run at the commit that you have looked at.",
    .help =
        "COMMIT is the whole id of the head. The approval is for that head alone: what is pushed to the pull request later waits\n"
        "for its own. It runs without secrets all the same.\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 2,
    .max_args = 2,
    .run = approve};

const command_t command_forge_reject = {.name = "forge reject",
                                        .group = GROUP_FORGES,
                                        .usage = "[--json] DELIVERY COMMIT",
                                        .summary = "Do not let a fork's pull request run at this commit.",
                                        .programs = CLIENT,
                                        .flags = flags_json,
                                        .min_args = 2,
                                        .max_args = 2,
                                        .run = reject};
