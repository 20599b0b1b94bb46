/* users.c - `opencicd users list|show|add|change|invite|invited|uninvite|disable|enable|sign-out|remove|reset`: who may sign in, and what they may. */

#include "cli/server/endpoint.h"
#include "cli/show/listing.h"
#include "cli/terminal/prompt.h"

#include <stdio.h>
#include <string.h>

#define DAY_SECONDS 86400

#define FLAG_ROLE                                                                              \
    {                                                                                          \
        .name = "role", .kind = FLAG_TEXT, .metavar = "ROLE",                                  \
        .doc = "MEMBER, VIEWER, DEVELOPER, MAINTAINER or ADMIN. Default of a new one: VIEWER." \
    }
#define FLAG_EMAIL                                                                        \
    {                                                                                     \
        .name = "email", .kind = FLAG_TEXT, .metavar = "ADDRESS", .doc = "Their address." \
    }
#define FLAG_DISPLAY_NAME                                                                             \
    {                                                                                                 \
        .name = "display-name", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "What others call them." \
    }
#define FLAG_DAYS(text)                                                  \
    {                                                                    \
        .name = "days", .kind = FLAG_NUMBER, .metavar = "N", .doc = text \
    }

// ---- lists ----

static const char *state_of (const value_t *item)
{
    return bool_of (item, "disabled")       ? "disabled"
           : bool_of (item, "service")      ? "service"
           : bool_of (item, "has_factor")   ? "password, authenticator"
           : bool_of (item, "has_password") ? "password"
           : number_of (item, "identities") ? "provider"
                                            : "no password yet";
}

static void add_user (const cli_t *cli, table_t *table, const value_t *item)
{
    bool signed_in = time_of (item, "signed_in_at") != 0;
    table_cell (table, PLAIN, value_get_text (item, "name"));
    table_cell (table, PLAIN, value_get_text (item, "display_name"));
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, state_of (item));
    table_cell (table, PLAIN, value_get_text (item, "email"));
    table_cell (table, PLAIN, signed_in ? ago (cli, item, "signed_in_at") : "never");
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME",   "CALLED",    "ROLE", "SIGNS IN BY",
                                           "E-MAIL", "SIGNED IN", NULL};
    return list_items (cli, "/users", headings, add_user);
}

const command_t command_users_list = {.name = "users list",
                                      .group = GROUP_PEOPLE,
                                      .usage = "[OPTIONS]",
                                      .summary = "List the people who have an account.",
                                      .programs = CLIENT,
                                      .flags = flags_list,
                                      .run = list};

static void print_user (const cli_t *cli, const value_t *user)
{
    static const struct {
        const char *label, *key;
    } rows[] = {
        {"name", "name"}, {"called", "display_name"}, {"e-mail", "email"},  {"role", "role"},
        {"id", "id"},     {"made", "created_at"},     {"by", "created_by"}, {"signed in", "signed_in_at"}};
    for (size_t i = 0; i < sizeof (rows) / sizeof (*rows); i++)
        if (*value_get_text (user, rows[i].key))
            printf ("%-12s %s\n", rows[i].label,
                    paint_safe (cli->turn->arena, value_get_text (user, rows[i].key)));
    printf ("%-12s %s\n", "signs in by", state_of (user));
}

static int user_show (cli_t *cli)
{
    const value_t *user;
    int status = server_ask (cli, "GET", path_of (cli, "/users/%s", cli->args.items[0]), NULL, &user);
    if (user)
        print_user (cli, user);
    return status;
}

#define ON_USER(word, what, text, more)                               \
    const command_t command_users_##word = {.name = "users " what,    \
                                            .group = GROUP_PEOPLE,    \
                                            .usage = "[--json] USER", \
                                            .summary = text,          \
                                            .help = more,             \
                                            .programs = CLIENT,       \
                                            .flags = flags_json,      \
                                            .min_args = 1,            \
                                            .max_args = 1,            \
                                            .run = user_##word}

ON_USER (show, "show", "Show one user.", NULL);

// ---- links ----

