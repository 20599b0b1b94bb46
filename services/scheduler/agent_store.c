/* agent_store.c - see agent_store.h. */

#include "services/scheduler/agent_store.h"

#include "common/clock.h"
#include "common/id.h"
#include "services/scheduler/labels.h"

#define COLUMNS                                                                                          \
    "select id, name, labels, state, url, job_id, os, arch, version, ephemeral, registered_at, seen_at," \
    " push_key, silent_at from agents where removed = 0"

fault_t agent_store_add (db_t *db, turn_t *turn, const agent_row_t *row)
{
    const agent_t *agent = &row->agent;
    return db_exec (
        db, turn,
        "insert into agents (id, name, labels, state, url, push_key, os, arch, version, ephemeral,"
        " registered_at, seen_at, silent_at, idle_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        P_STR (agent->id), P_STR (agent->name), P_STR (row->labels),
        P_STR (state_name (&states_agent, agent->state)), P_STR (agent->url), P_STR (row->push_key),
        P_STR (agent->os), P_STR (agent->arch), P_STR (agent->version), P_I64 (agent->ephemeral),
        P_I64 (agent->registered_at), P_I64 (agent->seen_at), P_I64 (row->silent_at), P_I64 (turn->now_us));
}

static void read_agent (turn_t *turn, const rows_t *rows, size_t row, agent_row_t *out)
{
    *out = (agent_row_t){
        .agent =
            {
                .id = rows_str (rows, row, 0),
                .name = rows_str (rows, row, 1),
                .labels = lines_split (turn->arena, rows_str (rows, row, 2)),
                .url = rows_str (rows, row, 4),
                .job_id = rows_str (rows, row, 5),
                .os = rows_str (rows, row, 6),
                .arch = rows_str (rows, row, 7),
                .version = rows_str (rows, row, 8),
                .ephemeral = rows_i64 (rows, row, 9) != 0,
                .registered_at = rows_i64 (rows, row, 10),
                .seen_at = rows_i64 (rows, row, 11),
            },
        .labels = rows_str (rows, row, 2),
        .push_key = rows_str (rows, row, 12),
        .silent_at = rows_i64 (rows, row, 13),
    };
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_agent, rows_str (rows, row, 3), &out->agent.state);
}

static fault_t read_agents (turn_t *turn, fault_t fault, const rows_t *rows, agent_rows_t *out)
{
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_agent (turn, rows, i, &out->items[i]);
    return OK;
}

fault_t agent_store_find (db_t *db, turn_t *turn, const char *name, agent_row_t *out)
{
    const rows_t *rows;
    fault_t fault = id_is (name, 'a') ? db_query (db, turn, COLUMNS " and id = $1", &rows, P_STR (name))
                                      : db_query (db, turn, COLUMNS " and name = $1", &rows, P_STR (name));
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no agent %s", name);
    read_agent (turn, rows, 0, out);
    return OK;
}

fault_t agent_store_name_taken (db_t *db, turn_t *turn, const char *name, bool *taken)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select 1 from agents where name = $1", &rows, P_STR (name));
    if (!fault)
        *taken = rows_count (rows) > 0;
    return fault;
}

fault_t agent_store_page (db_t *db, turn_t *turn, const char *after, size_t limit, agent_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, COLUMNS " and name > $1 order by name limit $2", &rows, P_STR (after),
                              P_I64 ((int64_t) limit));
    return read_agents (turn, fault, rows, out);
}

fault_t agent_store_idle (db_t *db, turn_t *turn, agent_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, COLUMNS " and state = 'idle' order by idle_at limit $1", &rows,
                              P_I64 (AGENTS_IDLE));
    return read_agents (turn, fault, rows, out);
}

fault_t agent_store_known (db_t *db, turn_t *turn, agent_rows_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select labels, state from agents where removed = 0 limit $1", &rows,
                              P_I64 (AGENTS_KNOWN));
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].labels = rows_str (rows, i, 0);
        (void) state_from_name (&states_agent, rows_str (rows, i, 1), &out->items[i].agent.state);
    }
    return OK;
}

fault_t agent_store_silent (db_t *db, turn_t *turn, agent_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, COLUMNS " and state <> 'offline' and silent_at <= $1 order by silent_at limit $2",
                  &rows, P_I64 (turn->now_us), P_I64 (AGENTS_SILENT));
    return read_agents (turn, fault, rows, out);
}

fault_t agent_store_next_silent (db_t *db, turn_t *turn, int64_t *at)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select min (silent_at) from agents where state <> 'offline'", &rows);
    if (!fault)
        *at = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return fault;
}

fault_t agent_store_describe (db_t *db, turn_t *turn, const agent_row_t *row)
{
    const agent_t *agent = &row->agent;
    return db_exec (db, turn,
                    "update agents set labels = $2, url = $3, os = $4, arch = $5, version = $6,"
                    " ephemeral = $7, seen_at = $8, silent_at = $9 where id = $1",
                    P_STR (agent->id), P_STR (row->labels), P_STR (agent->url), P_STR (agent->os),
                    P_STR (agent->arch), P_STR (agent->version), P_I64 (agent->ephemeral),
                    P_I64 (agent->seen_at), P_I64 (row->silent_at));
}

fault_t agent_store_state (db_t *db, turn_t *turn, const char *id, agent_state_t state, const char *job,
                           bool *ephemeral)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "update agents set state = $2, job_id = $3, idle_at = $4 where id = $1"
                              " and removed = 0 returning ephemeral",
                              &rows, P_STR (id), P_STR (state_name (&states_agent, state)), P_STR (job),
                              P_I64 (turn->now_us));
    if (!fault && ephemeral)
        *ephemeral = rows_count (rows) > 0 && rows_i64 (rows, 0, 0) != 0;
    return fault;
}

fault_t agent_store_seen (db_t *db, turn_t *turn, const agent_row_t *row)
{
    return db_exec (db, turn, "update agents set url = $2, seen_at = $3, silent_at = $4 where id = $1",
                    P_STR (row->agent.id), P_STR (row->agent.url), P_I64 (row->agent.seen_at),
                    P_I64 (row->silent_at));
}

fault_t agent_store_hide (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn,
                    "update agents set removed = 1, state = 'offline', job_id = '', name = id where id = $1",
                    P_STR (id));
}

fault_t agent_store_hidden (db_t *db, turn_t *turn, const char **id)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select id from agents where removed = 1 limit 1", &rows);
    if (!fault)
        *id = rows_count (rows) ? rows_str (rows, 0, 0) : "";
    return fault;
}

fault_t agent_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from agents where id = $1", P_STR (id));
}
