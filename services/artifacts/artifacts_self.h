/* artifacts_self.h - what the parts of the artifact store share. Private to services/artifacts/. */

#ifndef OPENCICD_ARTIFACTS_SELF_H
#define OPENCICD_ARTIFACTS_SELF_H

#include "common/db_unit.h"
#include "common/errand.h"
#include "services/artifacts/artifact_store.h"
#include "services/artifacts/artifacts.h"

#define RUNS_KNOWN 64 // Jobs whose run is remembered; it never changes

struct artifacts {
    db_t *db; // First, for db_unit.h
    blob_t *blob;
    errands_t *errands;
    int64_t retention_us; // 0 for ever
    int64_t clean_us;     // When to look for what is over
    struct {
        char job[MAX_ID + 1];
        char run[MAX_ID + 1];
    } runs[RUNS_KNOWN];
    size_t next_run; // Where the next one is remembered
};

// Handlers.
fault_t artifacts_begin (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_put (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_finish (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_list (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_show (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_remove (void *self, turn_t *turn, const void *ask, void *answer);
fault_t artifacts_read (void *self, turn_t *turn, const void *ask, void *answer);

// The run of a job; asks the scheduler once. LATER. A job without a run is its own.
MUST_USE fault_t artifacts_run_of (artifacts_t *self, turn_t *turn, const char *job, const char **run);
// May the caller write as this attempt of this job?
MUST_USE fault_t artifacts_may_write (turn_t *turn, const char *job, uint32_t attempt);
// A job sees the artifacts of its own run only; NOT_FOUND, or LATER.
MUST_USE fault_t artifacts_may_read (artifacts_t *self, turn_t *turn, const char *run);

// The list of files, packed for its row, and back.
void manifest_pack (arena_t *arena, const artifact_file_items_t *files, artifact_row_t *row);
MUST_USE fault_t manifest_unpack (turn_t *turn, const artifact_row_t *row, artifact_file_items_t *files);

#endif
