/* hold_store.h - jobs that are held for debugging, and their shells. The only reader and writer of `run_holds`, `holds`, `shells` and
 * `shell_pieces`; removed_store.h clears them with their job. */

#ifndef OPENCICD_SCHEDULER_HOLD_STORE_H
#define OPENCICD_SCHEDULER_HOLD_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *job_id; // NULL: there is none
    uint32_t attempt;
    const char *subject, *reason, *ended_by, *shell;
    int64_t began_at, until_at;
} hold_row_t;

typedef struct {
    const char *id; // NULL: there is none
    const char *job_id, *subject, *terminal, *reason;
    uint32_t attempt, columns, rows, exit_status;
    int64_t opened_at, seen_at, ended_at;
    int64_t typed, taken, printed, shown; // Bytes
} held_shell_row_t;

// What a rerun asks for; 0 minutes: nothing.
MUST_USE fault_t hold_store_ask (db_t *db, turn_t *turn, const char *run, uint32_t minutes,
                                 const char *subject);
MUST_USE fault_t hold_store_asked (db_t *db, turn_t *turn, const char *run, uint32_t *minutes,
                                   const char **subject);

MUST_USE fault_t hold_store_add (db_t *db, turn_t *turn, const hold_row_t *row);
MUST_USE fault_t hold_store_find (db_t *db, turn_t *turn, const char *job, uint32_t attempt, hold_row_t *out);
// until_at, ended_by and shell as they are in the row.
MUST_USE fault_t hold_store_save (db_t *db, turn_t *turn, const hold_row_t *row);

MUST_USE fault_t hold_store_add_shell (db_t *db, turn_t *turn, const held_shell_row_t *row);
MUST_USE fault_t hold_store_shell (db_t *db, turn_t *turn, const char *id, held_shell_row_t *out);
// All that changes, as it is in the row.
MUST_USE fault_t hold_store_save_shell (db_t *db, turn_t *turn, const held_shell_row_t *row);

// Bytes of one direction: typed, or printed.
MUST_USE fault_t hold_store_put (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t at,
                                 const bytes_t *data);
// The first `most` bytes from `at` on.
MUST_USE fault_t hold_store_get (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t at,
                                 size_t most, bytes_t *out);
MUST_USE fault_t hold_store_drop (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t before);
// All of one direction.
MUST_USE fault_t hold_store_clear (db_t *db, turn_t *turn, const char *shell, bool typed);

#endif
