/* audit.c - `opencicd audit`: what people did, as a table, as it happens, or as lines of JSON for another program. */

#include "cli/show/listing.h"
#include "common/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define AGAIN_MS 1000      // Until a stream that broke is opened again
#define LINE_MAX (1 << 20) // Bytes of one line

static const char *who (const value_t *item)
{
    const char *actor = value_get_text (item, "actor");
    return *actor ? actor : "-";
}

static const char *what (const cli_t *cli, const value_t *item)
{
    const char *object = value_get_text (item, "object"), *detail = value_get_text (item, "detail");
    return *detail ? arena_printf (cli->turn->arena, "%s %s", object, detail) : object;
}

static paint_t colour_of (const value_t *item)
{
    return strcmp (value_get_text (item, "result"), "OK") == 0 ? PLAIN : RED;
}

static void add_entry (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%.19s", value_get_text (item, "at")));
    table_cell (table, PLAIN, who (item));
    table_cell (table, PLAIN, value_get_text (item, "action"));
    table_cell (table, PLAIN, what (cli, item));
    table_cell (table, PLAIN, value_get_text (item, "project"));
    table_cell (table, colour_of (item), value_get_text (item, "result"));
    table_cell (table, PLAIN, value_get_text (item, "address"));
    table_cell (table, PLAIN, value_get_text (item, "credential"));
}

static const char *filtered (const cli_t *cli, const char *path)
{
    static const char *const filters[] = {"actor", "action", "object", "project", "result", "since", "until"};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        path = path_with (cli, path, filters[i], flag_text (cli->flags, filters[i]));
    return path;
}

// ---- lines ----

typedef struct {
    const cli_t *cli;
    bool json;
    buffer_t *line;
    int64_t last;   // `number` of the latest that was printed
    bool refused;   // The server's last line said why it ends
    arena_t *arena; // Of one line
} audit_tail_t;

static void print_entry (const audit_tail_t *self, const value_t *item)
{
    const char *project = value_get_text (item, "project"), *result = value_get_text (item, "result"),
               *detail = value_get_text (item, "detail");
    const char *text = arena_printf (self->arena, "%.19s  %s  %s  %s%s%s%s%s  from %s",
                                     value_get_text (item, "at"), who (item), value_get_text (item, "action"),
                                     value_get_text (item, "object"), *detail ? " " : "", detail,
                                     *project ? "  in " : "", project, value_get_text (item, "address"));
    bool good = strcmp (result, "OK") == 0;
    printf ("%s%s%s\n", paint_safe (self->arena, text), good ? "" : "  ",
            good ? "" : paint (self->arena, self->cli->colour, RED, paint_safe (self->arena, result)));
}

static void take_line (audit_tail_t *self)
{
    const value_t *item;
    const char *error, *text = buffer_text (self->line);
    arena_reset (self->arena);
    if (buffer_size (self->line) == 0 ||
        value_from_json (self->arena, text, buffer_size (self->line), &item, &error) != OK)
        return;
    if (*value_get_text (item, "error")) {
        self->refused = true;
        (void) !turn_fail (self->cli->turn, UNAVAILABLE, "%s", value_get_text (item, "error"));
        return;
    }
    self->last = number_of (item, "number");
    if (self->json)
        printf ("%s\n", text);
    else
        print_entry (self, item);
}

static bool take (void *self_, const char *bytes, size_t size)
{
    audit_tail_t *self = self_;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n')
            buffer_putc (self->line, bytes[i]);
        else {
            take_line (self);
            buffer_clear (self->line);
        }
    }
    return fflush (stdout) == 0;
}

// One stream, until it ends.
static fault_t stream (audit_tail_t *self, client_t *client, bool follow)
{
    const cli_t *cli = self->cli;
    const char *after = arena_printf (cli->turn->arena, "%" PRId64, self->last);
    const char *path = path_with (cli, filtered (cli, "/audit/lines"), "after", after);
    self->refused = false;
    buffer_clear (self->line);
    cli->turn->detail = NULL;
    fault_t fault = client_download (
        client, cli->turn, path_with (cli, path, "follow", follow ? "true" : NULL), NULL, take, self);
    return fault == OK && self->refused ? UNAVAILABLE : fault;
}

