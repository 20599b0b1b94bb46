/* agents.c - `opencicd agents`: the agents that run jobs. */

#include "cli/show/listing.h"
#include "cli/terminal/format.h"
#include "common/base/clock.h"

#include <inttypes.h>

static const char *state_of (const cli_t *cli, const value_t *agent)
{
    const char *state = value_get_text (agent, "state");
    return bool_of (agent, "draining") ? arena_printf (cli->turn->arena, "%s, draining", state) : state;
}

// Empty for one that registered a moment ago: it was not there to be busy or idle.
static const char *load_of (const cli_t *cli, const value_t *agent)
{
    int64_t seconds = number_of (agent, "load_seconds");
    return seconds > 0
               ? arena_printf (cli->turn->arena, "%" PRId64 " %% of %s", number_of (agent, "load_percent"),
                               duration_text (cli->turn->arena, SECONDS (seconds)))
               : "";
}

// "site #12 build"
static const char *job_of (const cli_t *cli, const value_t *agent)
{
    const char *name = value_get_text (agent, "job_name"), *project = value_get_text (agent, "job_project");
    return *project ? arena_printf (cli->turn->arena, "%s #%" PRId64 " %s", project,
                                    number_of (agent, "job_run_number"), name)
                    : value_get_text (agent, "job_id");
}

static void add_agent (const cli_t *cli, table_t *table, const value_t *item)
{
    table_cell (table, BOLD, value_get_text (item, "name"));
    table_cell (table, paint_of_result (value_get_text (item, "state")), state_of (cli, item));
    table_cell (table, PLAIN, load_of (cli, item));
    table_cell (table, PLAIN, job_of (cli, item));
    table_cell (table, PLAIN, list_text (cli, item, "labels"));
    table_cell (table, PLAIN, ago (cli, item, "seen_at"));
    table_cell (table, PLAIN, value_get_text (item, "version"));
}

static int list (cli_t *cli)
{
    static const char *const headings[] = {"AGENT",  "STATE",     "BUSY",    "JOB",
                                           "LABELS", "LAST SEEN", "VERSION", NULL};
    return list_items (cli, "/agents?load=true", headings, add_agent);
}

const command_t command_agents = {.name = "agents",
                                  .group = GROUP_AGENTS,
                                  .usage = "[OPTIONS]",
                                  .summary =
                                      "List agents: their state, how busy they were, their job and labels.",
                                  .programs = CLIENT,
                                  .flags = flags_list,
                                  .run = list};

static void show_agent_text (const cli_t *cli, const value_t *agent)
{
    static const char *const none[] = {NULL};
    arena_t *arena = cli->turn->arena;
    const char *system =
        arena_printf (arena, "%s %s", value_get_text (agent, "os"), value_get_text (agent, "arch"));
    const char *why = value_get_text (agent, "not_isolated");
    const char *isolation = *why ? arena_printf (arena, "none: %s", why) : "";
    const char *rows[][2] = {{"Agent", value_get_text (agent, "name")},
                             {"State", state_of (cli, agent)},
                             {"Drained", ago (cli, agent, "drained_at")},
                             {"Busy", load_of (cli, agent)},
                             {"Job", job_of (cli, agent)},
                             {"Labels", list_text (cli, agent, "labels")},
                             {"System", system},
                             {"Isolation", isolation},
                             {"Version", value_get_text (agent, "version")},
                             {"Address", value_get_text (agent, "url")},
                             {"Last seen", ago (cli, agent, "seen_at")},
                             {"Since", ago (cli, agent, "registered_at")},
                             {"Id", value_get_text (agent, "id")}};
    table_t *table = table_new (arena, none);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        table_row (table);
        table_cell (table, BOLD, rows[i][0]);
        table_cell (table, PLAIN, rows[i][1]);
    }
    table_print (table, stdout, cli->colour);
}

static void add_last_job (const cli_t *cli, table_t *table, const value_t *job)
{
    const char *result = result_of (job);
    table_cell (table, PLAIN, value_get_text (job, "name"));
    table_cell (table, paint_of_result (result), result);
    table_cell (table, PLAIN, took (cli, job));
    table_cell (table, PLAIN, ago (cli, job, "started_at"));
    table_cell (table, DIM, value_get_text (job, "id"));
}

static void show_last_jobs (const cli_t *cli, const value_t *page)
{
    static const char *const headings[] = {"LAST JOBS", "RESULT", "TIME", "STARTED", "ID", NULL};
    const value_t *const *jobs;
    if (items_of (page, "items", &jobs)) {
        printf ("\n");
        list_table (cli, page, "items", headings, add_last_job);
    }
}

static int show_on (cli_t *cli, client_t *client)
{
    const value_t *agent, *jobs;
    int status =
        server_ask_on (cli, client, "GET", path_of (cli, "/agents/%s", cli->args.items[0]), NULL, &agent);
    if (!agent)
        return status;
    show_agent_text (cli, agent);
    // By its id: the name that was asked for may be another agent's by now
    status =
        server_ask_on (cli, client, "GET",
                       path_of (cli, "/jobs?limit=10&agent=%s", value_get_text (agent, "id")), NULL, &jobs);
    if (jobs)
        show_last_jobs (cli, jobs);
    return status;
}

static int show (cli_t *cli)
{
    return server_show (cli, path_of (cli, "/agents/%s", cli->args.items[0]), show_on);
}

const command_t command_agents_show = {
    .name = "agents show",
    .group = GROUP_AGENTS,
    .usage = "[--json] AGENT",
    .summary = "Show an agent: its state, how busy it was, its job, labels, address and last jobs.",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = show};

static int change (cli_t *cli, const char *path)
{
    const value_t *agent;
    int status = server_ask (cli, "POST", path_of (cli, path, cli->args.items[0]), NULL, &agent);
    if (agent)
        printf ("%s: %s%s\n", value_get_text (agent, "name"), state_of (cli, agent),
                bool_of (agent, "draining") && *value_get_text (agent, "job_id") ? ", ends its job first"
                                                                                 : "");
    return status;
}

static int drain (cli_t *cli)
{
    return change (cli, "/agents/%s/drain");
}

const command_t command_agents_drain = {
    .name = "agents drain",
    .group = GROUP_AGENTS,
    .usage = "[--json] AGENT",
    .summary = "Give an agent no other job; the one it has goes on.",
    .help = "AGENT is a name or an id. It stays drained, also when it is restarted, until it is resumed.\n",
    .examples =
        "opencicd agents drain old-laptop\nopencicd agents show old-laptop\nopencicd agents resume old-laptop\n",
    .programs = CLIENT,
    .flags = flags_json,
    .min_args = 1,
    .max_args = 1,
    .run = drain};

static int resume (cli_t *cli)
{
    return change (cli, "/agents/%s/resume");
}

const command_t command_agents_resume = {.name = "agents resume",
                                         .group = GROUP_AGENTS,
                                         .usage = "[--json] AGENT",
                                         .summary = "Give a drained agent jobs again.",
                                         .examples = "opencicd agents resume old-laptop\n",
                                         .programs = CLIENT,
                                         .flags = flags_json,
                                         .min_args = 1,
                                         .max_args = 1,
                                         .run = resume};

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
