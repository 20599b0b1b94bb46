/* concurrency_store.c - see concurrency_store.h. */

#include "services/scheduler/store/concurrency_store.h"

fault_t concurrency_store_of_group (db_t *db, turn_t *turn, const char *project, const char *name,
                                    claimants_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select owner, held, since from concurrency where project_id = $1 and name = $2"
                   " order by held desc, since, owner limit $3",
                   &rows, P_STR (project), P_STR (name), P_I64 (GROUP_WAITING + 2)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] =
            (claimant_t){rows_str (rows, i, 0), rows_i64 (rows, i, 1) != 0, rows_i64 (rows, i, 2)};
    return OK;
}

fault_t concurrency_store_add (db_t *db, turn_t *turn, const char *project, const char *name,
                               const claimant_t *claimant)
{
    return db_exec (db, turn,
                    "insert into concurrency (project_id, name, owner, held, since)"
                    " values ($1, $2, $3, $4, $5)",
                    P_STR (project), P_STR (name), P_STR (claimant->owner), P_I64 (claimant->held),
                    P_I64 (claimant->since));
}

fault_t concurrency_store_remove (db_t *db, turn_t *turn, const char *project, const char *name,
                                  const char *owner, bool *held)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "delete from concurrency where project_id = $1 and name = $2 and owner = $3"
                              " returning held",
                              &rows, P_STR (project), P_STR (name), P_STR (owner));
    *held = !fault && rows_count (rows) > 0 && rows_i64 (rows, 0, 0) != 0;
    return fault;
}

fault_t concurrency_store_clear (db_t *db, turn_t *turn, const char *project, const char *name,
                                 const char *owner)
{
    return db_exec (
        db, turn, "delete from concurrency where project_id = $1 and name = $2 and held = 0 and owner <> $3",
        P_STR (project), P_STR (name), P_STR (owner));
}

fault_t concurrency_store_hold (db_t *db, turn_t *turn, const char *project, const char *name,
                                const char *owner)
{
    return db_exec (db, turn,
                    "update concurrency set held = 1 where project_id = $1 and name = $2 and owner = $3",
                    P_STR (project), P_STR (name), P_STR (owner));
}

fault_t concurrency_store_waits_for (db_t *db, turn_t *turn, const char *claimant, const char **name,
                                     const char **holder)
{
    const rows_t *rows;
    *name = *holder = NULL;
    TRY (db_query (db, turn,
                   "select h.name, h.owner from concurrency c join concurrency h"
                   " on h.project_id = c.project_id and h.name = c.name and h.held = 1"
                   " where c.owner = $1 and c.held = 0",
                   &rows, P_STR (claimant)));
    if (rows_count (rows) == 0)
        return OK;
    *name = rows_str (rows, 0, 0);
    *holder = rows_str (rows, 0, 1);
    return OK;
}
