/* lease_store.c - see lease_store.h. */

#include "services/scheduler/lease_store.h"

#include "common/clock.h"

#define COLUMNS "select job_id, agent_id, attempt, begun, orders, leased_at, expires_at, kill_at from leases"

fault_t lease_store_add (db_t *db, turn_t *turn, const lease_t *lease)
{
    return db_exec (db, turn,
                    "insert into leases (job_id, agent_id, attempt, leased_at, expires_at, kill_at)"
                    " values ($1, $2, $3, $4, $5, $6)",
                    P_STR (lease->job_id), P_STR (lease->agent_id), P_I64 (lease->attempt),
                    P_I64 (lease->leased_at), P_I64 (lease->expires_at), P_I64 (lease->kill_at));
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
    };
    (void) state_from_name (&states_order, rows_str (rows, row, 4), &out->order);
}

static fault_t one (db_t *db, turn_t *turn, const char *sql, const char *id, lease_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, sql, &rows, P_STR (id));
    *out = (lease_t){.job_id = "", .agent_id = ""};
    if (!fault && rows_count (rows) > 0)
        read_lease (rows, 0, out);
    return fault;
}

fault_t lease_store_of_job (db_t *db, turn_t *turn, const char *job, lease_t *out)
{
    return one (db, turn,
                COLUMNS " where agent_id = (select agent_id from jobs where id = $1) and job_id = $1", job,
                out);
}

fault_t lease_store_of_agent (db_t *db, turn_t *turn, const char *agent, lease_t *out)
{
    return one (db, turn, COLUMNS " where agent_id = $1", agent, out);
}

fault_t lease_store_save (db_t *db, turn_t *turn, const lease_t *lease)
{
    return db_exec (db, turn,
                    "update leases set begun = $2, orders = $3, expires_at = $4, kill_at = $5"
                    " where agent_id = $1 and job_id = $6",
                    P_STR (lease->agent_id), P_I64 (lease->begun),
                    P_STR (state_name (&states_order, lease->order)), P_I64 (lease->expires_at),
                    P_I64 (lease->kill_at), P_STR (lease->job_id));
}

fault_t lease_store_remove (db_t *db, turn_t *turn, const char *job, const char *agent)
{
    return db_exec (db, turn, "delete from leases where agent_id = $1 and job_id = $2", P_STR (agent),
                    P_STR (job));
}

static fault_t many (db_t *db, turn_t *turn, const char *sql, leases_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, sql, &rows, P_I64 (turn->now_us), P_I64 (LEASES_AT_ONCE));
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_lease (rows, i, &out->items[i]);
    return OK;
}

fault_t lease_store_expired (db_t *db, turn_t *turn, leases_t *out)
{
    return many (db, turn, COLUMNS " where expires_at <= $1 order by expires_at limit $2", out);
}

fault_t lease_store_overdue (db_t *db, turn_t *turn, leases_t *out)
{
    return many (db, turn, COLUMNS " where kill_at <= $1 order by kill_at limit $2", out);
}

fault_t lease_store_not_begun (db_t *db, turn_t *turn, leases_t *out)
{
    return many (db, turn, COLUMNS " where begun = 0 and leased_at <= $1 limit $2", out);
}

fault_t lease_store_next (db_t *db, turn_t *turn, int64_t *at)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select min (expires_at), min (kill_at) from leases", &rows);
    *at = NEVER;
    if (!fault && !rows_null (rows, 0, 0)) {
        int64_t expires = rows_i64 (rows, 0, 0), kill = rows_i64 (rows, 0, 1);
        *at = expires < kill ? expires : kill;
    }
    return fault;
}
