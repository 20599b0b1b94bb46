/* run_server.c - see run_server.h. */

#include "cli/run/run_server.h"

#include "cli/files/run_folder.h"
#include "cli/run/run_labels.h"
#include "cli/server/server.h"
#include "common/base/log.h"
#include "common/os/folder.h"
#include "common/os/git_source.h"
#include "workflow/plan/context.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGENTS_MAX       64                         // --agents: jobs at once, each a process of its own
#define SOURCES          "forge,https://github.com" // As the setting's default
#define SHUTDOWN_SECONDS 5 // For what is left of a job that did not end when it was asked to

// As an agent's setting of this name says, but that `forge` is where the working tree came from: the project of this server is a folder of ours.
static const char *action_sources (arena_t *arena, const working_tree_t *tree)
{
    const char *given = getenv ("OPENCICD_ACTION_SOURCES"), *list = "";
    const char *forge = git_source_forge (arena, tree->remote, tree->repository);
    char *save = NULL, *all = arena_strdup (arena, given && *given ? given : SOURCES);
    if (forge && *forge != '/' &&
        !strchr (forge, ':')) // "../mirrors": relative to a folder that nobody names
        forge = NULL;
    for (char *at = strtok_r (all, GIT_SOURCE_SEPARATORS, &save); at;
         at = strtok_r (NULL, GIT_SOURCE_SEPARATORS, &save)) {
        const char *source = git_source_is_forge (at) ? forge : at;
        if (source)
            list = arena_printf (arena, "%s%s%s", list, *list ? "," : "", source);
    }
    return list;
}

// What an agent's git reads, the server's may read here, too.
static const char *given_config (void)
{
    const char *given = getenv ("OPENCICD_ACTION_GIT_CONFIG");
    return given ? given : "";
}

#define NO_ID_TOKENS 1 // Nobody can reach this server to verify one

// The client's settings, and for the rest none that the user has for a server of their own.
static void set_up (run_server_t *self, const cli_t *cli)
{
    arena_t *arena = cli->turn->arena;
    self->settings = *cli->settings;
    settings_t *settings = &self->settings;
    settings->data_dir = self->folder;
    settings->given[SETTING_data_dir] = true;
    // Or the commands of this run would go to the user's own server
    settings->given[SETTING_url] = settings->given[SETTING_token] = settings->given[SETTING_token_file] =
        false;
    settings->token = settings->token_file = settings->public_url = settings->database_url = "";
    settings->listen = "127.0.0.1:0";
    settings->id_tokens = NO_ID_TOKENS;
    settings->blob_url = arena_printf (arena, "dir:%s/blobs", self->folder);
    settings->secret_key_file = arena_printf (arena, "%s/secret.key", self->folder);
    settings->http_threads = 8;
    settings->agents = (uint32_t) flag_number (cli->flags, "agents", 1);
    settings->isolation = local_agents_isolation (flag_text (cli->flags, "isolation"));
    settings->shutdown_seconds = SHUTDOWN_SECONDS;
    settings->variables_file = self->values.variables;
    settings->action_sources = action_sources (arena, self->tree);
    settings->scm_git_config = given_config ();
    if (!settings_given (settings, log_level))
        settings->log_level = LEVEL_ERROR;
}

// Without what configures an agent of the user's own.
static const char *const *agent_environment (arena_t *arena)
{
    static const char *const kept[] = {"OPENCICD_ACTION_", "OPENCICD_NODE_FOLDERS", "OPENCICD_DOCKER_HOST",
                                       "OPENCICD_CONTAINER_"};
    size_t count = 0, used = 0;
    while (environ[count])
        count++;
    const char **list = arena_array (arena, count + 1, sizeof (char *));
    for (size_t i = 0; i < count; i++) {
        bool ours = strncmp (environ[i], "OPENCICD_", 9) == 0;
        for (size_t j = 0; j < sizeof kept / sizeof kept[0]; j++)
            ours = ours && strncmp (environ[i], kept[j], strlen (kept[j])) != 0;
        if (!ours)
            list[used++] = environ[i];
    }
    return list;
}

