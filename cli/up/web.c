/* web.c - `opencicd web`: a link that opens the web pages, signed in. The token itself never reaches the browser. */

#include "cli/up/web.h"

#include "cli/server/server.h"

#include <stdio.h>

#define MOST_MINUTES 1440

fault_t web_link (client_t *client, turn_t *turn, uint32_t minutes, const char **out)
{
    answer_t answer;
    const char *body = minutes ? arena_printf (turn->arena, "{\"ttl_seconds\":%u}", minutes * 60) : "{}";
    TRY (client_ask (client, turn, "POST", "/session/links", body, &answer));
    *out = arena_printf (turn->arena, "%s/sign-in#%s", client_url (client),
                         value_get_text (answer.json, "code"));
    return OK;
}

static int web (cli_t *cli)
{
    client_t *client;
    const char *link;
    int64_t minutes = flag_number (cli->flags, "minutes", 0);
    if (minutes > MOST_MINUTES)
        return cli_usage (cli, "--minutes: at most %d", MOST_MINUTES);
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault == OK)
        fault = web_link (client, cli->turn, (uint32_t) minutes, &link);
    client_destroy (&client);
    if (fault != OK)
        return cli_fail (cli, fault);
    printf ("%s\n", link);
    return CLI_OK;
}

static const flag_t web_flags[] = {{.name = "minutes",
                                    .kind = FLAG_NUMBER,
                                    .metavar = "N",
                                    .doc = "How many minutes the link is valid, up to 1440. Default: 15."},
                                   {.name = NULL}};

const command_t command_web = {
    .name = "web",
    .group = GROUP_SERVER,
    .usage = "[--minutes N]",
    .summary = "Print a link that opens the web pages, signed in.",
    .help = "The first browser that opens it is signed in as you, for up to 30 days; the link works once.\n",
    .examples = "xdg-open \"$(opencicd web)\"\n",
    .programs = CLIENT,
    .flags = web_flags,
    .run = web};
