/* follow.h - follows a run: the logs of its jobs, each from its first line, until it has ended.
 *
 * One stream of events reports changes; each running job has a stream for its log. Ctrl-C ends the watching, never the run. */

#ifndef OPENCICD_CLI_FOLLOW_H
#define OPENCICD_CLI_FOLLOW_H

#include "cli/server.h"

#define FOLLOW_LOGS    16 // Logs that are read at once; others come after them, from their first line
#define FOLLOW_NAME    32 // Characters of a job's name in front of its lines
#define FOLLOW_LATE_US (30 * 1000000LL) // How long the log of a finished job may keep us waiting

typedef struct {
    const char *run;
    const char *job; // Only this one, and until it has ended; NULL: all
    bool quiet;      // No logs
} follow_ask_t;

// Returns the exit status: CLI_OK only for a green run. *out is the latest state of the run, in the command's arena; NULL if
// it was never seen.
int follow (cli_t *cli, client_t *client, const follow_ask_t *ask, const value_t **out);

#endif
