/* follow.h - follows runs: the logs of their jobs, each from its first line, or their steps, until all have ended.
 *
 * One stream of events reports changes; each running job has a stream for its log. */

#ifndef OPENCICD_CLI_SHOW_FOLLOW_H
#define OPENCICD_CLI_SHOW_FOLLOW_H

#include "cli/server/server.h"
#include "cli/terminal/user_paths.h"

#define FOLLOW_LOGS    16 // Logs that are read at once; others come after them, from their first line
#define FOLLOW_LATE_US (30 * 1000000LL) // How long the log of a finished job may keep us waiting

// What is shown of the jobs.
typedef enum {
    FOLLOW_LOG,    // Their logs, as they come
    FOLLOW_STEPS,  // A line for each step, the log of those that failed
    FOLLOW_FAILED, // Only these
    FOLLOW_NOTHING,
} follow_show_t;

#define FOLLOW_RUNS 300 // At once: as many as one event makes

typedef struct {
    const char *const *runs; // Of one project
    size_t run_count;
    const char *job; // Only this one, and until it has ended; NULL: all
    follow_show_t show;
    const user_paths_t *paths; // As lines_paths; NULL: none
    void *self;
    // A change of a run, and its latest state: the client may be asked. NULL: nobody wants to know.
    void (*seen) (void *self, const value_t *run);
    // Called when `fd` is readable: false ends the following. NULL: Ctrl-C does, and says that the run goes on.
    int fd;
    bool (*woken) (void *self);
} follow_ask_t;

// Returns the exit status: CLI_OK only if all are green. out[i] is the latest state of run i, in the command's arena; NULL if
// it was never seen.
int follow (cli_t *cli, client_t *client, const follow_ask_t *ask, const value_t **out);

#endif
