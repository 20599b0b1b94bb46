/* agents.c - `opencicd agents`: the agents that run jobs. */

#include "cli/show/listing.h"

static void add_agent (const cli_t *cli, table_t *table, const value_t *item)
{
    const char *state = value_get_text (item, "state");
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, paint_of_result (state), state);
    table_cell (table, PLAIN, value_get_text (item, "job_id"));
    table_cell (table, PLAIN, list_text (cli, item, "labels"));
    table_cell (table, PLAIN, ago (cli, item, "seen_at"));
    table_cell (table, PLAIN, value_get_text (item, "version"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"AGENT", "STATE", "JOB", "LABELS", "LAST SEEN", "VERSION", NULL};
    return list_items (cli, "/agents", headings, add_agent);
}

const command_t command_agents = {.name = "agents",
                                  .group = GROUP_AGENTS,
                                  .usage = "[OPTIONS]",
                                  .summary = "List agents, their state and labels.",
                                  .programs = CLIENT,
                                  .flags = flags_list,
                                  .run = list};

static int show (cli_t *cli)
{
    const value_t *agent;
    int status = server_ask (cli, "GET", path_of (cli, "/agents/%s", cli->args.items[0]), NULL, &agent);
    if (!agent)
        return status;
    static const char *const none[] = {NULL};
    const char *rows[][2] = {{"Agent", value_get_text (agent, "name")},
                             {"State", value_get_text (agent, "state")},
                             {"Job", value_get_text (agent, "job_id")},
                             {"Labels", list_text (cli, agent, "labels")},
                             {"System", arena_printf (cli->turn->arena, "%s %s", value_get_text (agent, "os"),
                                                      value_get_text (agent, "arch"))},
                             {"Version", value_get_text (agent, "version")},
                             {"Address", value_get_text (agent, "url")},
                             {"Last seen", ago (cli, agent, "seen_at")},
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
                                       .group = GROUP_AGENTS,
                                       .usage = "[--json] AGENT",
                                       .summary = "Show an agent: its state, job, labels and address.",
                                       .programs = CLIENT,
                                       .flags = flags_json,
                                       .min_args = 1,
                                       .max_args = 1,
                                       .run = show};

static int forget (cli_t *cli)
{
    return remove_item (cli, "agents", "removed");
}

const command_t command_agents_remove = {
    .name = "agents remove",
    .group = GROUP_AGENTS,
    .usage = "[--json] AGENT",
    .summary = "Remove an agent and revoke its token.",
    .help = "AGENT is a name or an id. A job that it is running returns to the queue.\n",
    .examples = "opencicd agents remove old-laptop\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = forget};