static int print_link (cli_t *cli, const value_t *invitation, const char *what)
{
    endpoint_t endpoint;
    fault_t fault = endpoint_find (cli->turn, cli->settings, &endpoint);
    if (fault != OK)
        return cli_fail (cli, fault);
    printf ("%s/welcome#%s\n", endpoint.url, value_get_text (invitation, "code"));
    fflush (stdout);
    fprintf (stderr, "%s It works once, until %.16s; whoever has it chooses the password.\n", what,
             value_get_text (invitation, "expires_at"));
    return CLI_OK;
}

static void put_days (const cli_t *cli, value_t *body)
{
    int64_t days = flag_number (cli->flags, "days", 0);
    if (days)
        value_set (cli->turn->arena, body, "ttl_seconds",
                   value_number (cli->turn->arena, (double) days * DAY_SECONDS));
}

static int post_link (cli_t *cli, const char *path, const value_t *body, const char *what)
{
    const value_t *invitation;
    int status = server_ask (cli, "POST", path, body_json (cli, body), &invitation);
    return invitation ? print_link (cli, invitation, what) : status;
}

static int invite (cli_t *cli)
{
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "name", cli->args.count ? cli->args.items[0] : NULL);
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    body_text (cli, body, "email", flag_text (cli->flags, "email"));
    put_days (cli, body);
    return post_link (cli, "/invitations", body, "Send this link to whom you invite.");
}

static const flag_t invite_flags[] = {FLAG_ROLE,
                                      FLAG_EMAIL,
                                      FLAG_DAYS ("Days that the link is good, up to 30. Default: 7."),
                                      FLAG_JSON,
                                      {.name = NULL}};

const command_t command_users_invite = {
    .name = "users invite",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] [NAME]",
    .summary = "Print a link by which somebody makes an account.",
    .help = "Without NAME they choose it. The server sends no mail: give them the link yourself.\n",
    .examples = "opencicd users invite --role DEVELOPER ada\n",
    .programs = CLIENT,
    .flags = invite_flags,
    .max_args = 1,
    .run = invite};

static int reset (cli_t *cli)
{
    value_t *body = value_object (cli->turn->arena);
    put_days (cli, body);
    if (flag_on (cli->flags, "authenticator"))
        value_set (cli->turn->arena, body, "factor", value_bool (true));
    return post_link (cli, path_of (cli, "/users/%s/reset", cli->args.items[0]), body,
                      "Send this link to them.");
}

static const flag_t reset_flags[] = {
    {.name = "authenticator",
     .kind = FLAG_SWITCH,
     .doc = "Their authenticator and recovery codes end with the old password."},
    FLAG_DAYS ("Days that the link is good, up to 30. Default: 1."),
    FLAG_JSON,
    {.name = NULL}};

const command_t command_users_reset = {
    .name = "users reset",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] USER",
    .summary = "Print a link by which a user chooses a new password.",
    .help = "The old password works until then; to stop a user at once: opencicd users disable.\n",
    .programs = CLIENT,
    .flags = reset_flags,
    .min_args = 1,
    .max_args = 1,
    .run = reset};

static void add_invitation (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *user = value_get_text (item, "user"), *name = value_get_text (item, "name");
    table_cell (table, PLAIN, value_get_text (item, "id"));
    table_cell (table, PLAIN, *user ? "new password" : "account");
    table_cell (table, PLAIN, *user ? user : *name ? name : "(any name)");
    table_cell (table, PLAIN, value_get_text (item, "role"));
    table_cell (table, PLAIN, value_get_text (item, "created_by"));
    table_cell (table, PLAIN, arena_printf (cli->turn->arena, "%.16s", value_get_text (item, "expires_at")));
}

static int invited (cli_t *cli)
{
    static const char *const headings[] = {"ID", "FOR", "OF", "ROLE", "BY", "EXPIRES", NULL};
    return list_items (cli, "/invitations", headings, add_invitation);
}

const command_t command_users_invited = {.name = "users invited",
                                         .group = GROUP_PEOPLE,
                                         .usage = "[OPTIONS]",
                                         .summary = "List the links that nobody has used yet.",
                                         .programs = CLIENT,
                                         .flags = flags_list,
                                         .run = invited};

static int uninvite (cli_t *cli)
{
    return remove_item (cli, "invitations", "taken back");
}

