/* queue_store.h - the queue as people see it: sets of labels, their queues, and the jobs in these. Reads `queues`, `waiting`, `jobs`,
 * `runs` and `projects`; each statement costs what it returns, and `queues` has a row only for what waits. */

#ifndef OPENCICD_SCHEDULER_QUEUE_STORE_H
#define OPENCICD_SCHEDULER_QUEUE_STORE_H

#include "services/scheduler/store/waiting_store.h"

// Ordered by highest priority, then longest wait, after the first `skip`; of the projects of a scope alone (rights_scope()), NULL for all.
MUST_USE fault_t queue_store_sets (db_t *db, turn_t *turn, const char *scope, size_t skip, size_t limit,
                                   queue_set_items_t *out);
// The first queues of one set of labels, in the order in which they are served.
MUST_USE fault_t queue_store_queues (db_t *db, turn_t *turn, const char *labels, size_t limit,
                                     waitings_t *out);
// The oldest jobs of one queue, those after `after` unless it is NULL. A db_query_later; `position` is left for the caller to fill.
MUST_USE fault_t queue_store_jobs_later (db_t *db, turn_t *turn, const waiting_t *queue,
                                         const waiting_t *after, size_t limit, const rows_t **rows);
void queue_store_read_job (const rows_t *rows, size_t row, const waiting_t *queue, waiting_t *waiting,
                           queue_job_t *out);

#endif
