/* lease_store.c - see lease_store.h. */

#include "services/scheduler/store/lease_store.h"

#include "common/base/clock.h"

#define COLUMNS \
    "select job_id, agent_id, attempt, begun, orders, leased_at, expires_at, kill_at, received, abandoned from leases"

fault_t lease_store_add (db_t *db, turn_t *turn, const lease_t *lease)
{
    return db_exec (db, turn,
                    "insert into leases (job_id, agent_id, attempt, leased_at, expires_at, kill_at, received)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    P_STR (lease->job_id), P_STR (lease->agent_id), P_I64 (lease->attempt),
                    P_I64 (lease->leased_at), P_I64 (lease->expires_at), P_I64 (lease->kill_at),
                    P_I64 (lease->received));
}

static void read_lease (const rows_t *rows, size_t row, lease_t *out)
{
    *out = (lease_t){
        .job_id = rows_str (rows, row, 0),
        .agent_id = rows_str (rows, row, 1),
        .attempt = (uint32_t) rows_i64 (rows, row, 2),
        .begun = rows_i64 (rows, row, 3) != 0,
        .leased_at = rows_i64 (rows, row, 5),
        .expires_at = rows_i64 (rows, row, 6),
        .kill_at = rows_i64 (rows, row, 7),
        .received = rows_i64 (rows, row, 8) != 0,
        .abandoned = rows_i64 (rows, row, 9) != 0,
    };
    (void) state_from_name (&states_order, rows_str (rows, row, 4), &out->order);
}

void lease_store_found (const rows_t *rows, lease_t *out)
{
    *out = (lease_t){.job_id = "", .agent_id = ""};
    if (rows_count (rows) > 0)
        read_lease (rows, 0, out);
}

static fault_t one (db_t *db, turn_t *turn, const char *sql, const char *id, lease_t *out)
{
    const rows_t *rows;
    *out = (lease_t){.job_id = "", .agent_id = ""};
    TRY (db_query (db, turn, sql, &rows, P_STR (id)));
    lease_store_found (rows, out);
    return OK;
}

#define OF_JOB " where agent_id = (select agent_id from jobs where id = $1) and job_id = $1"

fault_t lease_store_of_job (db_t *db, turn_t *turn, const char *job, lease_t *out)
{
    return one (db, turn, COLUMNS OF_JOB, job, out);
}

fault_t lease_store_with_agent_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows)
{
    return db_query_later (
        db, turn,
        "select l.job_id, l.agent_id, l.attempt, l.begun, l.orders, l.leased_at, l.expires_at,"
        " l.kill_at, l.received, l.abandoned, a.ephemeral from leases l"
        " left join agents a on a.id = l.agent_id and a.removed = 0"
        " where l.agent_id = (select agent_id from jobs where id = $1) and l.job_id = $1",
        rows, P_STR (job));
}

void lease_store_read_agent (const rows_t *rows, bool *there, bool *ephemeral)
{
    *there = rows_count (rows) > 0 && !rows_null (rows, 0, 10);
    *ephemeral = *there && rows_i64 (rows, 0, 10) != 0;
}

fault_t lease_store_of_agent (db_t *db, turn_t *turn, const char *agent, lease_t *out)
{
    return one (db, turn, COLUMNS " where agent_id = $1", agent, out);
}

fault_t lease_store_of_agent_later (db_t *db, turn_t *turn, const char *agent, const rows_t **rows)
{
    return db_query_later (db, turn, COLUMNS " where agent_id = $1", rows, P_STR (agent));
}

fault_t lease_store_save (db_t *db, turn_t *turn, const lease_t *lease)
{
    return db_exec (db, turn,
                    "update leases set begun = $2, orders = $3, expires_at = $4, kill_at = $5, received = $7,"
                    " abandoned = $8 where agent_id = $1 and job_id = $6",
                    P_STR (lease->agent_id), P_I64 (lease->begun),
                    P_STR (state_name (&states_order, lease->order)), P_I64 (lease->expires_at),
                    P_I64 (lease->kill_at), P_STR (lease->job_id), P_I64 (lease->received),
                    P_I64 (lease->abandoned));
}

fault_t lease_store_remove (db_t *db, turn_t *turn, const char *job, const char *agent)
{
    return db_exec (db, turn, "delete from leases where agent_id = $1 and job_id = $2", P_STR (agent),
                    P_STR (job));
}

static fault_t many (db_t *db, turn_t *turn, const char *sql, int64_t now, leases_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, sql, &rows, P_I64 (now), P_I64 (LEASES_AT_ONCE)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_lease (rows, i, &out->items[i]);
    return OK;
}

fault_t lease_store_expired (db_t *db, turn_t *turn, int64_t now, leases_t *out)
{
    return many (db, turn, COLUMNS " where expires_at <= $1 or abandoned = 1 order by expires_at limit $2",
                 now, out);
}

fault_t lease_store_overdue (db_t *db, turn_t *turn, int64_t now, leases_t *out)
{
    return many (db, turn, COLUMNS " where kill_at <= $1 order by kill_at limit $2", now, out);
}

fault_t lease_store_not_begun (db_t *db, turn_t *turn, int64_t now, leases_t *out)
{
    return many (db, turn, COLUMNS " where begun = 0 and leased_at <= $1 order by leased_at limit $2", now,
                 out);
}

fault_t lease_store_served (db_t *db, turn_t *turn, int64_t *at, int64_t *database_us)
{
    const rows_t *rows;
    const char *sql = db_is_postgres (db)
                          ? "select value, cast (extract (epoch from clock_timestamp ()) * 1000000 as bigint)"
                            " from counters where name = 'served'"
                          : "select value, 0 from counters where name = 'served'";
    TRY (db_query (db, turn, sql, &rows));
    if (rows_count (rows) == 0)
        return turn_fail (turn, BROKEN, "the time of the last service is missing");
    *at = rows_i64 (rows, 0, 0);
    *database_us = rows_i64 (rows, 0, 1);
    return OK;
}

fault_t lease_store_set_served (db_t *db, turn_t *turn, int64_t at)
{
    return db_exec (db, turn, "update counters set value = $1 where name = 'served'", P_I64 (at));
}

fault_t lease_store_grace (db_t *db, turn_t *turn, int64_t served, int64_t until, int64_t *count)
{
    return db_change (db, turn,
                      "update leases set expires_at = case when expires_at < $2 then $2 else expires_at end,"
                      " kill_at = case when kill_at < $2 then $2 else kill_at end"
                      " where abandoned = 0 and (leased_at <= $1 or begun = 1) and expires_at >= $1"
                      " and (expires_at < $2 or kill_at < $2)",
                      count, P_I64 (served), P_I64 (until));
}

fault_t lease_store_pull_back (db_t *db, turn_t *turn, int64_t now, int64_t until, int64_t by)
{
    return db_exec (
        db, turn,
        "update leases set expires_at = case when expires_at > $2 then $2 else expires_at end,"
        " leased_at = case when leased_at > $1 then $1 else leased_at end, kill_at = kill_at - $3",
        P_I64 (now), P_I64 (until), P_I64 (by));
}
