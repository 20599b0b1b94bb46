/* agent_store.c - see agent_store.h. */

#include "services/scheduler/store/agent_store.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "proto/strs.h"
#include "services/scheduler/store/offered_store.h"

#define SELECT                                                                                           \
    "select id, name, labels, state, url, job_id, os, arch, version, ephemeral, registered_at, seen_at," \
    " push_key, silent_at, parked_until, draining, failures, backoff_until, idle_at, drained_at, not_isolated"
#define COLUMNS SELECT " from agents where removed = 0"

fault_t agent_store_add (db_t *db, turn_t *turn, const agent_row_t *row)
{
    const agent_t *agent = &row->agent;
    TRY (offered_store_add (db, turn, row->labels));
    return db_exec (
        db, turn,
        "insert into agents (id, name, labels, state, url, push_key, os, arch, version, ephemeral,"
        " registered_at, seen_at, silent_at, idle_at, parked_until, not_isolated)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        P_STR (agent->id), P_STR (agent->name), P_STR (row->labels),
        P_STR (state_name (&states_agent, agent->state)), P_STR (agent->url), P_STR (row->push_key),
        P_STR (agent->os), P_STR (agent->arch), P_STR (agent->version), P_I64 (agent->ephemeral),
        P_I64 (agent->registered_at), P_I64 (agent->seen_at), P_I64 (row->silent_at), P_I64 (turn->now_us),
        P_I64 (row->parked_until), P_STR (agent->not_isolated));
}

static void read_agent (turn_t *turn, const rows_t *rows, size_t row, agent_row_t *out)
{
    *out = (agent_row_t){
        .agent =
            {
                .id = rows_str (rows, row, 0),
                .name = rows_str (rows, row, 1),
                .labels = strs_split (turn->arena, rows_str (rows, row, 2)),
                .url = rows_str (rows, row, 4),
                .job_id = rows_str (rows, row, 5),
                .os = rows_str (rows, row, 6),
                .arch = rows_str (rows, row, 7),
                .version = rows_str (rows, row, 8),
                .ephemeral = rows_i64 (rows, row, 9) != 0,
                .registered_at = rows_i64 (rows, row, 10),
                .seen_at = rows_i64 (rows, row, 11),
                .draining = rows_i64 (rows, row, 15) || rows_i64 (rows, row, 19),
                .drained_at = rows_i64 (rows, row, 19),
                .state_since = rows_i64 (rows, row, 18),
                .not_isolated = rows_str (rows, row, 20),
            },
        .labels = rows_str (rows, row, 2),
        .push_key = rows_str (rows, row, 12),
        .silent_at = rows_i64 (rows, row, 13),
        .parked_until = rows_i64 (rows, row, 14),
        .draining = rows_i64 (rows, row, 15) != 0,
        .failures = rows_i64 (rows, row, 16),
        .backoff_until = rows_i64 (rows, row, 17),
        .idle_at = rows_i64 (rows, row, 18),
    };
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_agent, rows_str (rows, row, 3), &out->agent.state);
}

static fault_t read_agents (turn_t *turn, fault_t fault, const rows_t *rows, agent_rows_t *out)
{
    TRY (fault);
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_agent (turn, rows, i, &out->items[i]);
    return OK;
}

static fault_t ids_of (db_t *db, turn_t *turn, const char *sql, int64_t time, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn, sql, &rows, P_I64 (time), P_I64 (AGENTS_A_TICK)));
    ids->count = rows_count (rows);
    ids->items = arena_array (turn->arena, ids->count + 1, sizeof *ids->items);
    for (size_t i = 0; i < ids->count; i++)
        ids->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t agent_store_find_later (db_t *db, turn_t *turn, const char *name, const rows_t **rows)
{
    return id_is (name, 'a') ? db_query_later (db, turn, COLUMNS " and id = $1", rows, P_STR (name))
                             : db_query_later (db, turn, COLUMNS " and name = $1", rows, P_STR (name));
}

fault_t agent_store_find (db_t *db, turn_t *turn, const char *name, agent_row_t *out)
{
    const rows_t *rows;
    TRY (agent_store_find_later (db, turn, name, &rows));
    TRY (db_wait (db, turn));
    return agent_store_found (turn, rows, name, out);
}