// From what there is by now; a stream that breaks is continued after the last entry.
static fault_t tail (audit_tail_t *self, client_t *client)
{
    const value_t *page, *const *items;
    int64_t lost_us = 0;
    fault_t fault = OK;
    if (server_ask_on ((cli_t *) self->cli, client, "GET", filtered (self->cli, "/audit?limit=1"), NULL,
                       &page) != CLI_OK)
        return FORBIDDEN;
    if (items_of (page, "items", &items) > 0)
        self->last = number_of (items[0], "number");
    for (;;) {
        int64_t began_us = clock_monotonic_us (), before = self->last;
        fault = stream (self, client, true);
        if (fault == BROKEN || (fault != OK && fault != UNAVAILABLE && fault != TIMEOUT))
            return fault;
        bool lived = self->last != before || clock_monotonic_us () - began_us > SECONDS (5);
        lost_us = lived || !lost_us ? clock_monotonic_us () : lost_us;
        if (clock_monotonic_us () - lost_us > SECONDS (60))
            return fault == OK ? UNAVAILABLE : fault;
        poll (NULL, 0, AGAIN_MS);
    }
}

static int lines (cli_t *cli, bool follow)
{
    client_t *client;
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    audit_tail_t self = {.cli = cli,
                         .json = !follow || flag_on (cli->flags, "json"),
                         .line = buffer_new (LINE_MAX),
                         .arena = arena_new ()};
    if (fault == OK)
        fault = follow ? tail (&self, client) : stream (&self, client, false);
    client_destroy (&client);
    buffer_destroy (&self.line);
    arena_destroy (&self.arena);
    if (fault == BROKEN && !cli->turn->detail)
        (void) !turn_fail (cli->turn, BROKEN, "standard output: %s", strerror (errno));
    return fault == OK ? CLI_OK : cli_fail (cli, fault);
}

static int audit (cli_t *cli)
{
    static const char *const headings[] = {"TIME",   "WHO",     "ACTION",     "OBJECT", "PROJECT",
                                           "RESULT", "ADDRESS", "CREDENTIAL", NULL};
    bool follow = flag_on (cli->flags, "follow"), export = flag_on (cli->flags, "export");
    if (follow && export)
        return cli_usage (cli, "--follow and --export exclude each other");
    return follow || export ? lines (cli, follow)
                            : list_items (cli, filtered (cli, "/audit"), headings, add_entry);
}

static const flag_t flags[] = {
    {.name = "follow", .kind = FLAG_SWITCH, .letter = 'f', .doc = "Print what people do from now on."},
    {.name = "export", .kind = FLAG_SWITCH, .doc = "Print all entries as lines of JSON, the oldest first."},
    {.name = "actor", .kind = FLAG_TEXT, .metavar = "NAME", .doc = "Only what this person did."},
    {.name = "action",
     .kind = FLAG_TEXT,
     .metavar = "ACTION",
     .doc = "Only this action: secret_set, run_cancel."},
    {.name = "object", .kind = FLAG_TEXT, .metavar = "ID", .doc = "Only what was done to this id or name."},
    {.name = "project", .kind = FLAG_TEXT, .metavar = "PROJECT", .doc = "Only what belongs to this project."},
    {.name = "result",
     .kind = FLAG_TEXT,
     .metavar = "RESULT",
     .doc = "Only with this result: OK, FORBIDDEN, or `refused` for all but OK."},
    {.name = "since", .kind = FLAG_TEXT, .metavar = "TIME", .doc = "Not before: 2026-01-31T08:00:00Z."},
    {.name = "until", .kind = FLAG_TEXT, .metavar = "TIME", .doc = "Before this time."},
    FLAGS_PAGE,
    {.name = "json",
     .kind = FLAG_SWITCH,
     .doc = "In JSON: the server's answer, or with --follow an entry a line."},
    {.name = NULL}};

const command_t command_audit = {
    .name = "audit",
    .group = GROUP_TOKENS,
    .usage = "[OPTIONS]",
    .summary = "Show what people did: who, what, from where, with which token.",
    .help = "The latest first. For an ADMIN. Nothing but its age removes an entry (audit_retention_days).\n",
    .examples = "opencicd audit --actor ada --since 2026-01-31T08:00:00Z\n"
                "opencicd audit --export > audit.jsonl\n"
                "opencicd audit --follow --result refused\n",
    .programs = CLIENT,
    .flags = flags,
    .run = audit};
