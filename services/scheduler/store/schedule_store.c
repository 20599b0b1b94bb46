/* schedule_store.c - see schedule_store.h. */

#include "services/scheduler/store/schedule_store.h"

#include "common/base/clock.h"

#define COLUMNS "select project_id, cron, timezone, next_at, due_at from schedules"

static fault_t read_schedules (turn_t *turn, fault_t fault, const rows_t *rows, schedule_rows_t *out)
{
    TRY (fault);
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (schedule_row_t){rows_str (rows, i, 0), rows_str (rows, i, 1), rows_str (rows, i, 2),
                                         rows_i64 (rows, i, 3), rows_i64 (rows, i, 4)};
    return OK;
}

fault_t schedule_store_of_project (db_t *db, turn_t *turn, const char *project, schedule_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, COLUMNS " where project_id = $1", &rows, P_STR (project));
    return read_schedules (turn, fault, rows, out);
}

fault_t schedule_store_add (db_t *db, turn_t *turn, const schedule_row_t *row)
{
    return db_exec (db, turn,
                    "insert into schedules (project_id, cron, timezone, next_at) values ($1, $2, $3, $4)"
                    " on conflict (project_id, cron, timezone) do nothing",
                    P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone), P_I64 (row->next_at));
}

fault_t schedule_store_remove (db_t *db, turn_t *turn, const schedule_row_t *row)
{
    return db_exec (db, turn, "delete from schedules where project_id = $1 and cron = $2 and timezone = $3",
                    P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone));
}

fault_t schedule_store_remove_all (db_t *db, turn_t *turn, const char *project)
{
    return db_exec (db, turn, "delete from schedules where project_id = $1", P_STR (project));
}

fault_t schedule_store_passed (db_t *db, turn_t *turn, schedule_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, COLUMNS " where next_at <= $1 and suspended = 0 order by next_at limit $2", &rows,
                  P_I64 (turn->now_us), P_I64 (SCHEDULES_MAX));
    return read_schedules (turn, fault, rows, out);
}

fault_t schedule_store_due (db_t *db, turn_t *turn, int64_t asked_before, schedule_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, COLUMNS " where due_at > 0 and asked_at <= $1 order by asked_at limit $2", &rows,
                  P_I64 (asked_before), P_I64 (SCHEDULES_MAX));
    return read_schedules (turn, fault, rows, out);
}

fault_t schedule_store_save (db_t *db, turn_t *turn, const schedule_row_t *row)
{
    return db_exec (db, turn,
                    "update schedules set next_at = $4, due_at = $5, asked_at = 0"
                    " where project_id = $1 and cron = $2 and timezone = $3",
                    P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone), P_I64 (row->next_at),
                    P_I64 (row->due_at));
}

fault_t schedule_store_asked (db_t *db, turn_t *turn, const schedule_row_t *row)
{
    return db_exec (
        db, turn, "update schedules set asked_at = $4 where project_id = $1 and cron = $2 and timezone = $3",
        P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone), P_I64 (turn->now_us));
}

fault_t schedule_store_done (db_t *db, turn_t *turn, const schedule_row_t *row, bool *done)
{
    int64_t changed;
    fault_t fault = db_change (
        db, turn,
        "update schedules set due_at = 0, crashes = 0 where project_id = $1 and cron = $2"
        " and timezone = $3 and due_at = $4 and due_at > 0",
        &changed, P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone), P_I64 (row->due_at));
    *done = changed > 0;
    return fault;
}

fault_t schedule_store_blame (db_t *db, turn_t *turn, bool *suspended)
{
    int64_t changed = 0;
    fault_t fault =
        db_exec (db, turn, "update schedules set crashes = crashes + 1 where due_at > 0 and asked_at > 0");
    if (!fault)
        fault = db_change (
            db, turn, "update schedules set suspended = 1, due_at = 0 where crashes >= $1 and suspended = 0",
            &changed, P_I64 (SCHEDULE_CRASHES));
    *suspended = !fault && changed > 0;
    return fault;
}

fault_t schedule_store_lift (db_t *db, turn_t *turn, const schedule_row_t *row)
{
    return db_exec (
        db, turn,
        "update schedules set suspended = 0, crashes = 0, next_at = $4 where project_id = $1 and cron = $2"
        " and timezone = $3 and suspended = 1",
        P_STR (row->project_id), P_STR (row->cron), P_STR (row->timezone), P_I64 (row->next_at));
}

fault_t schedule_store_suspended (db_t *db, turn_t *turn, const char *project, const char **lines)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select cron from schedules where project_id = $1 and suspended = 1 order by cron"
                  " limit $2",
                  &rows, P_STR (project), P_I64 (SCHEDULES_MAX));
    *lines = "";
    for (size_t i = 0; !fault && i < rows_count (rows); i++)
        *lines = arena_printf (turn->arena, "%s%s%s", *lines, i ? "; " : "", rows_str (rows, i, 0));
    return fault;
}
