/* delivery_store.c - see delivery_store.h. */

#include "services/scm/hooks/delivery_store.h"

#include "common/base/clock.h"
#include "proto/strs.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                                                              \
    "d.id, d.project_id, coalesce (nullif (d.named, ''), d.delivery), d.lane, d.event, d.action, d.ref, d.sha, d.before, d.actor, d.author," \
    " d.pull, d.head_moved, d.untrusted, d.state, d.reason, d.runs, d.body_size, d.approved_by,"                                             \
    " d.received_at, d.due_at, d.attempts, d.again, d.done_at,"                                                                              \
    " coalesce ((select p.project from forge_projects p where p.project_id = d.project_id), '')"
#define FROM " from forge_deliveries d"

static delivery_row_t read_row (turn_t *turn, const rows_t *rows, size_t i)
{
    return (delivery_row_t){.key = "",
                            .delivery = {.id = rows_str (rows, i, 0),
                                         .delivery = rows_str (rows, i, 2),
                                         .event = rows_str (rows, i, 4),
                                         .action = rows_str (rows, i, 5),
                                         .ref = rows_str (rows, i, 6),
                                         .sha = rows_str (rows, i, 7),
                                         .actor = rows_str (rows, i, 9),
                                         .pull = rows_i64 (rows, i, 11),
                                         .untrusted = rows_i64 (rows, i, 13) != 0,
                                         .state = rows_str (rows, i, 14),
                                         .reason = rows_str (rows, i, 15),
                                         .runs = strs_split (turn->arena, rows_str (rows, i, 16)),
                                         .size = rows_i64 (rows, i, 17),
                                         .approved_by = rows_str (rows, i, 18),
                                         .received_at = rows_i64 (rows, i, 19),
                                         .done_at = rows_i64 (rows, i, 23),
                                         .project = rows_str (rows, i, 24)},
                            .project_id = rows_str (rows, i, 1),
                            .lane = rows_str (rows, i, 3),
                            .before = rows_str (rows, i, 8),
                            .author = rows_str (rows, i, 10),
                            .head_moved = rows_i64 (rows, i, 12) != 0,
                            .due_at = rows_i64 (rows, i, 20),
                            .attempts = rows_i64 (rows, i, 21),
                            .again = rows_i64 (rows, i, 22)};
}

fault_t delivery_store_add (db_t *db, turn_t *turn, const delivery_row_t *row, bool *is_new,
                            delivery_row_t *there)
{
    const delivery_t *delivery = &row->delivery;
    const rows_t *rows;
    int64_t changed;
    TRY (db_change (
        db, turn,
        "insert into forge_deliveries (id, project_id, delivery, lane, event, action, ref, sha, before,"
        " actor, author, pull, head_moved, untrusted, state, reason, runs, payload, body, body_size,"
        " approved_by, received_at, due_at, attempts, again, done_at, named) values ($1, $2, $3, $4, $5, $6, $7, $8,"
        " $9, $10, $11, $12, $13, $14, $15, $16, '', $17, $18, $19, '', $20, $20, 0, 0, $21, $22)"
        " on conflict (project_id, delivery) do nothing",
        &changed, P_STR (delivery->id), P_STR (row->project_id), P_STR (row->key), P_STR (row->lane),
        P_STR (delivery->event), P_STR (delivery->action), P_STR (delivery->ref), P_STR (delivery->sha),
        P_STR (row->before), P_STR (delivery->actor), P_STR (row->author), P_I64 (delivery->pull),
        P_I64 (row->head_moved), P_I64 (delivery->untrusted), P_STR (delivery->state),
        P_STR (delivery->reason), P_STR (delivery->payload), P_BYTES (row->packed.data, row->packed.size),
        P_I64 (delivery->size), P_I64 (delivery->received_at), P_I64 (delivery->done_at),
        P_STR (delivery->delivery)));
    *is_new = changed == 1;
    if (*is_new)
        return OK;
    TRY (db_query (db, turn, "select " COLUMNS FROM " where d.project_id = $1 and d.delivery = $2", &rows,
                   P_STR (row->project_id), P_STR (row->key)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, CONFLICT, "the delivery %s was removed meanwhile", delivery->delivery);
    *there = read_row (turn, rows, 0);
    return OK;
}

fault_t delivery_store_find (db_t *db, turn_t *turn, const char *id, bool with_body, delivery_row_t *out)
{
    const rows_t *rows;
    TRY (with_body ? db_query (db, turn, "select " COLUMNS ", d.payload, d.body" FROM " where d.id = $1",
                               &rows, P_STR (id))
                   : db_query (db, turn, "select " COLUMNS ", d.payload" FROM " where d.id = $1", &rows,
                               P_STR (id)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, NOT_FOUND, "there is no delivery %s", id);
    *out = read_row (turn, rows, 0);
    out->delivery.payload = rows_str (rows, 0, 25);
    if (with_body)
        out->packed.data = rows_bytes (rows, 0, 26, &out->packed.size);
    return OK;
}

fault_t delivery_store_page (db_t *db, turn_t *turn, const char *project_id, const char *state,
                             const char *before, int64_t limit, delivery_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select " COLUMNS FROM
                   " where ($1 = '' or d.project_id = $1) and ($2 = '' or d.state = $2)"
                   " and ($3 = '' or d.id < $3) order by d.id desc limit $4",
                   &rows, P_STR (project_id), P_STR (state), P_STR (before), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_row (turn, rows, i);
    return OK;
}

fault_t delivery_store_put (db_t *db, turn_t *turn, const delivery_row_t *row)
{
    const delivery_t *delivery = &row->delivery;
    return db_exec (db, turn,
                    "update forge_deliveries set state = $2, reason = $3, runs = $4, approved_by = $5,"
                    " due_at = $6, attempts = $7, again = $8, done_at = $9 where id = $1",
                    P_STR (delivery->id), P_STR (delivery->state), P_STR (delivery->reason),
                    P_STR (strs_join (turn->arena, &delivery->runs)), P_STR (delivery->approved_by),
                    P_I64 (row->due_at), P_I64 (row->attempts), P_I64 (row->again),
                    P_I64 (delivery->done_at));
}

fault_t delivery_store_asked (db_t *db, turn_t *turn, const char *id, int64_t due_at)
{
    return db_exec (db, turn, "update forge_deliveries set due_at = $2 where id = $1", P_STR (id),
                    P_I64 (due_at));
}

fault_t delivery_store_restart (db_t *db, turn_t *turn)
{
    return db_exec (db, turn,
                    "update forge_deliveries set due_at = $1 where state = 'received' and due_at > $1",
                    P_I64 (turn->now_us));
}

// Those without a lane are first by themselves.
#define FIRST                                                                                            \
    "(d.lane = '' or not exists (select 1 from forge_deliveries o where o.project_id = d.project_id and" \
    " o.lane = d.lane and o.state = 'received' and o.id < d.id))"

fault_t delivery_store_due (db_t *db, turn_t *turn, strs_t *ids)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select d.id" FROM " where d.state = 'received' and d.due_at <= $1 and " FIRST
                   " order by d.due_at limit $2",
                   &rows, P_I64 (turn->now_us), P_I64 (DELIVERIES_DUE)));
    ids->count = rows_count (rows);
    ids->items = arena_array (turn->arena, ids->count + 1, sizeof (char *));
    for (size_t i = 0; i < ids->count; i++)
        ids->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t delivery_store_next (db_t *db, turn_t *turn, int64_t *at_us)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select min (d.due_at)" FROM " where d.state = $1 and " FIRST, &rows,
                   P_STR ("received")));
    *at_us = rows_null (rows, 0, 0) ? NEVER : rows_i64 (rows, 0, 0);
    return OK;
}

