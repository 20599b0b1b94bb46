/* waiting_store.h - the jobs that wait for an agent. The only writer of `waiting` and `queues`.
 *
 * A queue is all waiting jobs with the same labels, priority and project; `queues` counts them. Every query costs the same
 * with ten jobs waiting as with a hundred thousand. */

#ifndef OPENCICD_SCHEDULER_WAITING_STORE_H
#define OPENCICD_SCHEDULER_WAITING_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"
#include "services/scheduler/base/labels.h"

#define QUEUES_AT_ONCE  64   // Of one look: the first in order
#define QUEUES_OF_UNION 8    // Whose jobs one statement reads
#define SETS_PAGE       2000 // Sets of labels of one look
#define BEFORE_MAX      100  // Past it "100 or more" are before a job

// A statement begins with it: `fitting` are the queues with the labels that are meant, and those of which one of the agents that are meant
// offers the only label, or the one that is offered least: `others` are the labels that are not meant, so that each comes once without
// comparing whole rows.
#define WITH_FITTING_QUEUES(labels, agents, others)                                                  \
    "with offered (label) as materialized (select s.label from agents a join agent_labels s"         \
    " on s.set_labels = a.labels where a.id " agents                                                 \
    "), fitting as (select * from queues where labels " labels                                       \
    " union all select * from queues where labels in (select label from offered) and labels " others \
    " union all select * from queues where key_label in (select label from offered) and labels " others ")"
// One of each at most, which is usual, or up to SETS_AT_ONCE: a database that plans for many does not look for one of them.
#define WITH_QUEUES_FITTING_ONE  WITH_FITTING_QUEUES ("= $1", "= $2", "<> $1")
#define WITH_QUEUES_FITTING_MANY WITH_FITTING_QUEUES ("in " IN_SETS, "in " IN_AGENTS, "not in " IN_SETS)
#define IN_AGENTS                "($17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)"

typedef struct {
    const char *job_id; // Of a waiting job; of a queue NULL
    const char *labels;
    int64_t priority;
    const char *project_id;
    int64_t queued_at; // Of a waiting job; of a queue its oldest
    int64_t position;  // Among those queued at the same time: in the order of the workflow
    int64_t size;      // Of a queue
    bool stays;        // Of a waiting job: its queue has others, whatever the agents of this match take
    int64_t running;   // Of a queue: jobs of its project that have a lease
    const struct job_row *row; // Of a waiting job that was read with the queues; else NULL
} waiting_t;

typedef struct {
    waiting_t *items;
    size_t count;
} waitings_t;

MUST_USE fault_t waiting_store_add (db_t *db, turn_t *turn, const waiting_t *job);
// As it was added; harmless where it does not wait.
MUST_USE fault_t waiting_store_remove (db_t *db, turn_t *turn, const waiting_t *job);
// Queues in the order in which they are served: priority, fewest running jobs of their project, age.
MUST_USE fault_t waiting_store_queues_later (db_t *db, turn_t *turn, const rows_t **rows);
void waiting_store_read_queues (turn_t *turn, const rows_t *rows, int first,
                                waitings_t *out); // From its column `first` on
MUST_USE fault_t waiting_store_queues_of (db_t *db, turn_t *turn, const set_page_t *sets, waitings_t *out);
// Those with these labels, and those that agents with these ids may fit: at most SETS_AT_ONCE of each.
MUST_USE fault_t waiting_store_fitting_later (db_t *db, turn_t *turn, const strs_t *labels,
                                              const strs_t *agents, const rows_t **rows);
MUST_USE fault_t waiting_store_any (db_t *db, turn_t *turn, bool *any); // Does a job wait at all?
// The sets of labels that are asked for, page by page: those after `after`, NULL for the first.
MUST_USE fault_t waiting_store_sets (db_t *db, turn_t *turn, const char *after, label_sets_t *out);
// The oldest `limit` jobs of each of at most QUEUES_OF_UNION queues.
MUST_USE fault_t waiting_store_oldest (db_t *db, turn_t *turn, const waitings_t *queues, size_t limit,
                                       waitings_t *out);
// Jobs of its queue, itself included.
MUST_USE fault_t waiting_store_size_later (db_t *db, turn_t *turn, const waiting_t *job, const rows_t **rows);
int64_t waiting_store_read_size (const rows_t *rows);
MUST_USE fault_t waiting_store_size (db_t *db, turn_t *turn, const waiting_t *job, int64_t *size);
// Jobs of the same queue that are before it, counted up to BEFORE_MAX.
MUST_USE fault_t waiting_store_before (db_t *db, turn_t *turn, const waiting_t *job, int64_t *count);

#endif
