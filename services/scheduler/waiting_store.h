/* waiting_store.h - the jobs that wait for an agent. The only writer of `waiting` and `queues`.
 *
 * A queue is all waiting jobs with the same labels, priority and project; `queues` counts them. What is asked here costs the same
 * with ten jobs waiting as with a hundred thousand. */

#ifndef OPENCICD_SCHEDULER_WAITING_STORE_H
#define OPENCICD_SCHEDULER_WAITING_STORE_H

#include "common/db.h"
#include "proto/messages.h"

#define QUEUES_MAX 500 // Queues that the matcher looks at, in order of priority
#define BEFORE_MAX 100 // Past it "100 or more" are before a job

typedef struct {
    const char *job_id; // Of a waiting job; of a queue NULL
    const char *labels;
    int64_t priority;
    const char *project_id;
    int64_t queued_at; // Of a waiting job
    int64_t place;     // Among those queued at the same time: as they stand in the workflow
    int64_t size;      // Of a queue
    int64_t running;   // Of a queue: jobs of its project that have a lease
} waiting_t;

typedef struct {
    waiting_t *items;
    size_t count;
} waitings_t;

MUST_USE fault_t waiting_store_add (db_t *db, turn_t *turn, const waiting_t *job);
// As it was added; harmless where it does not wait.
MUST_USE fault_t waiting_store_remove (db_t *db, turn_t *turn, const waiting_t *job);
MUST_USE fault_t waiting_store_queues (db_t *db, turn_t *turn, waitings_t *out);
MUST_USE fault_t waiting_store_oldest (db_t *db, turn_t *turn, const waiting_t *queue, size_t limit,
                                       waitings_t *out);
// Jobs of the same queue that are before it, counted up to BEFORE_MAX.
MUST_USE fault_t waiting_store_before (db_t *db, turn_t *turn, const waiting_t *job, int64_t *count);

#endif
