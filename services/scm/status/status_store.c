/* status_store.c - see status_store.h. */

#include "services/scm/status/status_store.h"

#include "common/base/clock.h"
#include "proto/strs.h"
#include "services/scm/forges/forge_store.h"

// ---- the scheduler's events ----

fault_t status_store_events (db_t *db, turn_t *turn, int64_t *cursor, int64_t *due_at)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select cursor, due_at from forge_events where name = 'scheduler'", &rows));
    if (rows_count (rows) != 1)
        return turn_fail (turn, BROKEN, "the cursor of events is missing");
    *cursor = rows_i64 (rows, 0, 0);
    *due_at = rows_i64 (rows, 0, 1);
    return OK;
}

fault_t status_store_follow (db_t *db, turn_t *turn, int64_t was_due_at, int64_t due_at, bool *is)
{
    int64_t changed;
    TRY (db_change (db, turn, "update forge_events set due_at = $2 where name = 'scheduler' and due_at = $1",
                    &changed, P_I64 (was_due_at), P_I64 (due_at)));
    *is = changed == 1;
    return OK;
}

fault_t status_store_followed (db_t *db, turn_t *turn, int64_t from, int64_t cursor, int64_t due_at, bool *is)
{
    int64_t changed;
    TRY (db_change (db, turn,
                    "update forge_events set cursor = $2, due_at = $3 where name = 'scheduler' and"
                    " cursor = $1",
                    &changed, P_I64 (from), P_I64 (cursor), P_I64 (due_at)));
    *is = changed == 1;
    return OK;
}

#define SHOWN_PROJECTS                                                                                        \
    "select p.project_id from forge_projects p join forges f on f.id = p.forge_id where p.statuses <> 'none'" \
    " and f.kind <> 'git'"

fault_t status_store_projects (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SHOWN_PROJECTS " order by p.project_id limit 10000", &rows));
    forge_store_ids (turn, rows, ids);
    return OK;
}

fault_t status_store_any_project (db_t *db, turn_t *turn, bool *any)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SHOWN_PROJECTS " limit 1", &rows));
    *any = rows_count (rows) > 0;
    return OK;
}

// ---- runs that changed ----

fault_t status_store_changed (db_t *db, turn_t *turn, const char *project_id, const char *run_id,
                              int64_t due_at)
{
    return db_exec (
        db, turn,
        "insert into forge_status_runs (run_id, project_id, changes, due_at) values ($1, $2, 1, $3)"
        " on conflict (run_id) do update set changes = forge_status_runs.changes + 1, due_at = case when"
        " forge_status_runs.due_at < excluded.due_at then forge_status_runs.due_at else excluded.due_at end",
        P_STR (run_id), P_STR (project_id), P_I64 (due_at));
}

static status_run_t read_run (const rows_t *rows, size_t i)
{
    return (status_run_t){rows_str (rows, i, 0), rows_str (rows, i, 1), rows_i64 (rows, i, 2)};
}

fault_t status_store_runs_due (db_t *db, turn_t *turn, status_runs_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select run_id, project_id, changes from forge_status_runs where due_at <= $1"
                   " order by due_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (STATUS_RUNS_DUE)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_run (rows, i);
    return OK;
}

fault_t status_store_run (db_t *db, turn_t *turn, const char *run_id, status_run_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select run_id, project_id, changes from forge_status_runs where run_id = $1",
                   &rows, P_STR (run_id)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, NOT_FOUND, "run %s has not changed", run_id);
    *out = read_run (rows, 0);
    return OK;
}

fault_t status_store_run_at (db_t *db, turn_t *turn, const char *run_id, int64_t due_at)
{
    return db_exec (db, turn, "update forge_status_runs set due_at = $2 where run_id = $1", P_STR (run_id),
                    P_I64 (due_at));
}

fault_t status_store_looked (db_t *db, turn_t *turn, const status_run_t *run)
{
    TRY (db_exec (db, turn, "delete from forge_status_runs where run_id = $1 and changes = $2",
                  P_STR (run->run_id), P_I64 (run->changes)));
    return db_exec (db, turn, "update forge_status_runs set due_at = $2 where run_id = $1 and due_at > $2",
                    P_STR (run->run_id), P_I64 (turn->now_us));
}