fault_t agent_store_found (turn_t *turn, const rows_t *rows, const char *name, agent_row_t *out)
{
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

// Where the time is this parameter.
#define CAN_TAKE_AT_1  AGENT_CAN_TAKE ("$1")
#define CAN_TAKE_AT_2  AGENT_CAN_TAKE ("$2")
#define CAN_TAKE_AT_10 AGENT_CAN_TAKE ("$10")
#define CAN_TAKE_AT_17 AGENT_CAN_TAKE ("$17")

fault_t agent_store_idle_later (db_t *db, turn_t *turn, int64_t now, const rows_t **rows)
{
    return db_query_later (
        db, turn, COLUMNS CAN_TAKE_AT_1 " and exists (select 1 from queues) order by idle_at limit $2", rows,
        P_I64 (now), P_I64 (AGENTS_AT_ONCE));
}

void agent_store_read_idle (turn_t *turn, const rows_t *rows, agent_rows_t *out)
{
    (void) read_agents (turn, OK, rows, out);
}

fault_t agent_store_idle_sets (db_t *db, turn_t *turn, int64_t now, label_sets_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select labels, min (idle_at) from agents where 1 = 1" CAN_TAKE_AT_1
                   " group by labels order by min (idle_at) limit $2",
                   &rows, P_I64 (now), P_I64 (IDLE_SETS)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (label_set_t){
            .labels = rows_str (rows, i, 0),
            .mask = labels_mask (rows_str (rows, i, 0)),
            .since = rows_i64 (rows, i, 1),
        };
    return OK;
}

fault_t agent_store_ready_later (db_t *db, turn_t *turn, int64_t now, const asked_labels_t *asked,
                                 size_t limit, const rows_t **rows)
{
    if (asked->count <= 1)
        return db_query_later (
            db, turn, SELECT OFFERED_BY_ONE CAN_TAKE_AT_2 " order by set_size, set_labels, idle_at limit $3",
            rows, P_STR (asked->labels[0]), P_I64 (now), P_I64 ((int64_t) limit));
    return db_query_later (db, turn,
                           WITH_RAREST_LABEL ("") SELECT OFFERED_BY CAN_TAKE_AT_10
                           " order by set_size, set_labels, idle_at limit $11",
                           rows, P_ASKED (asked), P_I64 (now), P_I64 ((int64_t) limit));
}

fault_t agent_store_idle_named_later (db_t *db, turn_t *turn, int64_t now, const strs_t *ids,
                                      const rows_t **rows)
{
    return db_query_later (db, turn,
                           COLUMNS " and id in " IN_SETS CAN_TAKE_AT_17 " and exists (select 1 from queues)",
                           rows, P_TEXTS (ids), P_I64 (now));
}

fault_t agent_store_idle_of (db_t *db, turn_t *turn, int64_t now, const set_page_t *sets, agent_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, COLUMNS " and labels in " IN_SETS CAN_TAKE_AT_17 " order by idle_at limit $18",
                  &rows, P_SETS (sets), P_I64 (now), P_I64 (AGENTS_AT_ONCE));
    return read_agents (turn, fault, rows, out);
}
fault_t agent_store_silent (db_t *db, turn_t *turn, int64_t now, agent_rows_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, COLUMNS " and state <> 'offline' and silent_at <= $1 order by silent_at limit $2",
                  &rows, P_I64 (now), P_I64 (AGENTS_SILENT));
    return read_agents (turn, fault, rows, out);
}

fault_t agent_store_grace (db_t *db, turn_t *turn, int64_t served, int64_t until, int64_t *count)
{
    return db_change (db, turn,
                      "update agents set silent_at = $2 where state <> 'offline' and silent_at >= $1"
                      " and silent_at < $2",
                      count, P_I64 (served), P_I64 (until));
}

fault_t agent_store_pull_back (db_t *db, turn_t *turn, int64_t now, int64_t until)
{
    // A revocation that was asked for and not answered is asked for again at once
    TRY (db_exec (db, turn, "update agents set revoke_at = $1 where removed = 1 and revoke_at > $1",
                  P_I64 (now)));
    return db_exec (db, turn,
                    "update agents set silent_at = $2, parked_until = case when parked_until > $2 then $1"
                    " else parked_until end, backoff_until = 0 where state <> 'offline' and silent_at > $2",
                    P_I64 (now), P_I64 (until));
}

