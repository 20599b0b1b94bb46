/* run_model.c - see run_model.h: made, read, kept. run_save.c writes it. */

#include "services/scheduler/run/run_model.h"

#include "common/base/id.h"
#include "services/scheduler/run/dag_build.h"
#include "services/scheduler/unit/unit.h"
#include "workflow/model/job_time.h"

static run_model_t *model_new (arena_t *arena, const run_row_t *run)
{
    run_model_t *model = arena_alloc (arena, sizeof *model);
    model->arena = arena;
    model->run = *run;
    dag_init (&model->dag, arena, run->run.state, run->cancelled);
    model->dag.result = run->run.result;
    return model;
}

run_model_t *run_model_new (turn_t *turn, const run_row_t *run)
{
    run_model_t *model = model_new (turn->arena, run);
    model->fresh = true;
    return model;
}

size_t run_model_add_node (run_model_t *model, const dag_node_t *like)
{
    dag_node_t node = *like;
    node.key = arena_strdup (model->arena, like->key);
    node.needs_text = arena_strdup (model->arena, like->needs_text);
    size_t index = dag_add_node (&model->dag, &node), capacity = model->outcome_capacity;
    model->outcomes = arena_grow (model->arena, model->outcomes, index, &capacity, sizeof *model->outcomes);
    model->outcome_capacity = capacity;
    model->outcomes[index] = NULL;
    return index;
}

size_t run_model_add_cell (run_model_t *model, const dag_cell_t *like)
{
    dag_cell_t cell = *like;
    cell.id = arena_strdup (model->arena, like->id);
    cell.name = arena_strdup (model->arena, like->name);
    cell.reason = "";
    return dag_add_cell (&model->dag, &cell);
}

cell_draft_t *cell_draft_new (turn_t *turn, const run_model_t *model, size_t index)
{
    const dag_cell_t *cell = &model->dag.cells[index];
    cell_draft_t *draft = arena_alloc (turn->arena, sizeof *draft);
    const dag_node_t *node = &model->dag.nodes[cell->node];
    draft->row = (job_row_t){
        .job = {.id = cell->id,
                .run_id = model->run.run.id,
                .project_id = model->run.run.project_id,
                .key = node->key,
                .name = cell->name,
                .title = model->run.run.title,
                .agent_id = "",
                .agent_name = "",
                .reason = "",
                .environment = "",
                .environment_url = "",
                .matrix = "null",
                .created_at = turn->now_us},
        .position = node->position,
        .cell = cell->number,
        .labels = "",
        .needs = node->needs_text,
        .strategy = "{}",
        .timeout_minutes = JOB_MINUTES,
        .cancel_minutes = JOB_CANCEL_MINUTES,
        .concurrency = "",
        .calls = cell->calls,
    };
    return draft;
}

cell_draft_t *cell_draft (turn_t *turn, run_model_t *model, size_t index)
{
    dag_cell_t *cell = &model->dag.cells[index];
    if (!cell->row)
        cell->row = cell_draft_new (turn, model, index);
    return cell->row;
}

node_draft_t *node_draft (turn_t *turn, run_model_t *model, size_t index)
{
    dag_node_t *node = &model->dag.nodes[index];
    if (!node->row)
        node->row = arena_alloc (turn->arena, sizeof (node_draft_t));
    return node->row;
}

// ---- reading ----

static void add_cells (run_model_t *model, const job_cells_t *cells, size_t node, const index_t *of_keys,
                       const size_t *next)
{
    for (size_t i = index_find (of_keys, model->dag.nodes[node].key); i != INDEX_NONE; i = next[i]) {
        const job_cell_t *row = &cells->items[i];
        run_model_add_cell (model, &(dag_cell_t){
                                       .id = row->id,
                                       .name = row->name,
                                       .node = node,
                                       .number = row->cell,
                                       .state = row->state,
                                       .result = row->result,
                                       .calls = row->calls,
                                       .forgiven = row->continue_on_error,
                                       .grouped = row->grouped,
                                       .gated = row->gated,
                                       .open = row->open,
                                       .claim = row->holds    ? CLAIM_HELD
                                                : row->claims ? CLAIM_WAITS
                                                              : CLAIM_NONE,
                                       .stop = row->state == job_cancelling ? CANCEL_SOFT : CANCEL_NO,
                                   });
    }
}

// The cells of each node in one list, by its key.
static void sort_cells (turn_t *turn, const job_cells_t *cells, index_t *of_keys, size_t **next)
{
    index_init (of_keys, turn->arena);
    *next = arena_array (turn->arena, cells->count + 1, sizeof (size_t));
    for (size_t i = cells->count; i-- > 0;) { // The last goes in first
        (*next)[i] = index_find (of_keys, cells->items[i].key);
        index_put (of_keys, cells->items[i].key, i);
    }
}

static fault_t ask_graph (scheduler_t *self, turn_t *turn, const char *run, run_rows_t *out)
{
    TRY (node_store_of_run_later (self->db, turn, run, &out->nodes));
    return job_store_cells_later (self->db, turn, run, &out->cells);
}

static void fill_model (turn_t *turn, run_model_t *model, const run_rows_t *graph)
{
    node_rows_t nodes;
    job_cells_t cells;
    index_t of_keys;
    size_t *next;
    node_store_read (turn, graph->nodes, model->run.run.id, &nodes);
    job_store_read_cells (turn, graph->cells, &cells);
    sort_cells (turn, &cells, &of_keys, &next);
    for (size_t i = 0; i < nodes.count; i++) {
        const node_row_t *row = &nodes.items[i];
        size_t node = run_model_add_node (
            model, &(dag_node_t){
                       .key = row->key,
                       .caller = *row->called_by ? dag_cell (&model->dag, row->called_by) : DAG_NONE,
                       .position = row->position,
                       .needs_text = row->needs,
                       .state = row->state,
                       .result = row->result,
                       .runs_when_cancelled = row->runs_when_cancelled,
                       .fail_fast = row->fail_fast,
                       .max_parallel = row->max_parallel,
                   });
        bool short_one = row->state == NODE_FINISHED && row->outcome && *row->outcome;
        model->outcomes[node] = short_one ? arena_strdup (model->arena, row->outcome) : NULL;
        add_cells (model, &cells, node, &of_keys, next);
    }
    dag_link (&model->dag, 0);
}

