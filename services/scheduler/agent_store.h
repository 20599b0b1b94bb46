/* agent_store.h - the agents. The only writer of `agents`. */

#ifndef OPENCICD_SCHEDULER_AGENT_STORE_H
#define OPENCICD_SCHEDULER_AGENT_STORE_H

#include "common/db.h"
#include "proto/messages.h"

#define AGENTS_IDLE   64   // That one matching looks at, the longest idle first
#define AGENTS_SILENT 500  // That one tick looks at
#define AGENTS_KNOWN  1000 // Whose labels are looked at to say why a job waits

typedef struct {
    agent_t agent;
    const char *labels;   // As labels_of makes them
    const char *push_key; // The bearer that it knows us by
    int64_t silent_at;    // When it is offline unless it is heard of
} agent_row_t;

typedef struct {
    agent_row_t *items;
    size_t count;
} agent_rows_t;

MUST_USE fault_t agent_store_add (db_t *db, turn_t *turn, const agent_row_t *row);
MUST_USE fault_t agent_store_find (db_t *db, turn_t *turn, const char *name, agent_row_t *out); // Id or name
MUST_USE fault_t agent_store_name_taken (db_t *db, turn_t *turn, const char *name, bool *taken);
MUST_USE fault_t agent_store_page (db_t *db, turn_t *turn, const char *after, size_t limit,
                                   agent_rows_t *out);
MUST_USE fault_t agent_store_idle (db_t *db, turn_t *turn, agent_rows_t *out);
MUST_USE fault_t agent_store_known (db_t *db, turn_t *turn, agent_rows_t *out); // Labels and state alone
MUST_USE fault_t agent_store_silent (db_t *db, turn_t *turn, agent_rows_t *out);
MUST_USE fault_t agent_store_next_silent (db_t *db, turn_t *turn, int64_t *at);         // NEVER for none
MUST_USE fault_t agent_store_describe (db_t *db, turn_t *turn, const agent_row_t *row); // It registered again
// *ephemeral (may be NULL) tells whether it ends after a job.
MUST_USE fault_t agent_store_state (db_t *db, turn_t *turn, const char *id, agent_state_t state,
                                    const char *job, bool *ephemeral);
MUST_USE fault_t agent_store_seen (db_t *db, turn_t *turn, const agent_row_t *row); // url, seen_at, silent_at
MUST_USE fault_t agent_store_hide (db_t *db, turn_t *turn, const char *id);    // Removed but for its token
MUST_USE fault_t agent_store_hidden (db_t *db, turn_t *turn, const char **id); // One of them; "" for none
MUST_USE fault_t agent_store_remove (db_t *db, turn_t *turn, const char *id);

#endif
