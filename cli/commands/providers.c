/* providers.c - `opencicd providers set|list|show|remove`: the OpenID providers by which people sign in. */

#include "cli/files/input.h"
#include "cli/show/listing.h"

#include <stdio.h>

static void print_texts (const cli_t *cli, const char *label, const value_t *provider, const char *key)
{
    const value_t *const *items;
    size_t count = items_of (provider, key, &items);
    for (size_t i = 0; i < count; i++)
        printf ("%-12s %s\n", i ? "" : label, paint_safe (cli->turn->arena, items[i]->string.text));
}

static void print_provider (const cli_t *cli, const value_t *provider)
{
    static const struct {
        const char *label, *key;
    } rows[] = {{"Button", "label"},
                {"Issuer", "issuer"},
                {"Client", "client_id"},
                {"Redirect", "redirect_url"},
                {"Scopes", "scopes"},
                {"Groups claim", "groups_claim"},
                {"Id", "id"}};
    arena_t *arena = cli->turn->arena;
    printf ("%s\n", paint (arena, cli->colour, BOLD, value_get_text (provider, "name")));
    for (size_t i = 0; i < sizeof (rows) / sizeof (*rows); i++)
        if (*value_get_text (provider, rows[i].key))
            printf ("%-12s %s\n", rows[i].label, paint_safe (arena, value_get_text (provider, rows[i].key)));
    print_texts (cli, "Groups", provider, "groups");
    printf ("%-12s %s\n", "Secret", bool_of (provider, "has_secret") ? "yes" : "none");
    printf ("%-12s %s\n", "New people",
            bool_of (provider, "create")
                ? arena_printf (arena, "get an account, %s", value_get_text (provider, "role"))
                : "are refused");
}

static int set (cli_t *cli)
{
    const value_t *provider;
    const char *secret = "";
    arena_t *arena = cli->turn->arena;
    value_t *body = value_object (arena), *groups = value_array (arena);
    args_t given = flag_list (cli->flags, "group");
    if (!flag_on (cli->flags, "no-secret")) {
        fault_t fault = input_value (cli->turn, "the client secret", &secret);
        if (fault)
            return cli_fail (cli, fault);
    }
    for (size_t i = 0; i < given.count; i++)
        value_push (arena, groups, value_string (arena, given.items[i]));
    body_text (cli, body, "issuer", flag_text (cli->flags, "issuer"));
    body_text (cli, body, "client_id", flag_text (cli->flags, "client-id"));
    body_text (cli, body, "label", flag_text (cli->flags, "label"));
    body_text (cli, body, "scopes", flag_text (cli->flags, "scopes"));
    body_text (cli, body, "groups_claim", flag_text (cli->flags, "groups-claim"));
    body_text (cli, body, "role", flag_text (cli->flags, "role"));
    value_set (arena, body, "client_secret", value_string (arena, secret));
    value_set (arena, body, "groups", groups);
    value_set (arena, body, "create", value_bool (flag_on (cli->flags, "create")));
    value_set (arena, body, "private_networks", value_bool (flag_on (cli->flags, "private-networks")));
    int status = server_ask (cli, "PUT", path_of (cli, "/providers/%s", cli->args.items[0]),
                             body_json (cli, body), &provider);
    if (provider)
        print_provider (cli, provider);
    return status;
}

