/* supply_store.c - see supply_store.h. */

#include "services/scheduler/store/supply_store.h"

#include "services/scheduler/store/agent_store.h"

#define CAN_TAKE_AT_1 AGENT_CAN_TAKE ("$1")

// In the order of supply_state_t: each is asked for only where none before it was found.
#define STATE_OF_SUPPLY(offered, now)                                                                        \
    "select case when exists (select 1" offered AGENT_CAN_TAKE (                                             \
        now) ") then 6"                                                                                      \
             " when exists (select 1" offered " and state = 'idle'" AGENT_STAYS " and backoff_until <= " now \
             ") then 5 when exists (select 1" offered " and state = 'idle'" AGENT_STAYS ") then 4"           \
             " when exists (select 1" offered " and removed = 0 and state <> 'offline'" AGENT_STAYS          \
             ") then 3"                                                                                      \
             " when exists (select 1" offered " and removed = 0 and state <> 'offline') then 2"              \
             " else - (select count(*)" offered " and removed = 0) end"

fault_t supply_store_of_later (db_t *db, turn_t *turn, int64_t now, const char *labels, supply_of_t *out)
{
    asked_labels_t asked = asked_labels_of (turn->arena, labels);
    *out = (supply_of_t){.labels = labels};
    if (asked.count <= 1)
        return db_query_later (db, turn, STATE_OF_SUPPLY (OFFERED_BY_ONE, "$2"), &out->rows,
                               P_STR (asked.labels[0]), P_I64 (now));
    return db_query_later (db, turn, WITH_RAREST_LABEL ("") STATE_OF_SUPPLY (OFFERED_BY, "$10"), &out->rows,
                           P_ASKED (&asked), P_I64 (now));
}

void supply_store_read_of (const supply_of_t *asked, standing_t *out)
{
    int64_t found = rows_i64 (asked->rows, 0, 0);
    *out = (standing_t){.state = found > 0 ? (supply_state_t) found : SUPPLY_NONE};
    if (found < 0)
        *out = (standing_t){.state = SUPPLY_OFFLINE, .all = -found};
}

fault_t supply_store_all_later (db_t *db, turn_t *turn, int64_t now, const rows_t **rows)
{
    return db_query_later (
        db, turn,
        "select labels, count (*), sum (case when state <> 'offline' then 1 else 0 end),"
        " sum (case when state <> 'offline' and (draining = 1 or drained_at > 0) then 1 else 0 end),"
        " sum (case when state = 'idle'" AGENT_STAYS " then 1 else 0 end),"
        " sum (case when state = 'idle'" AGENT_STAYS " and backoff_until > $1 then 1 else 0 end),"
        " sum (case when 1 = 1 " CAN_TAKE_AT_1 " then 1 else 0 end)"
        " from agents where removed = 0 group by labels limit $2",
        rows, P_I64 (now), P_I64 (SUPPLY_SETS));
}

void supply_store_read_all (turn_t *turn, const rows_t *rows, supply_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (supply_set_t){
            .labels = rows_str (rows, i, 0),
            .all = rows_i64 (rows, i, 1),
            .online = rows_i64 (rows, i, 2),
            .draining = rows_i64 (rows, i, 3),
            .idle = rows_i64 (rows, i, 4),
            .resting = rows_i64 (rows, i, 5),
            .ready = rows_i64 (rows, i, 6),
        };
}
