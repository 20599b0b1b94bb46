/* trial_store.c - see trial_store.h. */

#include "services/scheduler/store/trial_store.h"

#include "common/base/clock.h"

fault_t trial_store_add (db_t *db, turn_t *turn, const trial_row_t *row)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count (*) from trials where project_id = $1", &rows,
                   P_STR (row->project_id)));
    if (rows_i64 (rows, 0, 0) >= TRIALS_MOST)
        return turn_fail (turn, TOO_LARGE, "the project has %d trials: remove some of their runs",
                          TRIALS_MOST);
    return db_exec (db, turn,
                    "insert into trials (id, project_id, created_at, due_at) values ($1, $2, $3, $4)",
                    P_STR (row->id), P_STR (row->project_id), P_I64 (row->created_at),
                    P_I64 (row->created_at + TRIAL_UNUSED_US));
}

fault_t trial_store_find (db_t *db, turn_t *turn, const char *id, trial_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id, project_id, created_at, removed from trials where id = $1", &rows,
                   P_STR (id)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no trial %s", id);
    *out = (trial_row_t){.id = rows_str (rows, 0, 0),
                         .project_id = rows_str (rows, 0, 1),
                         .created_at = rows_i64 (rows, 0, 2),
                         .removed = rows_i64 (rows, 0, 3) != 0};
    return OK;
}

fault_t trial_store_of_job (db_t *db, turn_t *turn, const char *job, uint32_t attempt, const char **trial)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select t.trial_id, j.attempt from jobs j join trial_runs t on t.run_id = j.run_id"
                   " where j.id = $1",
                   &rows, P_STR (job)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "job %s is not of a trial", job);
    *trial = rows_str (rows, 0, 0);
    return rows_i64 (rows, 0, 1) == (int64_t) attempt
               ? OK
               : turn_fail (turn, CONFLICT, "attempt %u of job %s is over", attempt, job);
}

fault_t trial_store_has (db_t *db, turn_t *turn, const char *run, bool *has)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from trial_runs where run_id = $1", &rows, P_STR (run)));
    *has = rows_count (rows) > 0;
    return OK;
}

static fault_t set_due (db_t *db, turn_t *turn, const char *trial, int64_t due_at)
{
    return db_exec (db, turn, "update trials set due_at = $2 where id = $1", P_STR (trial), P_I64 (due_at));
}

fault_t trial_store_use (db_t *db, turn_t *turn, const char *trial, const char *run)
{
    TRY (db_exec (db, turn, "insert into trial_runs (run_id, trial_id) values ($1, $2)", P_STR (run),
                  P_STR (trial)));
    return set_due (db, turn, trial, NEVER);
}

fault_t trial_store_has_run (db_t *db, turn_t *turn, const char *trial, bool *has)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from trial_runs where trial_id = $1 limit 1", &rows, P_STR (trial)));
    *has = rows_count (rows) > 0;
    return OK;
}

fault_t trial_store_release (db_t *db, turn_t *turn, const char *run)
{
    const rows_t *rows;
    bool used;
    TRY (db_query (db, turn, "select trial_id from trial_runs where run_id = $1", &rows, P_STR (run)));
    if (rows_count (rows) == 0)
        return OK;
    const char *trial = rows_str (rows, 0, 0);
    TRY (db_exec (db, turn, "delete from trial_runs where run_id = $1", P_STR (run)));
    TRY (trial_store_has_run (db, turn, trial, &used));
    return used ? OK : set_due (db, turn, trial, turn->now_us);
}

fault_t trial_store_due (db_t *db, turn_t *turn, strs_t *trials)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id from trials where due_at <= $1 order by due_at limit $2", &rows,
                   P_I64 (turn->now_us), P_I64 (TRIALS_DUE)));
    *trials =
        (strs_t){.items = arena_array (turn->arena, TRIALS_DUE, sizeof (char *)), .count = rows_count (rows)};
    for (size_t i = 0; i < trials->count; i++)
        trials->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t trial_store_asked (db_t *db, turn_t *turn, const char *trial, int64_t again_at)
{
    return db_exec (db, turn, "update trials set due_at = $2, removed = 1 where id = $1", P_STR (trial),
                    P_I64 (again_at));
}

fault_t trial_store_next (db_t *db, turn_t *turn, int64_t *at)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select min (due_at) from trials", &rows));
    *at = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return OK;
}

fault_t trial_store_clear (db_t *db, turn_t *turn, const char *trial)
{
    return db_exec (db, turn, "delete from trials where id = $1", P_STR (trial));
}