fault_t status_store_look_at_all (db_t *db, turn_t *turn, int64_t since_us)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select project_id, runs from forge_deliveries where received_at > $1 and runs <> ''"
                   " order by id desc limit 2000",
                   &rows, P_I64 (since_us)));
    for (size_t i = 0; i < rows_count (rows); i++) {
        strs_t runs = strs_split (turn->arena, rows_str (rows, i, 1));
        for (size_t j = 0; j < runs.count; j++)
            TRY (status_store_changed (db, turn, rows_str (rows, i, 0), runs.items[j], turn->now_us));
    }
    return OK;
}

// ---- statuses ----

fault_t status_store_put (db_t *db, turn_t *turn, const status_row_t *row)
{
    const forge_status_t *shown = &row->shown;
    return db_exec (
        db, turn,
        "insert into forge_statuses (id, project_id, sha, context, ref, run_id, job_id, run_number, state,"
        " description, url, version, delivery, reason, attempts, changed_at, due_at, sent_at) values ($1, $2,"
        " $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, 'waiting', '', 0, $12, $12, 0)"
        " on conflict (project_id, sha, context) do update set ref = excluded.ref, run_id = excluded.run_id,"
        " job_id = excluded.job_id, run_number = excluded.run_number, state = excluded.state,"
        " description = excluded.description, url = excluded.url, version = forge_statuses.version + 1,"
        " delivery = 'waiting', reason = '', attempts = 0, changed_at = excluded.changed_at,"
        " due_at = excluded.due_at where excluded.run_id <> '' and"
        " excluded.run_number >= forge_statuses.run_number and (excluded.state <> forge_statuses.state or"
        " excluded.description <> forge_statuses.description or excluded.url <> forge_statuses.url)",
        P_STR (shown->id), P_STR (row->project_id), P_STR (shown->sha), P_STR (shown->context),
        P_STR (row->ref), P_STR (shown->run_id), P_STR (shown->job_id), P_I64 (row->run_number),
        P_STR (shown->state), P_STR (shown->description), P_STR (shown->url), P_I64 (turn->now_us));
}

#define COLUMNS                                                                                        \
    "s.id, s.sha, s.context, s.state, s.description, s.url, s.run_id, s.job_id, s.delivery, s.reason," \
    " s.attempts, s.changed_at, s.due_at, s.sent_at"

static forge_status_t read_shown (const rows_t *rows, size_t i)
{
    return (forge_status_t){.id = rows_str (rows, i, 0),
                            .sha = rows_str (rows, i, 1),
                            .context = rows_str (rows, i, 2),
                            .state = rows_str (rows, i, 3),
                            .description = rows_str (rows, i, 4),
                            .url = rows_str (rows, i, 5),
                            .run_id = rows_str (rows, i, 6),
                            .job_id = rows_str (rows, i, 7),
                            .delivery = rows_str (rows, i, 8),
                            .reason = rows_str (rows, i, 9),
                            .attempts = rows_i64 (rows, i, 10),
                            .changed_at = rows_i64 (rows, i, 11),
                            .due_at = rows_i64 (rows, i, 12),
                            .sent_at = rows_i64 (rows, i, 13)};
}

fault_t status_store_waiting (db_t *db, turn_t *turn, const char *forge_id, status_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select " COLUMNS
                   ", s.project_id, s.ref, s.run_number, s.version, p.repository, p.full_name from"
                   " forge_statuses s join forge_projects p on p.project_id = s.project_id where"
                   " s.delivery = 'waiting' and s.due_at <= $1 and p.forge_id = $2 order by s.due_at, s.id"
                   " limit $3",
                   &rows, P_I64 (turn->now_us), P_STR (forge_id), P_I64 (STATUS_BATCH)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (status_row_t){.shown = read_shown (rows, i),
                                       .project_id = rows_str (rows, i, 14),
                                       .ref = rows_str (rows, i, 15),
                                       .run_number = rows_i64 (rows, i, 16),
                                       .version = rows_i64 (rows, i, 17),
                                       .repository = rows_str (rows, i, 18),
                                       .full_name = rows_str (rows, i, 19)};
    return OK;
}

fault_t status_store_answered (db_t *db, turn_t *turn, const status_row_t *row)
{
    const forge_status_t *shown = &row->shown;
    return db_exec (db, turn,
                    "update forge_statuses set delivery = $3, reason = $4, attempts = $5, due_at = $6,"
                    " sent_at = $7 where id = $1 and version = $2",
                    P_STR (shown->id), P_I64 (row->version), P_STR (shown->delivery), P_STR (shown->reason),
                    P_I64 (shown->attempts), P_I64 (shown->due_at), P_I64 (shown->sent_at));
}

