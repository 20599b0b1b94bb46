/* lease_store.h - which agent has which job, until when. The only writer of `leases`. */

#ifndef OPENCICD_SCHEDULER_LEASE_STORE_H
#define OPENCICD_SCHEDULER_LEASE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *job_id;
    const char *agent_id;
    uint32_t attempt;
    bool begun;     // The agent took it
    bool received;  // The agent may have the offer
    bool abandoned; // The agent is there without the job: the next tick ends the lease
    uint32_t order;
    int64_t leased_at; // By lease_now(), as all times here
    int64_t expires_at;
    int64_t kill_at; // The job's time is up: kill it; once killed: end it without the agent
} lease_t;

typedef struct {
    lease_t *items;
    size_t count;
} leases_t;

#define LEASES_AT_ONCE 500 // That one tick looks at

// Of an agent that has none: with two the unit of work fails.
MUST_USE fault_t lease_store_add (db_t *db, turn_t *turn, const lease_t *lease);
MUST_USE fault_t lease_store_of_job (db_t *db, turn_t *turn, const char *job,
                                     lease_t *out); // job_id "" for none
MUST_USE fault_t lease_store_of_agent (db_t *db, turn_t *turn, const char *agent, lease_t *out); // likewise
MUST_USE fault_t lease_store_of_agent_later (db_t *db, turn_t *turn, const char *agent, const rows_t **rows);
// Likewise of a job, with what its agent is: *there: it was not removed. *ephemeral: it ends with its job.
MUST_USE fault_t lease_store_with_agent_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows);
void lease_store_read_agent (const rows_t *rows, bool *there, bool *ephemeral);
void lease_store_found (const rows_t *rows, lease_t *out); // Of these two, once they were waited for
MUST_USE fault_t lease_store_save (db_t *db, turn_t *turn, const lease_t *lease);
MUST_USE fault_t lease_store_remove (db_t *db, turn_t *turn, const char *job, const char *agent);
MUST_USE fault_t lease_store_expired (db_t *db, turn_t *turn, int64_t now, leases_t *out); // Gone ones too
MUST_USE fault_t lease_store_overdue (db_t *db, turn_t *turn, int64_t now, leases_t *out); // kill_at has come
MUST_USE fault_t lease_store_not_begun (db_t *db, turn_t *turn, int64_t now, leases_t *out);

// When a scheduler served last, and the database's own clock; 0 where it has none.
MUST_USE fault_t lease_store_served (db_t *db, turn_t *turn, int64_t *at, int64_t *database_us);
MUST_USE fault_t lease_store_set_served (db_t *db, turn_t *turn, int64_t at);
// Leases that had not expired at `served` do not expire before `until`.
MUST_USE fault_t lease_store_grace (db_t *db, turn_t *turn, int64_t served, int64_t until, int64_t *count);
MUST_USE fault_t lease_store_pull_back (db_t *db, turn_t *turn, int64_t now, int64_t until, int64_t by);

#endif