fault_t agent_store_old (db_t *db, turn_t *turn, int64_t before, strs_t *ids)
{
    return ids_of (db, turn,
                   "select id from agents where state = 'offline' and removed = 0 and seen_at < $1"
                   " order by seen_at limit $2",
                   before, ids);
}

fault_t agent_store_describe (db_t *db, turn_t *turn, const agent_row_t *row)
{
    const agent_t *agent = &row->agent;
    TRY (offered_store_leave (db, turn, agent->id, row->labels));
    TRY (offered_store_add (db, turn, row->labels));
    return db_exec (db, turn,
                    "update agents set labels = $2, url = $3, os = $4, arch = $5, version = $6,"
                    " ephemeral = $7, seen_at = $8, silent_at = $9, parked_until = $10, draining = 0,"
                    " failures = 0, backoff_until = 0, not_isolated = $11 where id = $1",
                    P_STR (agent->id), P_STR (row->labels), P_STR (agent->url), P_STR (agent->os),
                    P_STR (agent->arch), P_STR (agent->version), P_I64 (agent->ephemeral),
                    P_I64 (agent->seen_at), P_I64 (row->silent_at), P_I64 (row->parked_until),
                    P_STR (agent->not_isolated));
}

fault_t agent_store_state (db_t *db, turn_t *turn, const char *id, agent_state_t state, const char *job)
{
    return db_exec (db, turn,
                    "update agents set state = $2, job_id = $3, idle_at = $4 where id = $1 and removed = 0",
                    P_STR (id), P_STR (state_name (&states_agent, state)), P_STR (job), P_I64 (turn->now_us));
}

fault_t agent_store_free (db_t *db, turn_t *turn, const agent_freed_t *freed)
{
    return db_exec (db, turn,
                    "update agents set state = $2, job_id = '', idle_at = $3, parked_until = $4,"
                    " failures = case when $5 = 1 then 0 else failures end where id = $1 and removed = 0",
                    P_STR (freed->id), P_STR (state_name (&states_agent, freed->state)), P_I64 (turn->now_us),
                    P_I64 (freed->parked_until), P_I64 (freed->took_it));
}

// What it has reported of itself is another column: neither undoes the other.
fault_t agent_store_drain (db_t *db, turn_t *turn, const char *id, int64_t drained_at)
{
    return db_exec (db, turn, "update agents set drained_at = $2 where id = $1 and removed = 0", P_STR (id),
                    P_I64 (drained_at));
}

fault_t agent_store_failed (db_t *db, turn_t *turn, const char *id, int64_t failures, int64_t backoff_until)
{
    return db_exec (db, turn, "update agents set failures = $2, backoff_until = $3 where id = $1", P_STR (id),
                    P_I64 (failures), P_I64 (backoff_until));
}

fault_t agent_store_seen (db_t *db, turn_t *turn, const agent_row_t *row)
{
    return db_exec (db, turn,
                    "update agents set url = $2, seen_at = $3, silent_at = $4, parked_until = $5,"
                    " draining = $6, failures = $7, backoff_until = $8 where id = $1",
                    P_STR (row->agent.id), P_STR (row->agent.url), P_I64 (row->agent.seen_at),
                    P_I64 (row->silent_at), P_I64 (row->parked_until), P_I64 (row->draining),
                    P_I64 (row->failures), P_I64 (row->backoff_until));
}

fault_t agent_store_hide (db_t *db, turn_t *turn, const char *id)
{
    TRY (offered_store_leave (db, turn, id, NULL));
    return db_exec (db, turn,
                    "update agents set removed = 1, state = 'offline', job_id = '', name = id where id = $1",
                    P_STR (id));
}

fault_t agent_store_hidden (db_t *db, turn_t *turn, int64_t now, strs_t *ids)
{
    return ids_of (db, turn, "select id from agents where removed = 1 and revoke_at <= $1 limit $2", now,
                   ids);
}

fault_t agent_store_revoking (db_t *db, turn_t *turn, const char *id, int64_t again_at)
{
    return db_exec (db, turn, "update agents set revoke_at = $2 where id = $1 and removed = 1", P_STR (id),
                    P_I64 (again_at));
}

fault_t agent_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from agents where id = $1 and removed = 1", P_STR (id));
}
