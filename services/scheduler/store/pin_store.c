/* pin_store.c - see pin_store.h. */

#include "services/scheduler/store/pin_store.h"

#include "workflow/model/action_lock.h"

#define COLUMNS "select reference, locked_to, moved_to, job_id, locked_at, moved_at from action_pins"

static action_pin_t read_pin (const rows_t *rows, size_t row)
{
    return (action_pin_t){.reference = rows_str (rows, row, 0),
                          .commit = rows_str (rows, row, 1),
                          .source = pin_record,
                          .moved_to = rows_str (rows, row, 2),
                          .job = rows_str (rows, row, 3),
                          .locked_at = rows_i64 (rows, row, 4),
                          .moved_at = rows_i64 (rows, row, 5)};
}

fault_t pin_store_job (db_t *db, turn_t *turn, const char *job, pin_job_t *out)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn,
        "select r.project_id, j.attempt, coalesce (c.file, './' || r.workflow), coalesce (f.source, '')"
        " from jobs j join runs r on r.id = j.run_id"
        " join nodes n on n.run_id = j.run_id and n.key = j.key"
        " left join calls c on c.job_id = n.called_by"
        " left join run_files f on f.run_id = j.run_id and f.name = $2 where j.id = $1",
        &rows, P_STR (job), P_STR (ACTION_LOCK_PATH)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", job);
    *out = (pin_job_t){.project_id = rows_str (rows, 0, 0),
                       .attempt = (uint32_t) rows_i64 (rows, 0, 1),
                       .workflow = rows_str (rows, 0, 2),
                       .lock = rows_str (rows, 0, 3)};
    return OK;
}

fault_t pin_store_find (db_t *db, turn_t *turn, const char *project, const char *reference, action_pin_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, COLUMNS " where project_id = $1 and reference = $2", &rows, P_STR (project),
                   P_STR (reference)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    *out = read_pin (rows, 0);
    return OK;
}

fault_t pin_store_page (db_t *db, turn_t *turn, const char *project, const char *after, size_t limit,
                        action_pin_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, COLUMNS " where project_id = $1 and reference > $2 order by reference limit $3",
                   &rows, P_STR (project), P_STR (after), P_I64 ((int64_t) limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_pin (rows, i);
    return OK;
}

fault_t pin_store_count (db_t *db, turn_t *turn, const char *project, int64_t *count)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count (*) from action_pins where project_id = $1", &rows,
                   P_STR (project)));
    *count = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t pin_store_add (db_t *db, turn_t *turn, const char *project, const action_pin_t *pin)
{
    return db_exec (db, turn,
                    "insert into action_pins (project_id, reference, locked_to, job_id, locked_at)"
                    " values ($1, $2, $3, $4, $5)",
                    P_STR (project), P_STR (pin->reference), P_STR (pin->commit), P_STR (pin->job),
                    P_I64 (pin->locked_at));
}

fault_t pin_store_set (db_t *db, turn_t *turn, const char *project, const action_pin_t *pin)
{
    return db_exec (
        db, turn,
        "update action_pins set locked_to = $3, moved_to = $4, job_id = $5, locked_at = $6, moved_at = $7"
        " where project_id = $1 and reference = $2",
        P_STR (project), P_STR (pin->reference), P_STR (pin->commit), P_STR (pin->moved_to), P_STR (pin->job),
        P_I64 (pin->locked_at), P_I64 (pin->moved_at));
}

fault_t pin_store_remove_all (db_t *db, turn_t *turn, const char *project)
{
    return db_exec (db, turn, "delete from action_pins where project_id = $1", P_STR (project));
}
