/* node_store.c - see node_store.h. */

#include "services/scheduler/store/node_store.h"

#include "common/base/id.h"
#include "services/scheduler/store/run_store.h"

static const char *const state_names[] = {"pending", "running", "finished"};

static node_state_t state_of (const char *name)
{
    return *name == 'p' ? NODE_PENDING : *name == 'r' ? NODE_RUNNING : NODE_FINISHED;
}

static const char *result_of (const node_row_t *node)
{
    return state_name (&states_result, node->result);
}

static void read_node (const rows_t *rows, size_t row, const char *run, node_row_t *out)
{
    *out = (node_row_t){
        .run_id = run,
        .key = rows_str (rows, row, 0),
        .position = rows_i64 (rows, row, 1),
        .state = state_of (rows_str (rows, row, 2)),
        .needs = rows_str (rows, row, 3),
        .runs_when_cancelled = rows_i64 (rows, row, 4) != 0,
        .fail_fast = rows_i64 (rows, row, 5) != 0,
        .max_parallel = rows_i64 (rows, row, 6),
        .cells = rows_i64 (rows, row, 7),
        .called_by = rows_str (rows, row, 8),
        .outcome = rows_null (rows, row, 10) ? NULL : rows_str (rows, row, 10),
    };
    // Names come from our own writes: one that is unknown reads as the first.
    (void) state_from_name (&states_result, rows_str (rows, row, 9), &out->result);
}

fault_t node_store_add (db_t *db, turn_t *turn, const node_row_t *node)
{
    return db_exec (
        db, turn,
        "insert into nodes (run_id, key, position, state, needs, runs_when_cancelled, cells, cells_left, fail_fast,"
        " max_parallel, outcome, definition, needs_context, called_by, result)"
        " values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14)",
        P_STR (node->run_id), P_STR (node->key), P_I64 (node->position), P_STR (state_names[node->state]),
        P_STR (node->needs), P_I64 (node->runs_when_cancelled), P_I64 (node->cells), P_I64 (node->fail_fast),
        P_I64 (node->max_parallel), P_STR (node->outcome ? node->outcome : ""),
        P_STR (node->definition ? node->definition : ""),
        P_STR (node->needs_context ? node->needs_context : "{}"), P_STR (node->called_by),
        P_STR (result_of (node)));
}

#define OF_RUN(run)                                                                            \
    "select key, position, state, needs, runs_when_cancelled, fail_fast, max_parallel, cells," \
    " called_by, result, case when length (outcome) <= $2 then outcome end"                    \
    " from nodes where run_id = " run " order by position, key"

fault_t node_store_of_run_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows)
{
    return id_is (id, 'j')
               ? db_query_later (db, turn, OF_RUN (RUN_OF_JOB), rows, P_STR (id), P_I64 (OUTCOME_SHORT))
               : db_query_later (db, turn, OF_RUN ("$1"), rows, P_STR (id), P_I64 (OUTCOME_SHORT));
}

void node_store_read (turn_t *turn, const rows_t *rows, const char *run, node_rows_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_node (rows, i, run, &out->items[i]);
}

fault_t node_store_outcome (db_t *db, turn_t *turn, const char *run, const char *key, const char **out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select outcome from nodes where run_id = $1 and key = $2", &rows, P_STR (run),
                   P_STR (key)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, BROKEN, "the node %s is missing", key);
    *out = rows_str (rows, 0, 0);
    return OK;
}

fault_t node_store_expanded (db_t *db, turn_t *turn, const node_row_t *node)
{
    return db_exec (db, turn,
                    "update nodes set state = $3, fail_fast = $4, max_parallel = $5, definition = $6,"
                    " needs_context = $7, cells = $8 where run_id = $1 and key = $2",
                    P_STR (node->run_id), P_STR (node->key), P_STR (state_names[node->state]),
                    P_I64 (node->fail_fast), P_I64 (node->max_parallel), P_STR (node->definition),
                    P_STR (node->needs_context), P_I64 (node->cells));
}

fault_t node_store_finish (db_t *db, turn_t *turn, const node_row_t *node)
{
    return db_exec (
        db, turn,
        "update nodes set state = 'finished', outcome = $3, result = $4 where run_id = $1 and key = $2",
        P_STR (node->run_id), P_STR (node->key), P_STR (node->outcome), P_STR (result_of (node)));
}

fault_t node_store_reset (db_t *db, turn_t *turn, const char *run, const char *key)
{
    return db_exec (db, turn,
                    "update nodes set state = 'pending', outcome = '', result = 'none'"
                    " where run_id = $1 and key = $2",
                    P_STR (run), P_STR (key));
}
