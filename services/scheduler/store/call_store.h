/* call_store.h - the workflow files that a run calls, and which job calls which. The only writer of `run_files` and `calls`. */

#ifndef OPENCICD_SCHEDULER_CALL_STORE_H
#define OPENCICD_SCHEDULER_CALL_STORE_H

#include "common/db/db.h"

// Not a file: the repositories of those that are called, "KEY COMMIT URL" a line, KEY being "owner/repo@ref".
#define CALL_REPOSITORIES "called repositories"

typedef struct {
    const char *job_id, *run_id;
    const char *file;             // Its name in the run
    const char *inputs, *secrets; // JSON
    const char *definition;       // Of the job; read, not written
} run_call_t;

MUST_USE fault_t call_store_add_file (db_t *db, turn_t *turn, const char *run, const char *name,
                                      const char *source);
MUST_USE fault_t call_store_file (db_t *db, turn_t *turn, const char *run, const char *name,
                                  const char **source); // NOT_FOUND
// The job is about to call; once more, with other inputs perhaps, when it runs again.
MUST_USE fault_t call_store_put (db_t *db, turn_t *turn, const run_call_t *call);
MUST_USE fault_t call_store_find (db_t *db, turn_t *turn, const char *job, run_call_t *out); // NOT_FOUND

#endif
