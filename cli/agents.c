/* agents.c - `opencicd agents`: who runs jobs here. */

#include "cli/show.h"
#include "cli/table.h"

static const flag_t json_flags[] = {FLAG_JSON, {.name = NULL}};
static const flag_t list_flags[] = {FLAGS_PAGE, FLAG_JSON, {.name = NULL}};

static int list (cli_t *cli)
{
    static const char *const headings[] = {"AGENT", "STATE", "JOB", "LABELS", "HEARD OF", "VERSION", NULL};
    const value_t *page, *const *items;
    int status = server_list (cli, "/agents", &page);
    if (!page)
        return status;
    table_t *table = table_new (cli->turn->arena, headings);
    size_t count = items_of (page, "items", &items);
    for (size_t i = 0; i < count; i++) {
        const char *state = value_get_text (items[i], "state");
        table_row (table);
        table_cell (table, BOLD, value_get_text (items[i], "name"));
        table_cell (table, paint_of_result (state), state);
        table_cell (table, PLAIN, value_get_text (items[i], "job_id"));
        table_cell (table, PLAIN, words_of_list (cli, items[i], "labels"));
        table_cell (table, PLAIN, ago (cli, items[i], "seen_at"));
        table_cell (table, PLAIN, value_get_text (items[i], "version"));
    }
    table_print (table, stdout, cli->colour);
    server_more (cli, page);
    return status;
}

const command_t command_agents = {.name = "agents",
                                  .usage = "[OPTIONS]",
                                  .summary = "List the agents.",
                                  .programs = CLIENT,
                                  .flags = list_flags,
                                  .run = list};

static int show (cli_t *cli)
{
    const value_t *agent;
    int status = server_ask (cli, "GET", path_of (cli, "/agents/%s", cli->words.items[0]), NULL, &agent);
    if (!agent)
        return status;
    static const char *const none[] = {NULL};
    const char *rows[][2] = {{"Agent", value_get_text (agent, "name")},
                             {"State", value_get_text (agent, "state")},
                             {"Job", value_get_text (agent, "job_id")},
                             {"Labels", words_of_list (cli, agent, "labels")},
                             {"System", arena_printf (cli->turn->arena, "%s %s", value_get_text (agent, "os"),
                                                      value_get_text (agent, "arch"))},
                             {"Version", value_get_text (agent, "version")},
                             {"Address", value_get_text (agent, "url")},
                             {"Heard of", ago (cli, agent, "seen_at")},
                             {"Since", ago (cli, agent, "registered_at")},
                             {"Id", value_get_text (agent, "id")}};
    table_t *table = table_new (cli->turn->arena, none);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        table_row (table);
        table_cell (table, BOLD, rows[i][0]);
        table_cell (table, PLAIN, rows[i][1]);
    }
    table_print (table, stdout, cli->colour);
    return status;
}

const command_t command_agents_show = {.name = "agents show",
                                       .usage = "[--json] AGENT",
                                       .summary = "Show an agent.",
                                       .programs = CLIENT,
                                       .flags = json_flags,
                                       .least = 1,
                                       .most = 1,
                                       .run = show};

static int forget (cli_t *cli)
{
    const value_t *answer;
    int status = server_ask (cli, "DELETE", path_of (cli, "/agents/%s", cli->words.items[0]), NULL, &answer);
    if (answer)
        printf ("%s is removed\n", cli->words.items[0]);
    return status;
}

const command_t command_agents_remove = {.name = "agents remove",
                                         .usage = "[--json] AGENT",
                                         .summary = "Forget an agent; its token is good no more.",
                                         .programs = CLIENT,
                                         .flags = json_flags,
                                         .least = 1,
                                         .most = 1,
                                         .run = forget};
