/* hold_store.c - see hold_store.h. */

#include "services/scheduler/store/hold_store.h"

#include <string.h>

#define PIECES 256 // Of one answer; the rest with the next

fault_t hold_store_ask (db_t *db, turn_t *turn, const char *run, uint32_t minutes, const char *subject)
{
    TRY (db_exec (db, turn, "delete from run_holds where run_id = $1", P_STR (run)));
    if (minutes == 0)
        return OK;
    return db_exec (db, turn, "insert into run_holds (run_id, minutes, subject) values ($1, $2, $3)",
                    P_STR (run), P_I64 (minutes), P_STR (subject));
}

fault_t hold_store_asked (db_t *db, turn_t *turn, const char *run, uint32_t *minutes, const char **subject)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select minutes, subject from run_holds where run_id = $1", &rows, P_STR (run)));
    bool some = rows_count (rows) > 0;
    *minutes = some ? (uint32_t) rows_i64 (rows, 0, 0) : 0;
    *subject = some ? rows_str (rows, 0, 1) : "";
    return OK;
}

fault_t hold_store_add (db_t *db, turn_t *turn, const hold_row_t *row)
{
    return db_exec (db, turn,
                    "insert into holds (job_id, attempt, subject, reason, began_at, until_at)"
                    " values ($1, $2, $3, $4, $5, $6) on conflict (job_id, attempt) do nothing",
                    P_STR (row->job_id), P_I64 (row->attempt), P_STR (row->subject), P_STR (row->reason),
                    P_I64 (row->began_at), P_I64 (row->until_at));
}

fault_t hold_store_find (db_t *db, turn_t *turn, const char *job, uint32_t attempt, hold_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select subject, reason, began_at, until_at, ended_by, shell from holds"
                   " where job_id = $1 and attempt = $2",
                   &rows, P_STR (job), P_I64 (attempt)));
    *out = (hold_row_t){.subject = "", .reason = "", .ended_by = "", .shell = ""};
    if (rows_count (rows) > 0)
        *out = (hold_row_t){.job_id = job,
                            .attempt = attempt,
                            .subject = rows_str (rows, 0, 0),
                            .reason = rows_str (rows, 0, 1),
                            .began_at = rows_i64 (rows, 0, 2),
                            .until_at = rows_i64 (rows, 0, 3),
                            .ended_by = rows_str (rows, 0, 4),
                            .shell = rows_str (rows, 0, 5)};
    return OK;
}

fault_t hold_store_save (db_t *db, turn_t *turn, const hold_row_t *row)
{
    return db_exec (
        db, turn,
        "update holds set until_at = $3, ended_by = $4, shell = $5 where job_id = $1 and attempt = $2",
        P_STR (row->job_id), P_I64 (row->attempt), P_I64 (row->until_at), P_STR (row->ended_by),
        P_STR (row->shell));
}

fault_t hold_store_add_shell (db_t *db, turn_t *turn, const held_shell_row_t *row)
{
    return db_exec (
        db, turn,
        "insert into shells (id, job_id, attempt, subject, terminal, columns, rows, opened_at, seen_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        P_STR (row->id), P_STR (row->job_id), P_I64 (row->attempt), P_STR (row->subject),
        P_STR (row->terminal), P_I64 (row->columns), P_I64 (row->rows), P_I64 (row->opened_at));
}

fault_t hold_store_shell (db_t *db, turn_t *turn, const char *id, held_shell_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn,
        "select job_id, attempt, subject, terminal, columns, rows, opened_at, seen_at, typed, taken,"
        " printed, shown, ended_at, exit_status, reason from shells where id = $1",
        &rows, P_STR (id)));
    *out = (held_shell_row_t){.job_id = ""};
    if (rows_count (rows) > 0)
        *out = (held_shell_row_t){.id = id,
                                  .job_id = rows_str (rows, 0, 0),
                                  .attempt = (uint32_t) rows_i64 (rows, 0, 1),
                                  .subject = rows_str (rows, 0, 2),
                                  .terminal = rows_str (rows, 0, 3),
                                  .columns = (uint32_t) rows_i64 (rows, 0, 4),
                                  .rows = (uint32_t) rows_i64 (rows, 0, 5),
                                  .opened_at = rows_i64 (rows, 0, 6),
                                  .seen_at = rows_i64 (rows, 0, 7),
                                  .typed = rows_i64 (rows, 0, 8),
                                  .taken = rows_i64 (rows, 0, 9),
                                  .printed = rows_i64 (rows, 0, 10),
                                  .shown = rows_i64 (rows, 0, 11),
                                  .ended_at = rows_i64 (rows, 0, 12),
                                  .exit_status = (uint32_t) rows_i64 (rows, 0, 13),
                                  .reason = rows_str (rows, 0, 14)};
    return OK;
}

fault_t hold_store_save_shell (db_t *db, turn_t *turn, const held_shell_row_t *row)
{
    return db_exec (
        db, turn,
        "update shells set columns = $2, rows = $3, seen_at = $4, typed = $5, taken = $6, printed = $7,"
        " shown = $8, ended_at = $9, exit_status = $10, reason = $11 where id = $1",
        P_STR (row->id), P_I64 (row->columns), P_I64 (row->rows), P_I64 (row->seen_at), P_I64 (row->typed),
        P_I64 (row->taken), P_I64 (row->printed), P_I64 (row->shown), P_I64 (row->ended_at),
        P_I64 (row->exit_status), P_STR (row->reason));
}

// Where the piece begins that has byte $3: the last one that does not begin after it.
#define HOLDS_BYTE \
    "coalesce ((select max (at) from shell_pieces where shell = $1 and typed = $2 and at <= $3), 0)"

fault_t hold_store_put (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t at,
                        const bytes_t *data)
{
    return db_exec (db, turn, "insert into shell_pieces (shell, typed, at, data) values ($1, $2, $3, $4)",
                    P_STR (shell), P_I64 (typed), P_I64 (at), P_BYTES (data->data, data->size));
}

fault_t hold_store_get (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t at, size_t most,
                        bytes_t *out)
{
    const rows_t *rows;
    char *bytes = arena_alloc (turn->arena, most + 1);
    size_t have = 0;
    TRY (db_query (db, turn,
                   "select at, data from shell_pieces where shell = $1 and typed = $2 and at >= " HOLDS_BYTE
                   " order by at limit $4",
                   &rows, P_STR (shell), P_I64 (typed), P_I64 (at), P_I64 (PIECES)));
    for (size_t i = 0; i < rows_count (rows) && have < most; i++) {
        size_t size;
        const char *data = rows_bytes (rows, i, 1, &size);
        int64_t begins = rows_i64 (rows, i, 0), skip = at + (int64_t) have - begins;
        if (skip < 0)
            break; // Not there yet
        if (skip >= (int64_t) size)
            continue;
        size_t part = size - (size_t) skip;
        part = part < most - have ? part : most - have;
        memcpy (bytes + have, data + skip, part);
        have += part;
    }
    *out = (bytes_t){bytes, have};
    return OK;
}

fault_t hold_store_drop (db_t *db, turn_t *turn, const char *shell, bool typed, int64_t before)
{
    return db_exec (db, turn, "delete from shell_pieces where shell = $1 and typed = $2 and at < " HOLDS_BYTE,
                    P_STR (shell), P_I64 (typed), P_I64 (before));
}

fault_t hold_store_clear (db_t *db, turn_t *turn, const char *shell, bool typed)
{
    return db_exec (db, turn, "delete from shell_pieces where shell = $1 and typed = $2", P_STR (shell),
                    P_I64 (typed));
}