static void copy_run (arena_t *arena, run_row_t *row)
{
    run_t *run = &row->run;
    const char **texts[] = {&run->id,   &run->project_id, &run->project,    &run->workflow,
                            &run->name, &run->title,      &run->event,      &run->ref,
                            &run->sha,  &run->actor,      &row->concurrency};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup (arena, *texts[i]);
    run->wait_reason = "";
}

static run_model_t *read_model (turn_t *turn, const run_row_t *run, const run_rows_t *graph)
{
    arena_t *arena = arena_new ();
    run_row_t row = *run;
    copy_run (arena, &row);
    run_model_t *model = model_new (arena, &row);
    fill_model (turn, model, graph);
    return model;
}

// ---- keeping ----

// `id`: of the run, or of one of its jobs.
static run_model_t **slot_of (scheduler_t *self, const char *id)
{
    run_model_t **at = &self->models;
    uint64_t hash = index_hash (id);
    while (*at && !same ((*at)->run.run.id, id) &&
           index_find_hashed (&(*at)->dag.ids, id, hash) == INDEX_NONE)
        at = &(*at)->next;
    return at;
}

static void drop (run_model_t **at)
{
    run_model_t *model = *at;
    *at = model->next;
    arena_t *arena = model->arena; // It is in there itself
    arena_destroy (&arena);
}

void run_model_forget (scheduler_t *self, const char *run)
{
    if (run) {
        run_model_t **at = slot_of (self, run);
        if (*at)
            drop (at);
        return;
    }
    while (self->models)
        drop (&self->models);
}

static void keep (scheduler_t *self, run_model_t *model)
{
    model->next = self->models;
    self->models = model;
}

void run_models_trim (scheduler_t *self)
{
    size_t count = 0, bytes = 0;
    for (run_model_t **at = &self->models; *at;) {
        bytes += arena_used ((*at)->arena);
        if (++count > 1 && (count > MODELS_MAX || bytes > MODELS_BYTES))
            drop (at);
        else
            at = &(*at)->next;
    }
}

// What an older version left undone is done with the first change.
static void revive (run_model_t *model)
{
    if (!model->revived)
        dag_revive (&model->dag);
    model->revived = true;
}

fault_t run_model_ask (scheduler_t *self, turn_t *turn, const char *id, run_rows_t *out)
{
    const run_model_t *kept = *slot_of (self, id);
    *out = (run_rows_t){0};
    TRY (unit_write (self, turn));
    if (kept)
        return run_store_version_later (self->db, turn, kept->run.run.id, &out->version);
    TRY (id_is (id, 'j') ? run_store_of_job_later (self->db, turn, id, &out->run)
                         : run_store_find_later (self->db, turn, id, &out->run));
    return ask_graph (self, turn, id, out);
}

// *out: NULL if none is kept, or another replica wrote since.
static fault_t take_kept (scheduler_t *self, turn_t *turn, const char *run, const rows_t *rows,
                          run_model_t **out)
{
    int64_t version;
    run_model_t **at = slot_of (self, run);
    *out = NULL;
    TRY (run_store_found_version (turn, rows, run, &version));
    if (!*at)
        return OK;
    run_model_t *kept = *at;
    *at = kept->next;
    keep (self, kept);
    if (kept->run.version == version)
        *out = kept;
    else
        drop (&self->models);
    return OK;
}

fault_t run_model_take (scheduler_t *self, turn_t *turn, const char *run, const run_rows_t *asked,
                        run_model_t **out)
{
    run_row_t row;
    run_rows_t own;
    *out = NULL;
    if (!asked) {
        TRY (run_model_ask (self, turn, run, &own));
        TRY (db_wait (self->db, turn));
        asked = &own;
    }
    if (asked->version) {
        TRY (take_kept (self, turn, run, asked->version, out));
        if (*out) {
            revive (*out);
            return OK;
        }
        TRY (run_model_ask (self, turn, run, &own));
        TRY (db_wait (self->db, turn));
        asked = &own;
    }
    TRY (run_store_found (turn, asked->run, run, &row));
    *out = read_model (turn, &row, asked);
    keep (self, *out);
    run_models_trim (self);
    revive (*out);
    return OK;
}

fault_t run_model_read (scheduler_t *self, turn_t *turn, const run_row_t *run, run_model_t **out)
{
    int64_t version;
    run_rows_t graph;
    run_model_t **at = slot_of (self, run->run.id);
    *out = *at;
    if (*out && (*out)->run.version == run->version)
        return OK;
    if (*out)
        drop (at);
    TRY (ask_graph (self, turn, run->run.id, &graph));
    TRY (run_store_version (self->db, turn, run->run.id, &version));
    *out = read_model (turn, run, &graph);
    keep (self, *out);
    if (version == run->version)
        return OK;
    // Between the queries another replica has written: what was read is for this answer alone
    drop (&self->models);
    TRY (ask_graph (self, turn, run->run.id, &graph));
    TRY (db_wait (self->db, turn));
    *out = model_new (turn->arena, run);
    fill_model (turn, *out, &graph);
    return OK;
}