fault_t delivery_store_is_first (db_t *db, turn_t *turn, const delivery_row_t *row, bool *is)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select d.id" FROM " where d.id = $1 and d.state = 'received' and " FIRST, &rows,
                   P_STR (row->delivery.id)));
    *is = rows_count (rows) == 1;
    return OK;
}

fault_t delivery_store_has (db_t *db, turn_t *turn, const char *project_id, const char *event,
                            const char *ref, int64_t since_us, bool *has)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id from forge_deliveries where project_id = $1 and event = $2"
                   " and ref = $3 and (state = 'received' or ($4 > 0 and received_at > $4)) limit 1",
                   &rows, P_STR (project_id), P_STR (event), P_STR (ref), P_I64 (since_us)));
    *has = rows_count (rows) == 1;
    return OK;
}

fault_t delivery_store_sums (db_t *db, turn_t *turn, delivery_sums_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*), coalesce (min (received_at), 0) from forge_deliveries where state = $1",
                   &rows, P_STR ("received")));
    *out = (delivery_sums_t){rows_i64 (rows, 0, 0), rows_i64 (rows, 0, 1)};
    return OK;
}

// ---- approvals ----

fault_t delivery_store_approved (db_t *db, turn_t *turn, const delivery_row_t *of, const char *sha,
                                 const char *author, const char **by)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select approved_by from forge_approvals where project_id = $1"
                   " and (($2 <> '' and pull = $3 and sha = $2) or ($4 <> '' and author = $4))"
                   " order by approved_at desc limit 1",
                   &rows, P_STR (of->project_id), P_STR (sha), P_I64 (of->delivery.pull), P_STR (author)));
    *by = rows_count (rows) == 1 ? rows_str (rows, 0, 0) : "";
    return OK;
}

fault_t delivery_store_decide (db_t *db, turn_t *turn, const delivery_row_t *of, const char *state,
                               const char *reason, const char *by)
{
    if (*by)
        TRY (db_exec (db, turn,
                      "insert into forge_approvals (project_id, pull, sha, author, approved_by, approved_at)"
                      " values ($1, $2, $3, $4, $5, $6) on conflict (project_id, pull, sha) do update set"
                      " author = excluded.author, approved_by = excluded.approved_by,"
                      " approved_at = excluded.approved_at",
                      P_STR (of->project_id), P_I64 (of->delivery.pull), P_STR (of->delivery.sha),
                      P_STR (of->author), P_STR (by), P_I64 (turn->now_us)));
    return db_exec (db, turn,
                    "update forge_deliveries set state = $4, reason = $5, approved_by = $6, due_at = $7,"
                    " done_at = case when $4 = 'received' then 0 else $7 end"
                    " where project_id = $1 and pull = $2 and sha = $3 and state = 'approval'",
                    P_STR (of->project_id), P_I64 (of->delivery.pull), P_STR (of->delivery.sha),
                    P_STR (state), P_STR (reason), P_STR (by), P_I64 (turn->now_us));
}