static const flag_t set_flags[] = {
    {.name = "issuer",
     .kind = FLAG_TEXT,
     .metavar = "URL",
     .doc = "As its discovery document says it. Of a new one."},
    {.name = "client-id",
     .kind = FLAG_TEXT,
     .metavar = "ID",
     .doc = "As it knows this server. Of a new one."},
    {.name = "label", .kind = FLAG_TEXT, .metavar = "TEXT", .doc = "What its button says. Default: NAME."},
    {.name = "scopes",
     .kind = FLAG_TEXT,
     .metavar = "TEXT",
     .doc = "What it is asked for. Default: openid profile email."},
    {.name = "groups-claim",
     .kind = FLAG_TEXT,
     .metavar = "CLAIM",
     .doc = "The claim of its ID token that lists groups."},
    {.name = "group",
     .kind = FLAG_LIST,
     .metavar = "[ITS=]GROUP",
     .doc = "A group here that members of the one of that name, or of ITS, are in; may be repeated."},
    {.name = "create", .kind = FLAG_SWITCH, .doc = "Whoever it knows and nobody here does gets an account."},
    {.name = "role",
     .kind = FLAG_TEXT,
     .metavar = "ROLE",
     .doc = "What such an account may everywhere: MEMBER (default), VIEWER, DEVELOPER or MAINTAINER."},
    {.name = "private-networks",
     .kind = FLAG_SWITCH,
     .doc = "It may be on this machine or in a private network."},
    {.name = "no-secret",
     .kind = FLAG_SWITCH,
     .doc = "Read none: it stays as it is, and a new provider has a public client."},
    FLAG_JSON,
    {.name = NULL}};

const command_t command_providers_set = {
    .name = "providers set",
    .group = GROUP_PEOPLE,
    .usage = "[OPTIONS] NAME < CLIENT-SECRET",
    .summary = "Add an OpenID provider by which people sign in, or change it.",
    .help =
        "The client secret is read from standard input, stored encrypted, and never shown. The provider is asked for its\n"
        "discovery document first. Register the redirect address that is printed there. What is not given is set to its\n"
        "default, but for the issuer, the client and its secret.\n",
    .examples =
        "opencicd providers set acme --issuer https://login.acme.org --client-id ci --create < secret\n",
    .programs = CLIENT,
    .flags = set_flags,
    .min_args = 1,
    .max_args = 1,
    .run = set};

static int list (cli_t *cli)
{
    static const char *const headings[] = {"NAME", "BUTTON", "ISSUER", "CLIENT", "NEW PEOPLE", NULL};
    const value_t *page, *const *items;
    int status = server_ask (cli, "GET", "/providers", NULL, &page);
    if (!page)
        return status;
    table_t *table = table_new (cli->turn->arena, headings);
    size_t count = items_of (page, "items", &items);
    for (size_t i = 0; i < count; i++) {
        table_row (table);
        table_cell (table, BOLD, value_get_text (items[i], "name"));
        table_cell (table, PLAIN, value_get_text (items[i], "label"));
        table_cell (table, PLAIN, value_get_text (items[i], "issuer"));
        table_cell (table, PLAIN, value_get_text (items[i], "client_id"));
        table_cell (table, PLAIN,
                    bool_of (items[i], "create") ? value_get_text (items[i], "role") : "refused");
    }
    table_print (table, stdout, cli->colour);
    return status;
}

const command_t command_providers_list = {.name = "providers list",
                                          .group = GROUP_PEOPLE,
                                          .usage = "[--json]",
                                          .summary = "List the OpenID providers by which people sign in.",
                                          .programs = CLIENT,
                                          .flags = flags_json,
                                          .run = list};

static int show (cli_t *cli)
{
    const value_t *provider;
    int status = server_ask (cli, "GET", path_of (cli, "/providers/%s", cli->args.items[0]), NULL, &provider);
    if (provider)
        print_provider (cli, provider);
    return status;
}

const command_t command_providers_show = {.name = "providers show",
                                          .group = GROUP_PEOPLE,
                                          .usage = "[--json] PROVIDER",
                                          .summary = "Show one of them.",
                                          .programs = CLIENT,
                                          .flags = flags_json,
                                          .min_args = 1,
                                          .max_args = 1,
                                          .run = show};

static int remove_provider (cli_t *cli)
{
    return remove_item (cli, "providers", "removed");
}

const command_t command_providers_remove = {
    .name = "providers remove",
    .group = GROUP_PEOPLE,
    .usage = "[--json] PROVIDER",
    .summary = "Remove one: nobody signs in by it any more.",
    .help =
        "Who has no other way to sign in needs a password: opencicd users reset. Added again, identities of its issuer work\n"
        "again.\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = remove_provider};
