/* event_store.c - see event_store.h. */

#include "services/scheduler/store/event_store.h"

#include "common/base/clock.h"

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

fault_t event_store_lock (db_t *db, turn_t *turn, const rows_t **counter)
{
    return db_query_later (db, turn, "select value from counters where name = 'events' " DB_FOR_UPDATE,
                           counter);
}

fault_t event_store_last (db_t *db, turn_t *turn, int64_t *last)
{
    return read_last (db, turn, "select value from counters where name = 'events'", last);
}

#define EVENT_COLUMNS  9
#define EVENTS_AT_ONCE (DB_MAX_PARAMS / EVENT_COLUMNS) // Of one statement

#define ROW(a, b, c, d, e, f, g, h, i) \
    "($" #a ", $" #b ", $" #c ", $" #d ", $" #e ", $" #f ", $" #g ", $" #h ", $" #i ")"
static const char *const rows_of_insert[] = {
    ROW (1, 2, 3, 4, 5, 6, 7, 8, 9),
    ROW (10, 11, 12, 13, 14, 15, 16, 17, 18),
    ROW (19, 20, 21, 22, 23, 24, 25, 26, 27),
    ROW (28, 29, 30, 31, 32, 33, 34, 35, 36),
    ROW (37, 38, 39, 40, 41, 42, 43, 44, 45),
    ROW (46, 47, 48, 49, 50, 51, 52, 53, 54),
    ROW (55, 56, 57, 58, 59, 60, 61, 62, 63),
    ROW (64, 65, 66, 67, 68, 69, 70, 71, 72),
    ROW (73, 74, 75, 76, 77, 78, 79, 80, 81),
    ROW (82, 83, 84, 85, 86, 87, 88, 89, 90),
    ROW (91, 92, 93, 94, 95, 96, 97, 98, 99),
    ROW (100, 101, 102, 103, 104, 105, 106, 107, 108),
    ROW (109, 110, 111, 112, 113, 114, 115, 116, 117),
    ROW (118, 119, 120, 121, 122, 123, 124, 125, 126),
};
_Static_assert(sizeof rows_of_insert / sizeof *rows_of_insert == EVENTS_AT_ONCE,
               "a row of parameters is missing");

// One text for each number of rows, so that each is prepared once. It is put together for each unit of work: printing its numbers was a
// tenth of what a job costs the scheduler.
static const char *insert_of (turn_t *turn, size_t count)
{
    static const char begins[] =
        "insert into events (id, type, project_id, run_id, job_id, agent_id, state, result,"
        " at) values ";
    size_t size = sizeof begins;
    for (size_t i = 0; i < count; i++)
        size += strlen (rows_of_insert[i]) + 1;
    char *text = arena_alloc (turn->arena, size), *at = stpcpy (text, begins);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *at++ = ',';
        at = stpcpy (at, rows_of_insert[i]);
    }
    return text;
}

static fault_t add_some (db_t *db, turn_t *turn, const event_t *events, size_t count)
{
    param_t params[EVENTS_AT_ONCE * EVENT_COLUMNS];
    for (size_t i = 0; i < count; i++) {
        const event_t *event = &events[i];
        const param_t row[EVENT_COLUMNS] = {
            P_I64 (event->id),     P_STR (event->type),   P_STR (event->project_id),
            P_STR (event->run_id), P_STR (event->job_id), P_STR (event->agent_id),
            P_STR (event->state),  P_STR (event->result), P_I64 (event->at)};
        memcpy (&params[i * EVENT_COLUMNS], row, sizeof row);
    }
    return db_run (db, turn, insert_of (turn, count), NULL, false, NULL, count * EVENT_COLUMNS, params);
}

fault_t event_store_add (db_t *db, turn_t *turn, const rows_t *counter, event_t *events, size_t count)
{
    if (rows_count (counter) == 0) // Nothing was read since
        TRY (db_wait (db, turn));
    if (rows_count (counter) == 0)
        return turn_fail (turn, BROKEN, "the counter of events is missing");
    int64_t last = rows_i64 (counter, 0, 0);
    for (size_t i = 0; i < count; i++)
        events[i].id = ++last;
    for (size_t i = 0; i < count; i += EVENTS_AT_ONCE)
        TRY (add_some (db, turn, events + i, count - i < EVENTS_AT_ONCE ? count - i : EVENTS_AT_ONCE));
    return db_exec (db, turn, "update counters set value = $1 where name = 'events'", P_I64 (last));
}

fault_t event_store_oldest (db_t *db, turn_t *turn, int64_t *oldest)
{
    const rows_t *rows;
    int64_t last; // Read first: an event that is committed meanwhile is then found below
    TRY (event_store_last (db, turn, &last));
    TRY (db_query (db, turn, "select id from events order by id limit 1", &rows));
    *oldest = rows_count (rows) ? rows_i64 (rows, 0, 0) : last + 1;
    return OK;
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
        .public = rows_i64 (rows, row, 9) != 0,
    };
}

fault_t event_store_read (db_t *db, turn_t *turn, const char *project, const char *run, int64_t *first,
                          events_t *out)
{
    const rows_t *rows;
    bool all = !*project && !*run && caller_may_everywhere (&turn->caller, ROLE_VIEWER);
    TRY (db_query (db, turn,
                   "select id, type, project_id, run_id, job_id, agent_id, state, result, at,"
                   " (select count (*) from projects p where p.id = project_id and p.visibility = 'public')"
                   " from events where id > $1 order by id limit $2",
                   &rows, P_I64 (out->cursor), P_I64 (all ? MAX_PAGE : EVENTS_SCANNED)));
    *first = rows_count (rows) ? rows_i64 (rows, 0, 0) : 0;
    out->items.items = arena_array (turn->arena, MAX_PAGE, sizeof (event_t));
    for (size_t i = 0; i < rows_count (rows) && out->items.count < MAX_PAGE; i++) {
        event_t *event = &out->items.items[out->items.count];
        read_event (rows, i, event);
        out->cursor = event->id;
        if ((!*project || strcmp (project, event->project_id) == 0) &&
            (!*run || strcmp (run, event->run_id) == 0) &&
            caller_may (&turn->caller, event->project_id, event->public, ROLE_VIEWER))
            out->items.count++;
    }
    return OK;
}

fault_t event_store_prune (db_t *db, turn_t *turn, int64_t before_us, int64_t kept, bool *more)
{
    int64_t last, changed = 0;
    TRY (event_store_last (db, turn, &last));
    TRY (db_change (db, turn,
                    "delete from events where id in (select id from events order by id limit $1)"
                    " and (id <= $2 or at < $3)"
                    " and id <= coalesce ((select min (cursor) from event_consumers), id)",
                    &changed, P_I64 (EVENTS_PRUNED), P_I64 (last - kept), P_I64 (before_us)));
    *more = changed == EVENTS_PRUNED;
    return OK;
}

fault_t event_store_passed (db_t *db, turn_t *turn, const char *consumer, int64_t cursor)
{
    return db_exec (db, turn,
                    "insert into event_consumers (name, cursor) values ($1, $2)"
                    " on conflict (name) do update set cursor = excluded.cursor",
                    P_STR (consumer), P_I64 (cursor));
}