fault_t delivery_store_tidy (db_t *db, turn_t *turn, int64_t before_us)
{
    // What a stranger can send without end must have one, and one project's must not end another's
    TRY (
        db_exec (db, turn,
                 "update forge_deliveries set state = 'ignored', reason = $2, done_at = $3 where id in"
                 " (select n.id from (select id, row_number() over (partition by project_id order by id desc)"
                 " as place from forge_deliveries where state = 'approval') n where n.place > $1)",
                 P_I64 (APPROVALS_MAX), P_STR ("too many that came later wait for an approval"),
                 P_I64 (turn->now_us)));
    TRY (db_exec (
        db, turn,
        "delete from forge_deliveries where received_at < $1 and state not in ('received', 'approval')",
        P_I64 (before_us)));
    return db_exec (db, turn,
                    "delete from forge_deliveries where state not in ('received', 'approval') and id <"
                    " (select id from forge_deliveries where state not in ('received', 'approval')"
                    " order by id desc limit 1 offset $1)",
                    P_I64 (DELIVERIES_MAX));
}

fault_t delivery_store_drop (db_t *db, turn_t *turn, const char *project_id)
{
    TRY (db_exec (db, turn, "delete from forge_deliveries where project_id = $1", P_STR (project_id)));
    TRY (db_exec (db, turn, "delete from forge_approvals where project_id = $1", P_STR (project_id)));
    return db_exec (db, turn, "delete from forge_refs where project_id = $1", P_STR (project_id));
}

// ---- refs ----

fault_t ref_store_get (db_t *db, turn_t *turn, const char *project_id, const char *ref, const char **sha)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select sha from forge_refs where project_id = $1 and ref = $2", &rows,
                   P_STR (project_id), P_STR (ref)));
    *sha = rows_count (rows) == 1 ? rows_str (rows, 0, 0) : "";
    return OK;
}

fault_t ref_store_put (db_t *db, turn_t *turn, const char *project_id, const char *ref, const char *sha)
{
    return db_exec (db, turn,
                    "insert into forge_refs (project_id, ref, sha, seen_at) values ($1, $2, $3, $4)"
                    " on conflict (project_id, ref) do update set sha = excluded.sha,"
                    " seen_at = excluded.seen_at",
                    P_STR (project_id), P_STR (ref), P_STR (sha), P_I64 (turn->now_us));
}

fault_t ref_store_drop (db_t *db, turn_t *turn, const char *project_id, const char *ref)
{
    return db_exec (db, turn, "delete from forge_refs where project_id = $1 and ref = $2", P_STR (project_id),
                    P_STR (ref));
}

static int by_name (const void *a, const void *b)
{
    return strcmp (((const ref_row_t *) a)->ref, ((const ref_row_t *) b)->ref);
}

static void add_refs (ref_rows_t *out, const rows_t *rows)
{
    for (size_t i = 0; i < rows_count (rows); i++)
        out->items[out->count++] = (ref_row_t){rows_str (rows, i, 0), rows_str (rows, i, 1)};
}

#define OF_PULLS "ref >= 'refs/pull/' and ref < 'refs/pull0'" // '0' comes after '/'

// All branches and tags: one that is left out would be a new one to whoever compares, and run again. Of pull requests, which are never
// forgotten, those that moved last: one that is not known is not taken for a new one if its number is not.
fault_t ref_store_all (db_t *db, turn_t *turn, const char *project_id, ref_rows_t *out)
{
    const rows_t *rows;
    *out =
        (ref_rows_t){arena_array (turn->arena, REFS_KNOWN + REFS_PAGE + PULLS_KNOWN, sizeof (ref_row_t)), 0};
    do {
        TRY (db_query (db, turn,
                       "select ref, sha from forge_refs where project_id = $1 and ref > $2 and not (" OF_PULLS
                       ") order by ref limit $3",
                       &rows, P_STR (project_id), P_STR (out->count ? out->items[out->count - 1].ref : ""),
                       P_I64 (REFS_PAGE)));
        add_refs (out, rows);
        if (out->count > REFS_KNOWN)
            return turn_fail (turn, TOO_LARGE, "more than %d branches and tags are known", REFS_KNOWN);
    } while (rows_count (rows) == REFS_PAGE);
    TRY (db_query (db, turn,
                   "select ref, sha from forge_refs where project_id = $1 and " OF_PULLS
                   " order by seen_at desc limit $2",
                   &rows, P_STR (project_id), P_I64 (PULLS_KNOWN)));
    add_refs (out, rows);
    qsort (out->items, out->count, sizeof (ref_row_t), by_name);
    return OK;
}