fault_t status_store_once_more (db_t *db, turn_t *turn, const status_row_t *row)
{
    return db_exec (db, turn,
                    "update forge_statuses set delivery = 'waiting', version = version + 1, due_at = $2"
                    " where id = $1",
                    P_STR (row->shown.id), P_I64 (turn->now_us));
}

fault_t status_store_rearm (db_t *db, turn_t *turn, const char *forge_id, int64_t since_us)
{
    return db_exec (db, turn,
                    "update forge_statuses set delivery = 'waiting', attempts = 0, due_at = $2,"
                    " version = version + 1 where delivery in ('refused', 'undelivered') and changed_at > $3"
                    " and project_id in (select project_id from forge_projects where forge_id = $1 and"
                    " statuses <> 'none')",
                    P_STR (forge_id), P_I64 (turn->now_us), P_I64 (since_us));
}

fault_t status_store_page (db_t *db, turn_t *turn, const char *project_id, const char *sha,
                           const char *delivery, const char *before, int64_t limit, forge_status_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select " COLUMNS
                   " from forge_statuses s where s.project_id = $1 and ($2 = '' or s.sha = $2) and ($3 = ''"
                   " or s.delivery = $3) and ($4 = '' or s.id < $4) order by s.id desc limit $5",
                   &rows, P_STR (project_id), P_STR (sha), P_STR (delivery), P_STR (before), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_shown (rows, i);
    return OK;
}

fault_t status_store_drop_waiting (db_t *db, turn_t *turn, const char *project_id)
{
    return db_exec (db, turn, "delete from forge_statuses where project_id = $1 and delivery = 'waiting'",
                    P_STR (project_id));
}

fault_t status_store_drop (db_t *db, turn_t *turn, const char *project_id)
{
    TRY (db_exec (db, turn, "delete from forge_status_runs where project_id = $1", P_STR (project_id)));
    return db_exec (db, turn, "delete from forge_statuses where project_id = $1", P_STR (project_id));
}

fault_t status_store_tidy (db_t *db, turn_t *turn, int64_t before_us)
{
    return db_exec (db, turn, "delete from forge_statuses where changed_at < $1", P_I64 (before_us));
}

fault_t status_store_sums (db_t *db, turn_t *turn, status_sums_t *out)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn, "select count(*), min (changed_at) from forge_statuses where delivery = 'waiting'", &rows));
    *out = (status_sums_t){rows_i64 (rows, 0, 0), rows_i64 (rows, 0, 1)};
    return OK;
}

// ---- forges ----

#define DUE_OF                                                                                            \
    " from forge_statuses s join forge_projects p on p.project_id = s.project_id join forges f on f.id =" \
    " p.forge_id where s.delivery = 'waiting'"

fault_t status_store_forges_due (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select distinct f.id" DUE_OF " and s.due_at <= $1 and f.status_at <= $1 limit $2", &rows,
                   P_I64 (turn->now_us), P_I64 (MAX_FORGES)));
    forge_store_ids (turn, rows, ids);
    return OK;
}

fault_t status_store_lease (db_t *db, turn_t *turn, const char *forge_id, int64_t until, int64_t *lease)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "update forges set status_at = $2, status_lease = status_lease + 1 where id = $1 and"
                   " status_at <= $3 returning status_lease",
                   &rows, P_STR (forge_id), P_I64 (until), P_I64 (turn->now_us)));
    *lease = rows_count (rows) ? rows_i64 (rows, 0, 0) : 0;
    return OK;
}

fault_t status_store_has_lease (db_t *db, turn_t *turn, const char *forge_id, int64_t lease, bool *has)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select 1 from forges where id = $1 and status_lease = $2", &rows,
                   P_STR (forge_id), P_I64 (lease)));
    *has = rows_count (rows) > 0;
    return OK;
}

fault_t status_store_release (db_t *db, turn_t *turn, const char *forge_id, int64_t lease, int64_t at,
                              bool *is)
{
    int64_t changed;
    TRY (db_change (db, turn,
                    "update forges set status_at = $3, status_lease = status_lease + 1 where id = $1 and"
                    " status_lease = $2",
                    &changed, P_STR (forge_id), P_I64 (lease), P_I64 (at)));
    *is = changed == 1;
    return OK;
}

fault_t status_store_next (db_t *db, turn_t *turn, int64_t *at_us)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select min (at) from (select min (case when f.status_at > s.due_at then f.status_at else"
                   " s.due_at end) as at" DUE_OF " and s.due_at < $1 union all select min (due_at) from"
                   " forge_status_runs) due",
                   &rows, P_I64 (NEVER)));
    *at_us = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return OK;
}