// What a job installs or fetches for the next time is kept beside the runs: actions for all, tools for each agent.
static fault_t keep_tools (const run_server_t *self, turn_t *turn)
{
    for (uint32_t i = 1; i <= self->settings.agents; i++) {
        const char *tools = arena_printf (turn->arena, "%s/tools/%u", run_cache (turn->arena), i);
        const char *agent = arena_printf (turn->arena, "%s/agents/%u", self->folder, i);
        TRY (folder_make (turn, tools));
        TRY (folder_make (turn, agent));
        if (symlink (tools, arena_printf (turn->arena, "%s/tools", agent)) != 0)
            return turn_fail (turn, BROKEN, "%s/tools: %m", agent);
    }
    return OK;
}

// Runs are by whoever runs them, not by an administrator.
static fault_t sign_on (run_server_t *self, const cli_t *cli)
{
    turn_t *turn = cli->turn;
    answer_t answer;
    value_t *body = value_object (turn->arena);
    const char *user = getenv ("USER");
    TRY (client_new (&self->client, turn, &self->settings));
    if (!user || !*user)
        return OK;
    body_text (cli, body, "name", arena_printf (turn->arena, "%.64s", user));
    body_text (cli, body, "role", "ADMIN");
    TRY (client_ask (self->client, turn, "POST", "/tokens", body_json (cli, body), &answer));
    self->settings.token = value_get_text (answer.json, "token");
    self->settings.given[SETTING_token] = true;
    client_destroy (&self->client);
    return client_new (&self->client, turn, &self->settings);
}

static fault_t start (run_server_t *self, cli_t *cli)
{
    turn_t *turn = cli->turn;
    const working_tree_t *tree = self->tree;
    const char **args = arena_array (turn->arena, LOCAL_AGENTS_ARGS + 1, sizeof (char *));
    const char *resume = flag_text (cli->flags, "resume-from");
    const char *const given[] = {
        "--log-level",
        settings_given (&self->settings, log_level) ? "warn" : "error",
        "--with-parent", // A run that is killed must not leave agents
        "--parked",      // It ends at once, and needs no port
        "--shutdown-seconds",
        "1",
        "--lost-server-seconds",
        "10",
        "--action-cache",
        arena_printf (turn->arena, "%s/actions", run_cache (turn->arena)),
        "--action-sources",
        self->settings.action_sources,
        "--caches",
        arena_printf (turn->arena, "%s/caches/%.0f", run_cache (turn->arena), context_number (tree->root)),
        "--keep-failed",
        self->kept,
        "--resume-from",
        resume ? resume : "",
        "--show", // The commit that runs, and what its repository borrows
        arena_printf (turn->arena, "%s/git%s%s", self->folder, tree->git ? ":" : "",
                      tree->git ? tree->common : ""),
        *self->values.secrets ? "--secrets-file" : NULL,
        self->values.secrets};
    memcpy (args, given, sizeof given);
    const local_agents_spec_t agents = {
        .labels = run_labels (cli), .args = args, .environment = agent_environment (turn->arena)};
    TRY (keep_tools (self, turn));
    TRY (embedded_start (&self->server, turn, &self->settings, &agents));
    return sign_on (self, cli);
}

fault_t run_server_start (run_server_t *self, cli_t *cli, const char *folder, const char *kept,
                          const working_tree_t *tree)
{
    int64_t agents = flag_number (cli->flags, "agents", 1);
    *self = (run_server_t){.folder = folder, .kept = kept, .tree = tree};
    if (agents < 1 || agents > AGENTS_MAX)
        return turn_fail (cli->turn, BAD_INPUT, "--agents: from 1 to %d", AGENTS_MAX);
    TRY (run_values_write (cli, folder, &self->values));
    set_up (self, cli);
    return start (self, cli);
}

void run_server_nudge (run_server_t *self)
{
    if (self->server)
        embedded_nudge (self->server);
}

void run_server_stop (run_server_t *self)
{
    client_destroy (&self->client);
    embedded_stop (&self->server);
}
