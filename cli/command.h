/* command.h - what a command of `opencicd` is: a row with its words, its help, its flags and its function.
 *
 * A new command is a file with a `const command_t command_NAME` and its name in COMMANDS (main.c, help and the list of commands
 * follow). A command prints what was asked for on standard output, everything else on standard error, and returns an exit
 * status of the table below. */

#ifndef OPENCICD_CLI_COMMAND_H
#define OPENCICD_CLI_COMMAND_H

#include "cli/flag.h"
#include "cli/paint.h"
#include "common/settings.h"
#include "common/turn.h"

// Exit statuses.
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,       // What was asked about failed, is not there, or has errors
    CLI_USAGE = 2,        // The command line is wrong
    CLI_SERVER = 3,       // The server cannot be reached, or refuses us
    CLI_INTERRUPTED = 130 // Ctrl-C
};

typedef struct command command_t;

typedef struct {
    turn_t *turn;
    const settings_t *settings; // NULL for a command without `programs`
    const command_t *command;
    const flags_t *flags;
    words_t words;     // Arguments that are no flags
    bool colour;       // May standard output have colours?
    int argc;          // As given, behind the command's name; only for RAW
    char *const *argv; // Ends with NULL
} cli_t;

struct command {
    const char *name;    // "run show"
    const char *usage;   // "RUN [--json]"
    const char *summary; // One line
    const char *help;    // More about it; NULL
    unsigned programs;   // Whose settings it takes (settings.h); 0: none
    bool raw;            // Reads its arguments itself
    const flag_t *flags; // NULL: none
    size_t least, most;  // Words
    int (*run) (cli_t *cli);
};

#define MANY ((size_t) -1)

// In the order of the overview.
// clang-format off
#define COMMANDS(C)                                                                         \
    C (up) C (agent) C (project_add) C (project_list) C (project_show) C (project_remove)   \
    C (trigger) C (event) C (runs) C (run_show) C (logs) C (cancel) C (rerun) C (artifacts) \
    C (artifacts_get) C (agents) C (agents_show) C (agents_remove) C (tokens_list)          \
    C (tokens_issue) C (tokens_revoke) C (lint) C (eval) C (plan) C (settings) C (schema)   \
    C (openapi) C (version) C (help)
// clang-format on

#define COMMAND_DECLARE(name) extern const command_t command_##name;
COMMANDS (COMMAND_DECLARE)
#undef COMMAND_DECLARE

extern const command_t *const all_commands[]; // Ends with NULL; the program's

// The row that the words begin with, "run show" before "run"; *used tells how many of them. NULL where there is none, with
// *error, one line.
const command_t *command_find (arena_t *arena, const command_t *const *commands, int argc, char *const *argv,
                               int *used, const char **error);
void command_explain (FILE *out, const command_t *command);
void command_overview (FILE *out, const command_t *const *commands);

// "opencicd: ..." on standard error; gives the exit status for the fault. The turn's detail, or the fault's text.
int cli_fail (const cli_t *cli, fault_t fault);
int cli_usage (const cli_t *cli, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

#endif
