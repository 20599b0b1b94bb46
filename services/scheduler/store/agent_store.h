/* agent_store.h - the agents. The only writer of `agents`. */

#ifndef OPENCICD_SCHEDULER_AGENT_STORE_H
#define OPENCICD_SCHEDULER_AGENT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"
#include "services/scheduler/store/offered_store.h"

#define AGENTS_AT_ONCE 64   // Agents of one pass of the matcher, the longest idle first
#define IDLE_SETS      9000 // Sets of labels of idle agents, likewise
#define AGENTS_SILENT  500  // That one tick looks at
#define AGENTS_A_TICK  64   // Whose tokens one tick asks to revoke; that it removes

// Of a statement over agents: neither does it shut down, nor did somebody drain it.
#define AGENT_STAYS " and draining = 0 and drained_at = 0"

// Likewise: it can be offered a job. Without an address only while it asks for one; removed, it is not idle.
#define AGENT_CAN_TAKE(now)                                                                                  \
    " and state = 'idle'" AGENT_STAYS " and backoff_until <= " now " and (url <> '' or parked_until >= " now \
    ")"

typedef struct {
    agent_t agent;
    const char *labels;    // As labels_of makes them
    const char *push_key;  // What requests to it are signed with
    int64_t silent_at;     // When it is offline unless it reports; by lease_now(), like the times below
    int64_t parked_until;  // Without an address: until when it can be offered a job
    bool draining;         // By its own report: it is shutting down (agent.draining: or somebody drained it)
    int64_t failures;      // Offers in a row that it did not take
    int64_t backoff_until; // Nothing is offered to it before
    int64_t idle_at;       // Since when it is in its state
    bool awaits;           // An answer to it is being made, which can bring an offer; not of the table
} agent_row_t;

typedef struct {
    agent_row_t *items;
    size_t count;
} agent_rows_t;

typedef struct {
    const char *id;
    agent_state_t state;
    int64_t parked_until;
    bool took_it; // It had started the job: its earlier failures are reset
} agent_freed_t;

MUST_USE fault_t agent_store_add (db_t *db, turn_t *turn, const agent_row_t *row);
MUST_USE fault_t agent_store_find (db_t *db, turn_t *turn, const char *name, agent_row_t *out); // Id or name
MUST_USE fault_t agent_store_find_later (db_t *db, turn_t *turn, const char *name, const rows_t **rows);
MUST_USE fault_t agent_store_found (turn_t *turn, const rows_t *rows, const char *name, agent_row_t *out);
MUST_USE fault_t agent_store_name_taken (db_t *db, turn_t *turn, const char *name, bool *taken);
MUST_USE fault_t agent_store_page (db_t *db, turn_t *turn, const char *after, size_t limit,
                                   agent_rows_t *out);
// Agents that can be offered a job now, by the clock of leases: idle, not about to end, not backed off, and reachable.
// None where no job waits. Read once it was waited for (db.h).
MUST_USE fault_t agent_store_idle_later (db_t *db, turn_t *turn, int64_t now, const rows_t **rows);
void agent_store_read_idle (turn_t *turn, const rows_t *rows, agent_rows_t *out);
MUST_USE fault_t agent_store_idle_of (db_t *db, turn_t *turn, int64_t now, const set_page_t *sets,
                                      agent_rows_t *out);
MUST_USE fault_t agent_store_idle_sets (db_t *db, turn_t *turn, int64_t now, label_sets_t *out); // Theirs
MUST_USE fault_t agent_store_idle_named_later (db_t *db, turn_t *turn, int64_t now, const strs_t *ids,
                                               const rows_t **rows); // At most SETS_AT_ONCE
// Of those, for a job that asks for this, the first `limit`: few labels first, then the longest idle.
MUST_USE fault_t agent_store_ready_later (db_t *db, turn_t *turn, int64_t now, const asked_labels_t *asked,
                                          size_t limit, const rows_t **rows);
MUST_USE fault_t agent_store_silent (db_t *db, turn_t *turn, int64_t now, agent_rows_t *out);
// Those that were not silent at `served` are not silent before `until`.
MUST_USE fault_t agent_store_grace (db_t *db, turn_t *turn, int64_t served, int64_t until, int64_t *count);
MUST_USE fault_t agent_store_pull_back (db_t *db, turn_t *turn, int64_t now, int64_t until);
MUST_USE fault_t agent_store_old (db_t *db, turn_t *turn, int64_t before, strs_t *ids); // Offline since then
MUST_USE fault_t agent_store_describe (db_t *db, turn_t *turn, const agent_row_t *row); // It registered again
MUST_USE fault_t agent_store_state (db_t *db, turn_t *turn, const char *id, agent_state_t state,
                                    const char *job);
MUST_USE fault_t agent_store_free (db_t *db, turn_t *turn, const agent_freed_t *freed); // Its job has ended
MUST_USE fault_t agent_store_drain (db_t *db, turn_t *turn, const char *id, int64_t drained_at);
MUST_USE fault_t agent_store_failed (db_t *db, turn_t *turn, const char *id, int64_t failures,
                                     int64_t backoff_until);
// url, seen_at, silent_at, parked_until, draining, failures, backoff_until
MUST_USE fault_t agent_store_seen (db_t *db, turn_t *turn, const agent_row_t *row);
MUST_USE fault_t agent_store_hide (db_t *db, turn_t *turn, const char *id); // Removed but for its token
// Those of them whose tokens are to be revoked now; when others are: NEVER for none.
MUST_USE fault_t agent_store_hidden (db_t *db, turn_t *turn, int64_t now, strs_t *ids);
MUST_USE fault_t agent_store_revoking (db_t *db, turn_t *turn, const char *id, int64_t again_at);
MUST_USE fault_t agent_store_remove (db_t *db, turn_t *turn, const char *id);

#endif
