/* steps.h - a job as a person follows it: a line for each step when it has ended, and the log of those that failed.
 *
 *     ok    make                                                     3.2 s
 *     FAIL  make check                                               1.1 s
 *         not ok 3 - a file that is missing */

#ifndef OPENCICD_CLI_SHOW_STEPS_H
#define OPENCICD_CLI_SHOW_STEPS_H

#include "cli/terminal/lines.h"
#include "workflow/expression/value.h"

#include <stdint.h>

typedef struct steps steps_t;

// Where logs come from.
typedef struct {
    void *self;
    bool (*is_whole) (void *self, const value_t *job, int64_t step); // Is the step's log complete?
    void (*print) (void *self, const value_t *job, int64_t step, lines_t *lines);
} step_logs_t;

// Borrows lines, where all is printed, and logs. `quiet`: only what failed.
steps_t *steps_new (lines_t *lines, bool colour, bool quiet, const step_logs_t *logs);
void steps_destroy (steps_t **self_p);
// A job as the API shows it; what has ended since is printed. Another attempt begins anew.
void steps_update (steps_t *self, const value_t *job);
// Did some run at the same time at the last update? Then the log does not show when one of them ends.
bool steps_run_beside (const steps_t *self);
const char *steps_running (const steps_t *self); // The name of the step under way; "" for none

#endif
