/* status_store.h - what forges are to show, and the runs whose changes were seen and not looked at yet. The only writer of `forge_statuses`,
 * `forge_status_runs` and `forge_events`, and of when a forge's statuses are sent next.
 *
 * Whoever sends to a forge holds a lease, a number, until a time: nobody else sends meanwhile. What became of it is written only by who still
 * has it, and of each status only where it did not change meanwhile. */

#ifndef OPENCICD_SCM_STATUS_STORE_H
#define OPENCICD_SCM_STATUS_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

// ---- the scheduler's events ----

MUST_USE fault_t status_store_events (db_t *db, turn_t *turn, int64_t *cursor, int64_t *due_at);
// Somebody reads on from this cursor until `due_at`, or then the next one does. *is false: another replica was faster.
MUST_USE fault_t status_store_follow (db_t *db, turn_t *turn, int64_t was_due_at, int64_t due_at, bool *is);
MUST_USE fault_t status_store_followed (db_t *db, turn_t *turn, int64_t from, int64_t cursor, int64_t due_at,
                                        bool *is);
// Projects of whose runs a forge shows something, by id.
MUST_USE fault_t status_store_projects (db_t *db, turn_t *turn, strs_t *ids);
MUST_USE fault_t status_store_any_project (db_t *db, turn_t *turn, bool *any);

// ---- runs that changed ----

typedef struct {
    const char *run_id, *project_id;
    int64_t changes;
} status_run_t;

MUST_USE fault_t status_store_changed (db_t *db, turn_t *turn, const char *project_id, const char *run_id,
                                       int64_t due_at);
typedef struct {
    status_run_t *items;
    size_t count;
} status_runs_t;
#define STATUS_RUNS_DUE 32
MUST_USE fault_t status_store_runs_due (db_t *db, turn_t *turn, status_runs_t *out);
MUST_USE fault_t status_store_run (db_t *db, turn_t *turn, const char *run_id,
                                   status_run_t *out); // NOT_FOUND
MUST_USE fault_t status_store_run_at (db_t *db, turn_t *turn, const char *run_id, int64_t due_at);
MUST_USE fault_t status_store_looked (db_t *db, turn_t *turn,
                                      const status_run_t *run); // Unless it changed since
// Those of deliveries since then, all at once: events about them may have been missed.
MUST_USE fault_t status_store_look_at_all (db_t *db, turn_t *turn, int64_t since_us);

// ---- statuses ----

typedef struct {
    forge_status_t shown;
    const char *project_id, *ref;
    int64_t run_number, version;
    const char *repository, *full_name; // At its forge
} status_row_t;

typedef struct {
    status_row_t *items;
    size_t count;
} status_rows_t;

// It waits from now on, if that is new and of no older run than what is there. Of a workflow that did not run: if nothing is there.
MUST_USE fault_t status_store_put (db_t *db, turn_t *turn, const status_row_t *row);
#define STATUS_BATCH 20
MUST_USE fault_t status_store_waiting (db_t *db, turn_t *turn, const char *forge_id, status_rows_t *out);
// What became of this version: delivery, reason, attempts, due_at, sent_at.
MUST_USE fault_t status_store_answered (db_t *db, turn_t *turn, const status_row_t *row);
MUST_USE fault_t status_store_once_more (db_t *db, turn_t *turn, const status_row_t *row);
// What the forge refused or could not take since then waits again: it has another credential.
MUST_USE fault_t status_store_rearm (db_t *db, turn_t *turn, const char *forge_id, int64_t since_us);
// The latest first; `sha` and `delivery` "" for any.
MUST_USE fault_t status_store_page (db_t *db, turn_t *turn, const char *project_id, const char *sha,
                                    const char *delivery, const char *before, int64_t limit,
                                    forge_status_items_t *out);
MUST_USE fault_t status_store_drop_waiting (db_t *db, turn_t *turn, const char *project_id);
MUST_USE fault_t status_store_drop (db_t *db, turn_t *turn, const char *project_id);
MUST_USE fault_t status_store_tidy (db_t *db, turn_t *turn, int64_t before_us);
typedef struct {
    int64_t waiting, oldest_us;
} status_sums_t;
MUST_USE fault_t status_store_sums (db_t *db, turn_t *turn, status_sums_t *out);

// ---- forges ----

// Ids of those for which something is due, and nobody sends.
MUST_USE fault_t status_store_forges_due (db_t *db, turn_t *turn, strs_t *ids);
// *lease 0: somebody else has it.
MUST_USE fault_t status_store_lease (db_t *db, turn_t *turn, const char *forge_id, int64_t until,
                                     int64_t *lease);
MUST_USE fault_t status_store_has_lease (db_t *db, turn_t *turn, const char *forge_id, int64_t lease,
                                         bool *has);
// It ends, and the next begins no earlier than `at`. *is false: it was over already.
MUST_USE fault_t status_store_release (db_t *db, turn_t *turn, const char *forge_id, int64_t lease,
                                       int64_t at, bool *is);
MUST_USE fault_t status_store_next (db_t *db, turn_t *turn, int64_t *at_us); // When something is due; NEVER

#endif
