/* lease_store.h - which agent has which job, until when. The only writer of `leases`. */

#ifndef OPENCICD_SCHEDULER_LEASE_STORE_H
#define OPENCICD_SCHEDULER_LEASE_STORE_H

#include "common/db.h"
#include "proto/messages.h"

typedef struct {
    const char *job_id;
    const char *agent_id;
    uint32_t attempt;
    bool begun; // The agent took it
    uint32_t order;
    int64_t leased_at;
    int64_t expires_at;
    int64_t kill_at; // The job's time is over: kill; once killed: end it without the agent
} lease_t;

typedef struct {
    lease_t *items;
    size_t count;
} leases_t;

#define LEASE_AGENT_IS_THERE 0   // As kill_at of a lease that ends: its agent speaks, but has not got the job
#define LEASES_AT_ONCE       500 // That one tick looks at

MUST_USE fault_t lease_store_add (db_t *db, turn_t *turn, const lease_t *lease);
MUST_USE fault_t lease_store_of_job (db_t *db, turn_t *turn, const char *job,
                                     lease_t *out); // job_id "" for none
MUST_USE fault_t lease_store_of_agent (db_t *db, turn_t *turn, const char *agent, lease_t *out); // likewise
MUST_USE fault_t lease_store_save (db_t *db, turn_t *turn, const lease_t *lease);
MUST_USE fault_t lease_store_remove (db_t *db, turn_t *turn, const char *job, const char *agent);
MUST_USE fault_t lease_store_expired (db_t *db, turn_t *turn, leases_t *out);
MUST_USE fault_t lease_store_overdue (db_t *db, turn_t *turn, leases_t *out); // kill_at has come
MUST_USE fault_t lease_store_not_begun (db_t *db, turn_t *turn, leases_t *out);
MUST_USE fault_t lease_store_next (db_t *db, turn_t *turn, int64_t *at); // When one expires or is overdue

#endif
