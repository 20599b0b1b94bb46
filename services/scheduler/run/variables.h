/* variables.h - vars.* of a run: asked for once, when it is made or run again, and stored with it.
 *
 * A plan follows from rows of the run alone. So what is planned tomorrow, by another replica, sees what was planned today, whatever was set
 * meanwhile; and nothing waits for identity while jobs become ready. As on GitHub, variables are read when a run is queued. */

#ifndef OPENCICD_SCHEDULER_VARIABLES_H
#define OPENCICD_SCHEDULER_VARIABLES_H

#include "services/scheduler/unit/self.h"

typedef struct {
    const char *project; // Id
    const char *values;  // JSON
} project_variables_t;

typedef struct {
    const project_variables_t *items;
    size_t count;
} variables_t;

// Those of the setting variables_file, then of all projects, then of the project ("": of none). Call it before anything is written.
MUST_USE fault_t variables_fetch (const scheduler_t *self, turn_t *turn, const char *project,
                                  const char **out);
// Likewise, of the projects of these runs; one that is not there has none.
MUST_USE fault_t variables_of_runs (const scheduler_t *self, turn_t *turn, const strs_t *runs,
                                    variables_t *out);
const char *variables_for (const variables_t *self, const char *project); // NULL for one that is not there
// Of a stored run: what an older version made has those of the settings alone.
const char *variables_stored (const scheduler_t *self, const char *vars);

#endif