const command_t command_users_uninvite = {.name = "users uninvite",
                                          .group = GROUP_PEOPLE,
                                          .usage = "[--json] INVITATION",
                                          .summary = "Take such a link back.",
                                          .help = "INVITATION is its id, from `opencicd users invited`.\n",
                                          .programs = CLIENT,
                                          .flags = flags_json,
                                          .min_args = 1,
                                          .max_args = 1,
                                          .run = uninvite};

// ---- making and changing ----

static int add (cli_t *cli)
{
    const value_t *user;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "name", cli->args.items[0]);
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    body_text (cli, body, "email", flag_text (cli->flags, "email"));
    body_text (cli, body, "display_name", flag_text (cli->flags, "display-name"));
    if (flag_on (cli->flags, "password")) {
        const char *password;
        fault_t fault = prompt_line (cli->turn, "Their password", true, &password);
        if (fault != OK)
            return cli_fail (cli, fault);
        body_text (cli, body, "password", password);
    }
    int status = server_ask (cli, "POST", "/users", body_json (cli, body), &user);
    if (user)
        printf ("%s is added%s\n", value_get_text (user, "name"),
                bool_of (user, "has_password") ? "" : "; for a password: opencicd users reset");
    return status;
}

static const flag_t add_flags[] = {FLAG_ROLE,
                                   FLAG_EMAIL,
                                   FLAG_DISPLAY_NAME,
                                   {.name = "password",
                                    .kind = FLAG_SWITCH,
                                    .doc = "Ask for their password, or read it from standard input."},
                                   FLAG_JSON,
                                   {.name = NULL}};

const command_t command_users_add = {
    .name = "users add",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] NAME",
    .summary = "Make an account for somebody.",
    .help =
        "NAME is how they sign in and what runs and logs call them; it never changes. Mostly `opencicd users invite` is better:\n"
        "then nobody else knows the password.\n",
    .programs = CLIENT,
    .flags = add_flags,
    .min_args = 1,
    .max_args = 1,
    .run = add};

static int change (cli_t *cli)
{
    const value_t *user;
    value_t *body = value_object (cli->turn->arena);
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    body_text (cli, body, "email", flag_text (cli->flags, "email"));
    body_text (cli, body, "display_name", flag_text (cli->flags, "display-name"));
    int status = server_ask (cli, "PATCH", path_of (cli, "/users/%s", cli->args.items[0]),
                             body_json (cli, body), &user);
    if (user)
        print_user (cli, user);
    return status;
}

static const flag_t change_flags[] = {FLAG_ROLE, FLAG_EMAIL, FLAG_DISPLAY_NAME, FLAG_JSON, {.name = NULL}};

const command_t command_users_change = {.name = "users change",
                                        .group = GROUP_PEOPLE,
                                        .usage = "[OPTIONS] USER",
                                        .summary = "Change what a user may, or is called.",
                                        .help = "Another role ends their sessions.\n",
                                        .programs = CLIENT,
                                        .flags = change_flags,
                                        .min_args = 1,
                                        .max_args = 1,
                                        .run = change};

static int act (cli_t *cli, const char *verb, const char *done)
{
    const value_t *user;
    const char *name = cli->args.items[0];
    const char *path = arena_printf (cli->turn->arena, "%s/%s", path_of (cli, "/users/%s", name), verb);
    int status = server_ask (cli, "POST", path, "{}", &user);
    if (user)
        printf ("%s is %s\n", name, done);
    return status;
}

static int user_disable (cli_t *cli)
{
    return act (cli, "disable", "disabled");
}

static int user_enable (cli_t *cli)
{
    return act (cli, "enable", "enabled");
}

static int user_sign_out (cli_t *cli)
{
    return act (cli, "sign-out", "signed out everywhere");
}

static int user_remove (cli_t *cli)
{
    return remove_item (cli, "users", "removed");
}

ON_USER (disable, "disable", "Disable a user: neither they nor their tokens may do anything.",
         "Their sessions end.\n");
ON_USER (enable, "enable", "Enable a user again.", NULL);
ON_USER (sign_out, "sign-out", "End all sessions of a user.", NULL);
ON_USER (remove, "remove", "Remove a user with their tokens.",
         "The name is not given to anybody again. Somebody who may come back is rather disabled.\n");
