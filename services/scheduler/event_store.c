/* event_store.c - see event_store.h. */

#include "services/scheduler/event_store.h"

#include "common/clock.h"

#include <string.h>

static fault_t read_last (db_t *db, turn_t *turn, const char *sql, int64_t *last)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, sql, &rows);
    if (!fault && rows_count (rows) == 0)
        fault = turn_fail (turn, BROKEN, "the counter of events is missing");
    if (!fault)
        *last = rows_i64 (rows, 0, 0);
    return fault;
}

fault_t event_store_lock (db_t *db, turn_t *turn, int64_t *last)
{
    return read_last (db, turn, "select value from counters where name = 'events' " DB_FOR_UPDATE, last);
}

fault_t event_store_last (db_t *db, turn_t *turn, int64_t *last)
{
    return read_last (db, turn, "select value from counters where name = 'events'", last);
}

fault_t event_store_set_last (db_t *db, turn_t *turn, int64_t last)
{
    return db_exec (db, turn, "update counters set value = $1 where name = 'events'", P_I64 (last));
}

fault_t event_store_add (db_t *db, turn_t *turn, const event_t *event)
{
    return db_exec (db, turn,
                    "insert into events (id, type, project_id, run_id, job_id, agent_id, state, result, at)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    P_I64 (event->id), P_STR (event->type), P_STR (event->project_id), P_STR (event->run_id),
                    P_STR (event->job_id), P_STR (event->agent_id), P_STR (event->state),
                    P_STR (event->result), P_I64 (event->at));
}

static void read_event (const rows_t *rows, size_t row, event_t *out)
{
    *out = (event_t){
        .id = rows_i64 (rows, row, 0),
        .type = rows_str (rows, row, 1),
        .project_id = rows_str (rows, row, 2),
        .run_id = rows_str (rows, row, 3),
        .job_id = rows_str (rows, row, 4),
        .agent_id = rows_str (rows, row, 5),
        .state = rows_str (rows, row, 6),
        .result = rows_str (rows, row, 7),
        .at = rows_i64 (rows, row, 8),
    };
}

fault_t event_store_read (db_t *db, turn_t *turn, const char *project, const char *run, events_t *out)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select id, type, project_id, run_id, job_id, agent_id, state, result, at"
                  " from events where id > $1 order by id limit $2",
                  &rows, P_I64 (out->cursor), P_I64 (*project || *run ? EVENTS_SCANNED : MAX_PAGE));
    if (fault)
        return fault;
    out->items.items = arena_array (turn->arena, MAX_PAGE, sizeof (event_t));
    for (size_t i = 0; i < rows_count (rows) && out->items.count < MAX_PAGE; i++) {
        event_t *event = &out->items.items[out->items.count];
        read_event (rows, i, event);
        out->cursor = event->id;
        if ((!*project || strcmp (project, event->project_id) == 0) &&
            (!*run || strcmp (run, event->run_id) == 0))
            out->items.count++;
    }
    return OK;
}

fault_t event_store_prune (db_t *db, turn_t *turn, bool *more)
{
    int64_t last;
    fault_t fault = event_store_last (db, turn, &last);
    if (!fault)
        fault = db_exec (db, turn,
                         "delete from events where id in (select id from events order by id limit $1)"
                         " and (id <= $2 or at < $3)",
                         P_I64 (EVENTS_PRUNED), P_I64 (last - EVENTS_KEPT),
                         P_I64 (turn->now_us - EVENTS_KEPT_US));
    *more = !fault && db_changes (db) == EVENTS_PRUNED;
    return fault;
}
