/* deployment_store.h - jobs that an environment holds back, and who let them go. The only writer of `deployments`. */

#ifndef OPENCICD_SCHEDULER_DEPLOYMENT_STORE_H
#define OPENCICD_SCHEDULER_DEPLOYMENT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define DEPLOYMENTS_A_TICK   32
#define DEPLOYMENTS_OF_A_RUN 1000 // That are shown: its latest

typedef struct {
    deployment_t shown; // `mine` is the caller's to fill
    bool no_self_review;
    int64_t due_at;
    const char *project_id;
} deployment_row_t;

typedef struct {
    deployment_row_t *items;
    size_t count;
} deployment_rows_t;

// A job is held back from now on: identity is to be asked why.
MUST_USE fault_t deployment_store_add (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt);
// Its state becomes NOT_FOUND where there is none.
MUST_USE fault_t deployment_store_find (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt,
                                        deployment_row_t *out);
// Of the job's latest attempt.
MUST_USE fault_t deployment_store_latest (db_t *db, turn_t *turn, const char *job, deployment_row_t *out);
// State, due_at, wait_until, approvers, no_self_review, decided_by, decided_at, comment.
MUST_USE fault_t deployment_store_save (db_t *db, turn_t *turn, const deployment_row_t *row);
// In this attempt of the run, and those before, the job waits for nothing any more; in a later one it may.
MUST_USE fault_t deployment_store_close (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt);
// The latest first.
MUST_USE fault_t deployment_store_of_run (db_t *db, turn_t *turn, const char *run, deployment_rows_t *out);
// Those that wait, the oldest first, after a cursor ("" for the first page), whose successor is *next.
MUST_USE fault_t deployment_store_waiting (db_t *db, turn_t *turn, const char *scope, const char *cursor,
                                           size_t limit, deployment_rows_t *out, const char **next);
MUST_USE fault_t deployment_store_due (db_t *db, turn_t *turn, deployment_rows_t *out);
MUST_USE fault_t deployment_store_asked (db_t *db, turn_t *turn, const deployment_row_t *row,
                                         int64_t again_at);

#endif
