/* command.h - a command of `opencicd`: a row with its name, its help, its flags and its function.
 *
 * A new command is a file with a `const command_t command_NAME` and its name in COMMANDS (main.c, help and the list of commands
 * follow). A command prints its result on standard output, everything else on standard error, and returns an exit
 * status of the table below. */

#ifndef OPENCICD_CLI_COMMAND_COMMAND_H
#define OPENCICD_CLI_COMMAND_COMMAND_H

#include "cli/command/flag.h"
#include "cli/terminal/paint.h"
#include "common/base/turn.h"
#include "common/settings/settings.h"

// Exit statuses.
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,       // What was asked about failed, is not there, or has errors
    CLI_USAGE = 2,        // The command line is wrong
    CLI_SERVER = 3,       // The server cannot be reached, or refuses us
    CLI_INTERRUPTED = 130 // Ctrl-C
};

typedef struct command command_t;

// Headings of the overview, in its order.
#define COMMAND_GROUPS(G)                              \
    G (SERVER, "Server")                               \
    G (AGENTS, "Agents")                               \
    G (PROJECTS, "Projects")                           \
    G (FORGES, "Forges and their webhooks")            \
    G (RUNS, "Runs")                                   \
    G (SECRETS, "Secrets, variables, environments")    \
    G (PEOPLE, "People")                               \
    G (TOKENS, "Tokens")                               \
    G (FILES, "Workflow files (these need no server)") \
    G (PROGRAM, "This program")

#define COMMAND_GROUP(name, heading) GROUP_##name,
typedef enum { COMMAND_GROUPS (COMMAND_GROUP) COMMAND_GROUP_COUNT } command_group_t;
#undef COMMAND_GROUP

typedef struct {
    turn_t *turn;
    const settings_t *settings; // NULL for a command without `programs`
    const command_t *command;
    const flags_t *flags;
    args_t args;       // Arguments that are not flags
    bool colour;       // May standard output have colours?
    int argc;          // As given, after the command's name; only for RAW
    char *const *argv; // Ends with NULL
} cli_t;

struct command {
    const char *name; // "run show"
    command_group_t group;
    const char *usage;         // "RUN [--json]"
    const char *summary;       // One line
    const char *help;          // More about it; NULL
    const char *examples;      // Shell lines, each a whole command; NULL
    unsigned programs;         // Whose settings it takes (settings.h); 0: none
    bool raw;                  // Reads its arguments itself
    const flag_t *flags;       // NULL: none
    const char *choices;       // "workflow|action", what its arguments can be; NULL: anything
    size_t min_args, max_args; // Arguments
    int (*run) (cli_t *cli);
};

#define MANY ((size_t) -1)

// In the order of the overview within each group.
// clang-format off
#define COMMANDS(C)                                                                         \
    C (up) C (web) C (doctor) C (agent) C (project_add) C (project_list) C (project_show) C (project_remove) C (project_visibility) \
    C (trigger) C (event) C (status) C (runs) C (run_show) C (run_planned) C (why) C (tests) C (logs)      \
    C (annotations) C (summary) C (artifacts) C (artifacts_get) C (cancel) C (rerun) C (shell) C (approvals) C (approve) C (reject) \
    C (secret_set) C (secret_list) C (secret_remove) C (variable_set) C (variable_list) C (variable_remove) C (environment_set) C (environment_list) C (environment_show) C (environment_remove) C (oidc_keys) C (oidc_rotate) \
    C (forge_add) C (forge_list) C (forge_show) C (forge_remove) C (forge_repositories) C (forge_status) C (forge_set) C (forge_check) C (forge_compare) C (forge_hook) C (forge_statuses) C (forge_deliveries) C (forge_delivery) C (forge_resend) C (forge_approve) C (forge_reject) \
    C (queue) C (queue_move) C (insights) C (mcp) C (agents) C (agents_show) C (agents_drain)   \
    C (agents_resume) C (agents_remove) C (roles_list) C (roles_grant) C (roles_revoke) C (groups_list) \
    C (groups_set) C (groups_remove) C (tokens_list) C (tokens_issue) C (tokens_revoke) C (sessions_list) \
    C (sessions_end) C (audit) C (login) C (logout) C (whoami) C (users_list) C (users_show) C (users_invite) \
    C (users_invited) C (users_uninvite) C (users_add) C (users_change) C (users_reset) C (users_disable) \
    C (providers_set) C (providers_list) C (providers_show) C (providers_remove) C (users_enable) C (users_sign_out) C (users_remove) C (service_accounts_list) C (service_accounts_add) \
    C (service_accounts_token) C (service_accounts_tokens) C (service_accounts_remove) C (actions_list) \
    C (actions_accept) C (actions_lock) C (cache_list) C (cache_remove) C (workflows) C (run) C (lint) \
    C (import) C (plan) C (eval) C (settings) C (schema) \
    C (openapi) C (version) C (help)
// clang-format on

#define COMMAND_DECLARE(name) extern const command_t command_##name;
COMMANDS (COMMAND_DECLARE)
#undef COMMAND_DECLARE

extern const command_t *const all_commands[]; // Ends with NULL; the program's

// The command that the arguments begin with, "run show" before "run"; *used is how many of them. NULL for none, with
// *error, one line.
const command_t *command_find (arena_t *arena, const command_t *const *commands, int argc, char *const *argv,
                               int *used, const char **error);
// What it takes: its own flags, then the settings of its programs.
options_t command_options (arena_t *arena, const command_t *command);
const char *command_group_heading (command_group_t group);
extern const char command_about_server[]; // How a command finds the server
extern const char command_statuses[];     // The exit statuses
void command_explain (FILE *out, const command_t *command);
void command_overview (FILE *out, const command_t *const *commands);

// "opencicd: ..." on standard error; gives the exit status for the fault. The turn's detail, or the fault's text.
int cli_fail (const cli_t *cli, fault_t fault);
int cli_usage (const cli_t *cli, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

#endif
