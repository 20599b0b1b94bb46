/* failure_store.c - see failure_store.h. Each question is a look-up in an index, however long the history is. */

#include "services/scheduler/store/failure_store.h"

#include "common/base/clock.h"

#include <string.h>

// A rerun that fails before it has an attempt of its own is looked at again under the old one's number.
fault_t failure_store_add (db_t *db, turn_t *turn, const char *job)
{
    return db_exec (db, turn,
                    "insert into failures (job_id, attempt, run_id, project_id, due_at)"
                    " select id, attempt, run_id, project_id, cast ($2 as bigint) from jobs where id = $1"
                    " on conflict (job_id, attempt) do update set due_at = excluded.due_at",
                    P_STR (job), P_I64 (turn->now_us));
}

fault_t failure_store_due (db_t *db, turn_t *turn, failure_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from failures where due_at > $1 limit $2", &rows, P_I64 (turn->now_us),
                   P_I64 (FAILURE_LOOKS)));
    int64_t asked = (int64_t) rows_count (rows);
    TRY (db_query (
        db, turn,
        "select job_id, attempt from failures where due_at > 0 and due_at <= $1 order by due_at limit $2",
        &rows, P_I64 (turn->now_us), P_I64 (FAILURE_LOOKS - asked)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] =
            (failure_row_t){.job_id = rows_str (rows, i, 0), .attempt = (uint32_t) rows_i64 (rows, i, 1)};
    return OK;
}

fault_t failure_store_asked (db_t *db, turn_t *turn, const failure_row_t *row, int64_t again_at)
{
    return db_exec (db, turn,
                    "update failures set due_at = $3 where job_id = $1 and attempt = $2 and due_at > 0",
                    P_STR (row->job_id), P_I64 (row->attempt), P_I64 (again_at));
}

fault_t failure_store_is_due (db_t *db, turn_t *turn, const char *job, uint32_t attempt, bool *due)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from failures where job_id = $1 and attempt = $2 and due_at > 0",
                   &rows, P_STR (job), P_I64 (attempt)));
    *due = rows_count (rows) > 0;
    return OK;
}

fault_t failure_store_save (db_t *db, turn_t *turn, const failure_row_t *row, const char *fingerprint)
{
    return db_exec (
        db, turn,
        "update failures set due_at = 0, fingerprint = $3, facts = $4 where job_id = $1 and attempt = $2",
        P_STR (row->job_id), P_I64 (row->attempt), P_STR (fingerprint),
        P_BYTES (row->facts.data, row->facts.size));
}

fault_t failure_store_of_run (db_t *db, turn_t *turn, const char *run, failure_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select f.job_id, f.attempt, f.due_at, f.facts from failures f"
                   " join jobs j on j.id = f.job_id and j.attempt = f.attempt where f.run_id = $1"
                   " order by j.position, j.cell limit $2",
                   &rows, P_STR (run), P_I64 (2 * MAX_FAILURES)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        failure_row_t *row = &out->items[i];
        *row = (failure_row_t){.job_id = rows_str (rows, i, 0),
                               .attempt = (uint32_t) rows_i64 (rows, i, 1),
                               .looked = rows_i64 (rows, i, 2) == 0};
        row->facts.data = rows_bytes (rows, i, 3, &row->facts.size);
    }
    return OK;
}

// A commit passed if the same job did in a later attempt, or all of the workflow in another run.
fault_t failure_store_alike (db_t *db, turn_t *turn, const char *project, const char *fingerprint,
                             failure_seen_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select r.id, r.number, r.ref, r.sha, j.id, j.name, r.created_at,"
                   " case when j.result = 'success' or " RUN_OF_PASSED_COMMIT " is not null then 1 else 0 end"
                   " from (select job_id, run_id from failures where project_id = $1 and fingerprint = $2"
                   " and fingerprint <> '' order by run_id desc limit $3) f"
                   " join runs r on r.id = f.run_id join jobs j on j.id = f.job_id order by f.run_id desc",
                   &rows, P_STR (project), P_STR (fingerprint), P_I64 (FAILURES_ALIKE)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (failure_seen_t){.run_id = rows_str (rows, i, 0),
                                         .run_number = rows_i64 (rows, i, 1),
                                         .ref = rows_str (rows, i, 2),
                                         .sha = rows_str (rows, i, 3),
                                         .job_id = rows_str (rows, i, 4),
                                         .job_name = rows_str (rows, i, 5),
                                         .at = rows_i64 (rows, i, 6),
                                         .passed = rows_i64 (rows, i, 7) != 0};
    return OK;
}

#define OF_BRANCH                                                                               \
    "select id, number, sha, created_at from runs where state = 'finished' and project_id = $1" \
    " and workflow = $2 and ref = $3"

static ended_run_t read_ended (const rows_t *rows)
{
    if (rows_count (rows) == 0)
        return (ended_run_t){.run_id = "", .sha = ""};
    return (ended_run_t){.run_id = rows_str (rows, 0, 0),
                         .number = rows_i64 (rows, 0, 1),
                         .sha = rows_str (rows, 0, 2),
                         .at = rows_i64 (rows, 0, 3)};
}

fault_t failure_store_branch (db_t *db, turn_t *turn, const run_t *run, branch_history_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, OF_BRANCH " and result = 'success' and id < $4 order by id desc limit 1", &rows,
                   P_STR (run->project_id), P_STR (run->workflow), P_STR (run->ref), P_STR (run->id)));
    out->green = read_ended (rows);
    TRY (db_query (db, turn, OF_BRANCH " and result = 'failure' and id > $4 and id <= $5 order by id limit 1",
                   &rows, P_STR (run->project_id), P_STR (run->workflow), P_STR (run->ref),
                   P_STR (out->green.run_id), P_STR (run->id)));
    out->red = read_ended (rows);
    TRY (db_query (db, turn,
                   "select count (*) from (" OF_BRANCH
                   " and result = 'failure' and id > $4 and id <= $5 limit $6) as red",
                   &rows, P_STR (run->project_id), P_STR (run->workflow), P_STR (run->ref),
                   P_STR (out->green.run_id), P_STR (run->id), P_I64 (RED_RUNS)));
    out->red_runs = rows_i64 (rows, 0, 0);
    TRY (db_query (db, turn, OF_BRANCH " and result = 'failure' and id < $4 order by id desc limit 1", &rows,
                   P_STR (run->project_id), P_STR (run->workflow), P_STR (run->ref), P_STR (run->id)));
    out->before = read_ended (rows).run_id;
    if (strcmp (out->before, out->green.run_id) < 0)
        out->before = "";
    TRY (db_query (db, turn,
                   "select id from runs where project_id = $1 and workflow = $2 order by id desc limit $3",
                   &rows, P_STR (run->project_id), P_STR (run->workflow), P_I64 (FLAKY_RUNS)));
    out->counted_runs = (int64_t) rows_count (rows);
    out->oldest = out->counted_runs ? rows_str (rows, rows_count (rows) - 1, 0) : "";
    return OK;
}
