/* delivery_store.h - what webhooks delivered, which heads of strangers were approved, and the newest head of each ref that was dealt with. The
 * only writer of `forge_deliveries`, `forge_approvals` and `forge_refs`. */

#ifndef OPENCICD_SCM_DELIVERY_STORE_H
#define OPENCICD_SCM_DELIVERY_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    delivery_t delivery; // payload and body only where it was read with them
    const char *key;     // What it is known by when it comes twice; "" where it was read
    const char *project_id, *lane, *before, *author;
    bool head_moved;
    bytes_t packed; // The body as it is stored
    int64_t due_at, attempts, again;
} delivery_row_t;

typedef struct {
    delivery_row_t *items;
    size_t count;
} delivery_rows_t;

// *is_new false: one of that key is there already, and *there says in which state; it is not changed.
MUST_USE fault_t delivery_store_add (db_t *db, turn_t *turn, const delivery_row_t *row, bool *is_new,
                                     delivery_row_t *there);
MUST_USE fault_t delivery_store_find (db_t *db, turn_t *turn, const char *id, bool with_body,
                                      delivery_row_t *out);
// The latest first; `project_id` and `state` "" for any.
MUST_USE fault_t delivery_store_page (db_t *db, turn_t *turn, const char *project_id, const char *state,
                                      const char *before, int64_t limit, delivery_rows_t *out);
// Its state, reason, runs, approved_by, due_at, attempts, again and done_at; *changed false where it is not received or waiting any more.
MUST_USE fault_t delivery_store_put (db_t *db, turn_t *turn, const delivery_row_t *row);
// What was begun, wherever, is due now.
MUST_USE fault_t delivery_store_restart (db_t *db, turn_t *turn);
MUST_USE fault_t delivery_store_asked (db_t *db, turn_t *turn, const char *id, int64_t due_at);

// Ids of those that are due and the first in their lane, at most DELIVERIES_DUE; when the next is due: NEVER.
#define DELIVERIES_DUE 32
MUST_USE fault_t delivery_store_due (db_t *db, turn_t *turn, strs_t *ids);
MUST_USE fault_t delivery_store_next (db_t *db, turn_t *turn, int64_t *at_us);
MUST_USE fault_t delivery_store_is_first (db_t *db, turn_t *turn, const delivery_row_t *row, bool *is);
// Is there one of this event and ref that waits, or (since_us not 0) that came since then?
MUST_USE fault_t delivery_store_has (db_t *db, turn_t *turn, const char *project_id, const char *event,
                                     const char *ref, int64_t since_us, bool *has);
// How many wait, and when the oldest came.
typedef struct {
    int64_t waiting, oldest_us;
} delivery_sums_t;
MUST_USE fault_t delivery_store_sums (db_t *db, turn_t *turn, delivery_sums_t *out);

// Did somebody approve this head of the pull request, or (sha "") any of this author's?
MUST_USE fault_t delivery_store_approved (db_t *db, turn_t *turn, const delivery_row_t *of, const char *sha,
                                          const char *author, const char **by);
// Those of this head that wait for the same approval: they go on, or not.
MUST_USE fault_t delivery_store_decide (db_t *db, turn_t *turn, const delivery_row_t *of, const char *state,
                                        const char *reason, const char *by);

#define DELIVERIES_MAX 20000 // That are kept of those that wait for nothing
#define APPROVALS_MAX  1000  // Of one project that wait for an approval
// Removes what is older, or past DELIVERIES_MAX, but for what waits to be worked off or for an approval; past APPROVALS_MAX the oldest of a
// project are ignored. Of a project all, with its refs and approvals.
MUST_USE fault_t delivery_store_tidy (db_t *db, turn_t *turn, int64_t before_us);
MUST_USE fault_t delivery_store_drop (db_t *db, turn_t *turn, const char *project_id);

// ---- refs ----

typedef struct {
    const char *ref, *sha;
} ref_row_t;

typedef struct {
    ref_row_t *items;
    size_t count;
} ref_rows_t;

#define REFS_MAX    9000           // Branches and tags of one project that are compared
#define REFS_KNOWN  (4 * REFS_MAX) // That are remembered: what is gone stays until a comparison finds that out
#define REFS_PAGE   9000           // Of one query
#define PULLS_KNOWN 5000           // Heads of pull requests that are compared

MUST_USE fault_t ref_store_get (db_t *db, turn_t *turn, const char *project_id, const char *ref,
                                const char **sha); // "" where there is none
MUST_USE fault_t ref_store_put (db_t *db, turn_t *turn, const char *project_id, const char *ref,
                                const char *sha);
MUST_USE fault_t ref_store_drop (db_t *db, turn_t *turn, const char *project_id, const char *ref);
MUST_USE fault_t ref_store_all (db_t *db, turn_t *turn, const char *project_id, ref_rows_t *out); // By name

#endif
