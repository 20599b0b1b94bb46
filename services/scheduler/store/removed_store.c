/* removed_store.c - see removed_store.h. A run's own row goes first, so that a partial run is never visible; the rest follows in steps whose size
 * does not depend on the run's. */

#include "services/scheduler/store/removed_store.h"

#include "common/base/clock.h"

#define IDS 16 // Of one statement

static void read_ids (turn_t *turn, const rows_t *rows, strs_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = rows_str (rows, i, 0);
}

fault_t removed_store_add (db_t *db, turn_t *turn, const char *run, bool *removed)
{
    int64_t changed;
    TRY (db_exec (db, turn,
                  "insert into removed_runs (id, due_at) select id, cast ($2 as bigint) from runs"
                  " where id = $1 and state = 'finished' on conflict (id) do nothing",
                  P_STR (run), P_I64 (turn->now_us)));
    TRY (
        db_change (db, turn, "delete from runs where id = $1 and state = 'finished'", &changed, P_STR (run)));
    *removed = changed == 1;
    return OK;
}

// The oldest runs of a project are the first of its index: where none of them is over, none is.
fault_t removed_store_over (db_t *db, turn_t *turn, const over_t *over, strs_t *runs)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, number, finished_at from runs where project_id = $1 and state = 'finished'"
                   " order by id limit $2",
                   &rows, P_STR (over->project), P_I64 (OLDEST_RUNS)));
    *runs = (strs_t){.items = arena_array (turn->arena, OLDEST_RUNS, sizeof *runs->items)};
    for (size_t i = 0; i < rows_count (rows); i++)
        if (rows_i64 (rows, i, 2) < over->before_us || rows_i64 (rows, i, 1) <= over->upto_number)
            runs->items[runs->count++] = rows_str (rows, i, 0);
    return OK;
}

fault_t removed_store_of_project (db_t *db, turn_t *turn, const char *project, strs_t *runs)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id from runs where project_id = $1 and state = 'finished' order by id limit $2",
                   &rows, P_STR (project), P_I64 (OLDEST_RUNS)));
    read_ids (turn, rows, runs);
    return OK;
}

fault_t removed_store_due (db_t *db, turn_t *turn, strs_t *runs)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id from removed_runs where due_at > $1 limit $2", &rows,
                   P_I64 (turn->now_us), P_I64 (REMOVED_RUNS)));
    int64_t asked = (int64_t) rows_count (rows);
    TRY (db_query (db, turn, "select id from removed_runs where due_at <= $1 order by due_at limit $2", &rows,
                   P_I64 (turn->now_us), P_I64 (REMOVED_RUNS - asked)));
    read_ids (turn, rows, runs);
    return OK;
}

fault_t removed_store_asked (db_t *db, turn_t *turn, const char *run, int64_t again_at)
{
    return db_exec (db, turn, "update removed_runs set due_at = $2 where id = $1", P_STR (run),
                    P_I64 (again_at));
}

fault_t removed_store_next (db_t *db, turn_t *turn, int64_t *at)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select min (due_at) from removed_runs", &rows));
    *at = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return OK;
}

fault_t removed_store_is (db_t *db, turn_t *turn, const char *run, bool *is)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from removed_runs where id = $1", &rows, P_STR (run)));
    *is = rows_count (rows) > 0;
    return OK;
}

fault_t removed_store_jobs (db_t *db, turn_t *turn, const char *run, strs_t *jobs)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id from jobs where run_id = $1 order by position, cell limit $2", &rows,
                   P_STR (run), P_I64 (REMOVED_JOBS)));
    read_ids (turn, rows, jobs);
    return OK;
}

#define IN "in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"

static fault_t clear_jobs (db_t *db, turn_t *turn, const char *const *ids, size_t count)
{
    static const char *const statements[] = {
        "delete from attempts where job_id " IN,
        "delete from seals where job_id " IN,        // Its log is gone
        "delete from failures where job_id " IN,     // What they say of it
        "delete from test_reports where job_id " IN, //
        "delete from failed_tests where job_id " IN, //
        "delete from deployments where job_id " IN,
        "delete from calls where job_id " IN,
        "delete from holds where job_id " IN,
        "delete from shell_pieces where shell in (select id from shells where job_id " IN ")",
        "delete from shells where job_id " IN,
        "delete from jobs where id " IN,
    };
    param_t params[IDS];
    for (size_t i = 0; i < IDS; i++)
        params[i] = P_STR (i < count ? ids[i] : "");
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        TRY (db_run (db, turn, statements[i], NULL, false, NULL, IDS, params));
    return OK;
}

fault_t removed_store_clear_jobs (db_t *db, turn_t *turn, const strs_t *jobs)
{
    for (size_t i = 0; i < jobs->count; i += IDS)
        TRY (clear_jobs (db, turn, jobs->items + i, jobs->count - i < IDS ? jobs->count - i : IDS));
    return OK;
}

fault_t removed_store_clear (db_t *db, turn_t *turn, const char *run)
{
    static const char *const statements[] = {
        "delete from nodes where run_id = $1",     "delete from run_files where run_id = $1",
        "delete from run_texts where run_id = $1", "delete from run_holds where run_id = $1",
        "delete from removed_runs where id = $1",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        TRY (db_exec (db, turn, statements[i], P_STR (run)));
    return OK;
}
