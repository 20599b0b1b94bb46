/* offered_store.c - see offered_store.h. */

#include "services/scheduler/store/offered_store.h"

#include "proto/strs.h"

asked_labels_t asked_labels_of (arena_t *arena, const char *labels)
{
    strs_t list = strs_split (arena, labels);
    asked_labels_t asked = {.count = list.count < ASKED_LABELS ? list.count : ASKED_LABELS,
                            .all = list.count <= ASKED_LABELS};
    for (size_t i = 0; i < ASKED_LABELS; i++)
        asked.labels[i] = list.count ? list.items[i < list.count ? i : 0] : "";
    return asked;
}

static fault_t add_label (db_t *db, turn_t *turn, const char *label, size_t size, const char *labels)
{
    return db_exec (db, turn,
                    "insert into agent_labels (label, set_size, set_labels) values ($1, $2, $3)"
                    " on conflict (label, set_size, set_labels) do nothing",
                    P_STR (label), P_I64 ((int64_t) size), P_STR (labels));
}

fault_t offered_store_add (db_t *db, turn_t *turn, const char *labels)
{
    strs_t list = strs_split (turn->arena, labels);
    for (size_t i = 0; i < list.count; i++)
        TRY (add_label (db, turn, list.items[i], list.count, labels));
    return add_label (db, turn, "", list.count, labels);
}

fault_t offered_store_leave (db_t *db, turn_t *turn, const char *agent, const char *next)
{
    return db_exec (db, turn,
                    "delete from agent_labels where set_labels = (select labels from agents where id = $1"
                    " and labels <> $2 and removed = 0) and not exists (select 1 from agents a"
                    " where a.labels = agent_labels.set_labels and a.removed = 0 and a.id <> $1)",
                    P_STR (agent), P_STR (next ? next : "\n")); // No set
}

fault_t offered_store_unknown (db_t *db, turn_t *turn, strs_t *sets)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select distinct labels from agents a where removed = 0 and not exists (select 1"
                   " from agent_labels s where s.set_labels = a.labels and s.label = '') limit $1",
                   &rows, P_I64 (OFFERED_UNKNOWN)));
    sets->count = rows_count (rows);
    sets->items = arena_array (turn->arena, sets->count + 1, sizeof *sets->items);
    for (size_t i = 0; i < sets->count; i++)
        sets->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t offered_store_missing (db_t *db, turn_t *turn, const char *labels, bool *any, const char **missing)
{
    const rows_t *offered;
    strs_t list = strs_split (turn->arena, labels);
    const rows_t **one = arena_array (turn->arena, list.count + 1, sizeof *one);
    static const char offer[] = "select 1 from agent_labels where label = $1 limit 1";
    TRY (db_query_later (db, turn, offer, &offered, P_STR ("")));
    for (size_t i = 0; i < list.count; i++)
        TRY (db_query_later (db, turn, offer, &one[i], P_STR (list.items[i])));
    TRY (db_wait (db, turn));
    *any = rows_count (offered) > 0;
    *missing = NULL;
    for (size_t i = list.count; i-- > 0;)
        if (rows_count (one[i]) == 0)
            *missing = list.items[i];
    return OK;
}
