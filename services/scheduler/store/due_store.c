/* due_store.c - see due_store.h. Each of them has its index. */

#include "services/scheduler/store/due_store.h"

#include "common/base/clock.h"

static int64_t time_at (const rows_t *rows, int column)
{
    return rows_null (rows, 0, column) ? NEVER : rows_i64 (rows, 0, column);
}

fault_t due_store_read (db_t *db, turn_t *turn, int64_t backoff_after, due_times_t *out)
{
    const rows_t *rows;
    TRY (
        db_query (db, turn,
                  "select (select min (expires_at) from leases), (select min (kill_at) from leases),"
                  " (select max (abandoned) from leases),"
                  " (select min (silent_at) from agents where state <> 'offline'),"
                  " (select min (backoff_until) from agents where state = 'idle' and backoff_until > $1),"
                  " (select min (due_at) from seals), (select min (revoke_at) from agents where removed = 1),"
                  " (select min (next_at) from schedules where suspended = 0),"
                  " (select min (asked_at) from schedules where due_at > 0),"
                  " (select min (sync_at) from projects where sync_at > 0),"
                  " (select min (due_at) from failures where due_at > 0),"
                  " (select min (due_at) from deployments where due_at > 0)",
                  &rows, P_I64 (backoff_after)));
    int64_t expires = time_at (rows, 0), kill = time_at (rows, 1);
    *out = (due_times_t){
        .lease = rows_i64 (rows, 0, 2) ? 0
                 : expires < kill      ? expires
                                       : kill,
        .silence = time_at (rows, 3),
        .backoff = time_at (rows, 4),
        .seal = time_at (rows, 5),
        .revoke = time_at (rows, 6),
        .schedule = time_at (rows, 7),
        .schedule_asked = time_at (rows, 8),
        .sync = time_at (rows, 9),
        .failure = time_at (rows, 10),
        .deployment = time_at (rows, 11),
    };
    return OK;
}
