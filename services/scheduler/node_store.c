/* node_store.c - see node_store.h. */

#include "services/scheduler/node_store.h"

#define COLUMNS                                                                                           \
    "run_id, key, position, state, needs, survives, cells_left, fail_fast, max_parallel, outcome, cells," \
    " called_by"

static const char *const state_names[] = {"pending", "running", "finished"};

static node_state_t state_of (const char *name)
{
    return *name == 'p' ? NODE_PENDING : *name == 'r' ? NODE_RUNNING : NODE_FINISHED;
}

static void read_node (const rows_t *rows, size_t row, node_row_t *out)
{
    *out = (node_row_t){
        .run_id = rows_str (rows, row, 0),
        .key = rows_str (rows, row, 1),
        .position = rows_i64 (rows, row, 2),
        .state = state_of (rows_str (rows, row, 3)),
        .needs = rows_str (rows, row, 4),
        .survives = rows_i64 (rows, row, 5) != 0,
        .cells_left = rows_i64 (rows, row, 6),
        .fail_fast = rows_i64 (rows, row, 7) != 0,
        .max_parallel = rows_i64 (rows, row, 8),
        .outcome = rows_str (rows, row, 9),
        .cells = rows_i64 (rows, row, 10),
        .called_by = rows_str (rows, row, 11),
    };
}

fault_t node_store_add (db_t *db, turn_t *turn, const node_row_t *node)
{
    return db_exec (db, turn,
                    "insert into nodes (run_id, key, position, state, needs, survives, cells_left, called_by)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    P_STR (node->run_id), P_STR (node->key), P_I64 (node->position),
                    P_STR (state_names[node->state]), P_STR (node->needs), P_I64 (node->survives),
                    P_I64 (node->cells_left), P_STR (node->called_by));
}

fault_t node_store_of_run (db_t *db, turn_t *turn, const char *run, node_rows_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select " COLUMNS " from nodes where run_id = $1 order by position",
                              &rows, P_STR (run));
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_node (rows, i, &out->items[i]);
    return OK;
}

static fault_t one_node (turn_t *turn, fault_t fault, const rows_t *rows, const char *key, node_row_t *out)
{
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return turn_fail (turn, BROKEN, "the node %s is missing", key);
    read_node (rows, 0, out);
    return OK;
}

fault_t node_store_find (db_t *db, turn_t *turn, const char *run, const char *key, node_row_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, "select " COLUMNS " from nodes where run_id = $1 and key = $2", &rows,
                              P_STR (run), P_STR (key));
    return one_node (turn, fault, rows, key, out);
}

fault_t node_store_expanded (db_t *db, turn_t *turn, const node_row_t *node, const char *definition,
                             const char *needs_context)
{
    return db_exec (db, turn,
                    "update nodes set state = 'running', cells_left = $3, fail_fast = $4, max_parallel = $5,"
                    " definition = $6, needs_context = $7, cells = $8 where run_id = $1 and key = $2",
                    P_STR (node->run_id), P_STR (node->key), P_I64 (node->cells_left),
                    P_I64 (node->fail_fast), P_I64 (node->max_parallel), P_STR (definition),
                    P_STR (needs_context), P_I64 (node->cells));
}

fault_t node_store_cell_ended (db_t *db, turn_t *turn, const char *run, const char *key, node_row_t *after)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn,
                              "update nodes set cells_left = cells_left - 1 where run_id = $1 and key = $2"
                              " returning " COLUMNS,
                              &rows, P_STR (run), P_STR (key));
    return one_node (turn, fault, rows, key, after);
}

fault_t node_store_finish (db_t *db, turn_t *turn, const node_row_t *node, const char *outcome)
{
    return db_exec (db, turn,
                    "update nodes set state = 'finished', outcome = $3 where run_id = $1 and key = $2",
                    P_STR (node->run_id), P_STR (node->key), P_STR (outcome));
}

fault_t node_store_reset (db_t *db, turn_t *turn, const node_row_t *node)
{
    return db_exec (db, turn,
                    "update nodes set state = 'pending', outcome = '', cells_left = $3"
                    " where run_id = $1 and key = $2",
                    P_STR (node->run_id), P_STR (node->key), P_I64 (node->cells_left));
}
