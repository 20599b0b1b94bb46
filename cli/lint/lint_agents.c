/* lint_agents.c - the server's agents and their labels, for the rule that holds `runs-on` against them. */

#include "cli/lint/lint.h"
#include "cli/server/server.h"

#define PAGES_MAX 100 // Of 200 agents

static lint_agent_t agent_of (arena_t *arena, const value_t *row)
{
    const value_t *const *items;
    size_t count = items_of (row, "labels", &items);
    const char **labels = arena_array (arena, count, sizeof (char *));
    for (size_t i = 0; i < count; i++)
        labels[i] = value_to_text (arena, items[i]);
    return (lint_agent_t){.labels = labels, .count = count};
}

static int read_pages (cli_t *cli, client_t *client, lint_options_t *options)
{
    arena_t *arena = cli->turn->arena;
    lint_agent_t *agents = NULL;
    size_t count = 0, capacity = 0;
    const char *path = "/agents?limit=200";
    // All of them, because one agent that is missing here would make a false warning
    for (int page = 0; page < PAGES_MAX && path; page++) {
        const value_t *answer, *const *items;
        int status = server_ask_on (cli, client, "GET", path, NULL, &answer);
        if (!answer)
            return status;
        size_t more = items_of (answer, "items", &items);
        for (size_t i = 0; i < more; i++) {
            agents = arena_grow (arena, agents, count, &capacity, sizeof (lint_agent_t));
            agents[count++] = agent_of (arena, items[i]);
        }
        const char *next = value_get_text (answer, "next");
        path = *next ? path_with (cli, "/agents?limit=200", "cursor", next) : NULL;
    }
    options->agents_known = true;
    options->agents = agents;
    options->agent_count = count;
    return CLI_OK;
}

int lint_agents (cli_t *cli, lint_options_t *options)
{
    client_t *client;
    fault_t fault = client_new (&client, cli->turn, cli->settings);
    if (fault != OK)
        return cli_fail (cli, fault);
    int status = read_pages (cli, client, options);
    client_destroy (&client);
    return status;
}
