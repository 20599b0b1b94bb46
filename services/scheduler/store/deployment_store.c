/* deployment_store.c - see deployment_store.h. */

#include "services/scheduler/store/deployment_store.h"

#include "proto/strs.h"
#include "services/scheduler/store/place_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

fault_t deployment_store_add (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt)
{
    return db_exec (
        db, turn,
        "insert into deployments (job_id, run_attempt, run_id, project_id, environment, state, due_at,"
        " created_at) select id, cast ($2 as bigint), run_id, project_id, environment, 'asked',"
        " cast ($3 as bigint), cast ($3 as bigint) from jobs where id = $1"
        " on conflict (job_id, run_attempt) do nothing",
        P_STR (job), P_I64 (run_attempt), P_I64 (turn->now_us));
}

#define SELECT                                                                                               \
    "select d.job_id, j.name, d.run_id, r.number, d.run_attempt, p.name, r.title, r.ref, r.actor,"           \
    " d.environment, d.state, d.created_at, d.wait_until, d.approvers, d.decided_by, d.decided_at,"          \
    " d.comment, d.no_self_review, d.due_at, d.project_id from deployments d join jobs j on j.id = d.job_id" \
    " join runs r on r.id = d.run_id join projects p on p.id = d.project_id"

static deployment_row_t read_deployment (turn_t *turn, const rows_t *rows, size_t i)
{
    deployment_row_t row = {.shown = {.job_id = rows_str (rows, i, 0),
                                      .job = rows_str (rows, i, 1),
                                      .run_id = rows_str (rows, i, 2),
                                      .run_number = rows_i64 (rows, i, 3),
                                      .run_attempt = (uint32_t) rows_i64 (rows, i, 4),
                                      .project = rows_str (rows, i, 5),
                                      .title = rows_str (rows, i, 6),
                                      .ref = rows_str (rows, i, 7),
                                      .actor = rows_str (rows, i, 8),
                                      .environment = rows_str (rows, i, 9),
                                      .created_at = rows_i64 (rows, i, 11),
                                      .wait_until = rows_i64 (rows, i, 12),
                                      .approvers = strs_split (turn->arena, rows_str (rows, i, 13)),
                                      .decided_by = rows_str (rows, i, 14),
                                      .decided_at = rows_i64 (rows, i, 15),
                                      .comment = rows_str (rows, i, 16)},
                            .no_self_review = rows_i64 (rows, i, 17) != 0,
                            .due_at = rows_i64 (rows, i, 18),
                            .project_id = rows_str (rows, i, 19)};
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_deployment, rows_str (rows, i, 10), &row.shown.state);
    return row;
}

static void read_deployments (turn_t *turn, const rows_t *rows, deployment_rows_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_deployment (turn, rows, i);
}

static fault_t one_deployment (turn_t *turn, const rows_t *rows, const char *job, deployment_row_t *out)
{
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "job %s deploys to no environment", job);
    *out = read_deployment (turn, rows, 0);
    return OK;
}

fault_t deployment_store_find (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt,
                               deployment_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where d.job_id = $1 and d.run_attempt = $2", &rows, P_STR (job),
                   P_I64 (run_attempt)));
    return one_deployment (turn, rows, job, out);
}

fault_t deployment_store_latest (db_t *db, turn_t *turn, const char *job, deployment_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where d.job_id = $1 order by d.run_attempt desc limit 1", &rows,
                   P_STR (job)));
    return one_deployment (turn, rows, job, out);
}

fault_t deployment_store_save (db_t *db, turn_t *turn, const deployment_row_t *row)
{
    const deployment_t *shown = &row->shown;
    return db_exec (db, turn,
                    "update deployments set state = $3, due_at = $4, wait_until = $5, approvers = $6,"
                    " no_self_review = $7, decided_by = $8, decided_at = $9, comment = $10"
                    " where job_id = $1 and run_attempt = $2",
                    P_STR (shown->job_id), P_I64 (shown->run_attempt),
                    P_STR (state_name (&states_deployment, shown->state)), P_I64 (row->due_at),
                    P_I64 (shown->wait_until), P_STR (strs_join (turn->arena, &shown->approvers)),
                    P_I64 (row->no_self_review), P_STR (shown->decided_by), P_I64 (shown->decided_at),
                    P_STR (shown->comment));
}

fault_t deployment_store_close (db_t *db, turn_t *turn, const char *job, uint32_t run_attempt)
{
    return db_exec (db, turn,
                    "update deployments set state = 'closed', due_at = 0 where job_id = $1"
                    " and run_attempt <= $2 and state in ('asked', 'waiting')",
                    P_STR (job), P_I64 (run_attempt));
}

fault_t deployment_store_of_run (db_t *db, turn_t *turn, const char *run, deployment_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT
                   " where d.run_id = $1 order by d.run_attempt desc, d.created_at desc, d.job_id limit $2",
                   &rows, P_STR (run), P_I64 (DEPLOYMENTS_OF_A_RUN)));
    read_deployments (turn, rows, out);
    return OK;
}

#define WAITING(among)                                                                \
    SELECT " where d.state = 'waiting' and (d.created_at, d.job_id) > ($1, $2)" among \
           " order by d.created_at, d.job_id limit $3"

fault_t deployment_store_waiting (db_t *db, turn_t *turn, const char *scope, const char *cursor, size_t limit,
                                  deployment_rows_t *out, const char **next)
{
    const rows_t *rows;
    char *rest = NULL;
    int64_t after = *cursor ? strtoll (cursor, &rest, 10) : -1;
    const char *job = rest && *rest == '.' ? rest + 1 : "";
    TRY (scope
             ? db_query (db, turn, WAITING (" and " GRANTED ("d.project_id", "$4")), &rows, P_I64 (after),
                         P_STR (job), P_I64 ((int64_t) limit), P_STR (scope))
             : db_query (db, turn, WAITING (""), &rows, P_I64 (after), P_STR (job), P_I64 ((int64_t) limit)));
    read_deployments (turn, rows, out);
    *next = "";
    if (out->count == limit) {
        const deployment_t *last = &out->items[limit - 1].shown;
        *next = arena_printf (turn->arena, "%" PRId64 ".%s", last->created_at, last->job_id);
    }
    return OK;
}

fault_t deployment_store_due (db_t *db, turn_t *turn, deployment_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where d.due_at > 0 and d.due_at <= $1 order by d.due_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (DEPLOYMENTS_A_TICK)));
    read_deployments (turn, rows, out);
    return OK;
}

fault_t deployment_store_asked (db_t *db, turn_t *turn, const deployment_row_t *row, int64_t again_at)
{
    return db_exec (
        db, turn, "update deployments set due_at = $3 where job_id = $1 and run_attempt = $2 and due_at > 0",
        P_STR (row->shown.job_id), P_I64 (row->shown.run_attempt), P_I64 (again_at));
}
