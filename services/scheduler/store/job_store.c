/* job_store.c - see job_store.h. */

#include "services/scheduler/store/job_store.h"

#include "common/base/id.h"
#include "proto/strs.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/store/place_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/waiting_store.h"

#include <string.h>

#define NAMES                                                                                                \
    "id, run_id, project_id, key, position, cell, name, title, state, result, attempt, tries, needs,"        \
    " labels, agent_id, agent_name, reason, matrix, strategy, outputs, steps, continue_on_error,"            \
    " timeout_minutes, concurrency, concurrency_cancel, concurrency_all, created_at, queued_at, started_at," \
    " finished_at, log_size, log_sha256, calls, cancel_minutes, priority, environment, environment_url,"     \
    " held_until"
#define COLUMNS "select " NAMES " from jobs"

static const char *state_of (const job_row_t *row)
{
    return state_name (&states_job, row->job.state);
}

static const char *result_of (const job_row_t *row)
{
    return state_name (&states_result, row->job.result);
}

static void read_times (const rows_t *rows, size_t row, job_t *job)
{
    job->created_at = rows_i64 (rows, row, 26);
    job->queued_at = rows_i64 (rows, row, 27);
    job->started_at = rows_i64 (rows, row, 28);
    job->finished_at = rows_i64 (rows, row, 29);
    job->log_size = rows_i64 (rows, row, 30);
    job->log_sha256 = rows_str (rows, row, 31);
}

static void read_job (turn_t *turn, const rows_t *rows, size_t row, job_row_t *out)
{
    *out = (job_row_t){
        .job =
            {
                .id = rows_str (rows, row, 0),
                .run_id = rows_str (rows, row, 1),
                .project_id = rows_str (rows, row, 2),
                .key = rows_str (rows, row, 3),
                .name = rows_str (rows, row, 6),
                .title = rows_str (rows, row, 7),
                .attempt = (uint32_t) rows_i64 (rows, row, 10),
                .needs = strs_split (turn->arena, rows_str (rows, row, 12)),
                .labels = strs_split (turn->arena, rows_str (rows, row, 13)),
                .agent_id = rows_str (rows, row, 14),
                .agent_name = rows_str (rows, row, 15),
                .reason = rows_str (rows, row, 16),
                .wait_reason = "",
                .matrix = rows_str (rows, row, 17),
                .outputs = rows_str (rows, row, 19),
                .continue_on_error = rows_i64 (rows, row, 21) != 0,
                .priority = rows_i64 (rows, row, 34),
            },
        .position = rows_i64 (rows, row, 4),
        .cell = rows_i64 (rows, row, 5),
        .tries = (uint32_t) rows_i64 (rows, row, 11),
        .labels = rows_str (rows, row, 13),
        .needs = rows_str (rows, row, 12),
        .strategy = rows_str (rows, row, 18),
        .timeout_minutes = rows_i64 (rows, row, 22),
        .concurrency = rows_str (rows, row, 23),
        .concurrency_cancel = rows_i64 (rows, row, 24) != 0,
        .concurrency_all = rows_i64 (rows, row, 25) != 0,
        .calls = rows_i64 (rows, row, 32) != 0,
        .cancel_minutes = rows_i64 (rows, row, 33),
    };
    out->job.environment = rows_str (rows, row, 35);
    out->job.environment_url = rows_str (rows, row, 36);
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_job, rows_str (rows, row, 8), &out->job.state);
    (void) state_from_name (&states_result, rows_str (rows, row, 9), &out->job.result);
    out->steps.data = rows_bytes (rows, row, 20, &out->steps.size);
    read_times (rows, row, &out->job);
    if (out->job.state == job_running)
        out->job.held_until = rows_i64 (rows, row, 37);
}

void job_store_read (turn_t *turn, const rows_t *rows, job_rows_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_job (turn, rows, i, &out->items[i]);
}

fault_t job_store_add (db_t *db, turn_t *turn, const job_row_t *row)
{
    const job_t *job = &row->job;
    return db_exec (
        db, turn,
        "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, needs,"
        " created_at, calls, result, reason, labels, matrix, strategy, outputs, continue_on_error,"
        " timeout_minutes, concurrency, concurrency_cancel, concurrency_all, queued_at, started_at,"
        " finished_at, cancel_minutes, priority, environment, gate) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
        P_STR (job->id), P_STR (job->run_id), P_STR (job->project_id), P_STR (job->key),
        P_I64 (row->position), P_I64 (row->cell), P_STR (job->name), P_STR (job->title),
        P_STR (state_of (row)), P_STR (row->needs), P_I64 (job->created_at), P_I64 (row->calls),
        P_STR (result_of (row)), P_STR (job->reason), P_STR (row->labels), P_STR (job->matrix),
        P_STR (row->strategy), P_STR (job->outputs), P_I64 (job->continue_on_error),
        P_I64 (row->timeout_minutes), P_STR (row->concurrency), P_I64 (row->concurrency_cancel),
        P_I64 (row->concurrency_all), P_I64 (job->queued_at), P_I64 (job->started_at),
        P_I64 (job->finished_at), P_I64 (row->cancel_minutes), P_I64 (job->priority),
        P_STR (job->environment ? job->environment : ""), P_STR (row->gated ? "shut" : ""));
}

fault_t job_store_find (db_t *db, turn_t *turn, const char *id, job_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, COLUMNS " where id = $1", &rows, P_STR (id)));
    return job_store_found (turn, rows, id, out);
}

fault_t job_store_find_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows)
{
    return db_query_later (db, turn, COLUMNS " where id = $1", rows, P_STR (id));
}

fault_t job_store_found (turn_t *turn, const rows_t *rows, const char *id, job_row_t *out)
{
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no job %s", id);
    read_job (turn, rows, 0, out);
    return OK;
}

// Queues in waiting_store's order, after a `with` that begins before; its first jobs from `since` on, because PostgreSQL keeps for a while what
// was removed before it. The project of each is looked up by itself: a join may read all projects.
#define QUEUES_WITH_HEADS(table, queues, heads)                                                              \
    " ranked as materialized (select labels as of_labels, priority as of_priority, project_id as"            \
    " of_project, size, (select p.running from projects p where p.id = q.project_id) as running,"            \
    " since from " table " q), first as materialized (select * from ranked where running is not null"        \
    " order by of_priority desc, running, since, of_project limit " queues                                   \
    "), headed as materialized (select f.*, case when place <= " heads                                       \
    " then (select w.job_id from waiting w where w.labels = f.of_labels and w.priority ="                    \
    " f.of_priority and w.project_id = f.of_project and w.queued_at >= f.since order by"                     \
    " w.queued_at, w.position, w.job_id limit 1) end as head from (select *, row_number () over ()"          \
    " as place from first) as f) select " NAMES ", of_labels, of_priority, of_project, size, running, since" \
    " from headed left join " DB_EACH ("jobs", "id = head") " order by place"

fault_t job_store_queues_later (db_t *db, turn_t *turn, size_t heads, const rows_t **rows)
{
    return db_query_later (db, turn, "with" QUEUES_WITH_HEADS ("queues", "$1", "$2"), rows,
                           P_I64 (QUEUES_AT_ONCE), P_I64 ((int64_t) heads));
}

fault_t job_store_fitting_queues_later (db_t *db, turn_t *turn, const strs_t *labels, const strs_t *agents,
                                        size_t heads, const rows_t **rows)
{
    if (labels->count <= 1 && agents->count <= 1)
        return db_query_later (
            db, turn, WITH_QUEUES_FITTING_ONE "," QUEUES_WITH_HEADS ("fitting", "$3", "$4"), rows,
            P_TEXT (labels, 0), P_TEXT (agents, 0), P_I64 (QUEUES_AT_ONCE), P_I64 ((int64_t) heads));
    return db_query_later (db, turn, WITH_QUEUES_FITTING_MANY "," QUEUES_WITH_HEADS ("fitting", "$33", "$34"),
                           rows, P_TEXTS (labels), P_TEXTS (agents), P_I64 (QUEUES_AT_ONCE),
                           P_I64 ((int64_t) heads));
}

void job_store_read_heads (turn_t *turn, const rows_t *rows, job_rows_t *out)
{
    out->count = 0;
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof *out->items);
    for (size_t i = 0; i < rows_count (rows); i++)
        if (!rows_null (rows, i, 0))
            read_job (turn, rows, i, &out->items[out->count++]);
}

fault_t job_store_of_run (db_t *db, turn_t *turn, const char *run, job_rows_t *out)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn, COLUMNS " where run_id = $1 order by position, cell", &rows, P_STR (run));
    if (!fault)
        job_store_read (turn, rows, out);
    return fault;
}

static void read_cell (const rows_t *rows, size_t row, job_cell_t *out)
{
    *out = (job_cell_t){
        .id = rows_str (rows, row, 0),
        .key = rows_str (rows, row, 1),
        .name = rows_str (rows, row, 2),
        .cell = rows_i64 (rows, row, 3),
        .calls = rows_i64 (rows, row, 6) != 0,
        .continue_on_error = rows_i64 (rows, row, 7) != 0,
        .grouped = *rows_str (rows, row, 8) != 0,
        .claims = !rows_null (rows, row, 9),
        .holds = rows_i64 (rows, row, 9) != 0,
        .gated = *rows_str (rows, row, 10) != 0,
        .open = *rows_str (rows, row, 10) == 'o',
    };
    (void) state_from_name (&states_job, rows_str (rows, row, 4), &out->state);
    (void) state_from_name (&states_result, rows_str (rows, row, 5), &out->result);
}

// Only what is in a group is looked for in `concurrency`; `held` is null where it has not asked for its place.
#define CELLS_OF(run)                                                                                     \
    "select j.id, j.key, j.name, j.cell, j.state, j.result, j.calls, j.continue_on_error, j.concurrency," \
    " case when j.concurrency <> '' and j.state <> 'finished' then (select c.held from concurrency c"     \
    " where c.project_id = j.project_id and c.name = j.concurrency and c.owner = j.id) end, j.gate"       \
    " from jobs j where j.run_id = " run " order by j.position, j.cell"

fault_t job_store_cells_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows)
{
    return id_is (id, 'j') ? db_query_later (db, turn, CELLS_OF (RUN_OF_JOB), rows, P_STR (id))
                           : db_query_later (db, turn, CELLS_OF ("$1"), rows, P_STR (id));
}

void job_store_read_cells (turn_t *turn, const rows_t *rows, job_cells_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        read_cell (rows, i, &out->items[i]);
}

fault_t job_store_outputs (db_t *db, turn_t *turn, const char *run, int64_t position, const char *key,
                           job_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, outputs from jobs where run_id = $1 and position = $2 and key = $3"
                   " order by cell",
                   &rows, P_STR (run), P_I64 (position), P_STR (key)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i].job = (job_t){.id = rows_str (rows, i, 0), .outputs = rows_str (rows, i, 1)};
    return OK;
}

#define STATED " and ($3 = '' or state = $3)"
#define ORDER  " and id < $2 order by id desc limit $5"

// One text for each index that can serve the filter: of a run, of an agent, of a state but the last, or all in their order (most jobs
// have ended).
#define PAGE_TEXTS(more)                                                               \
    {                                                                                  \
        COLUMNS " where run_id = $1 and ($4 = '' or agent_id = $4)" STATED more ORDER, \
            COLUMNS " where agent_id = $4 and agent_id <> ''" STATED more ORDER,       \
            COLUMNS " where state = $3 and state <> 'finished'" more ORDER,            \
            COLUMNS " where ($3 = '' or state = $3)" more ORDER                        \
    }
// Of what somebody may see, at most JOBS_WALKED are looked at: those from $7 on. The last of these:
#define SCOPED                                                                                   \
    " and exists (select 1 from projects p where p.id = jobs.project_id and " VISIBLE ("p",      \
                                                                                       "$6") ")" \
                                                                                             " and id >= $7"
#define WALK_TEXT(among) "select id from jobs where " among " and id < $2 order by id desc limit 1 offset $3"

static size_t index_of (const job_filter_t *filter)
{
    if (*filter->run)
        return 0;
    if (*filter->agent)
        return 1;
    return *filter->state && strcmp (filter->state, "finished") != 0 ? 2 : 3;
}

const char *job_store_page_sql (const job_filter_t *filter)
{
    static const char *const texts[2][4] = {PAGE_TEXTS (""), PAGE_TEXTS (SCOPED)};
    return texts[filter->scope != NULL][index_of (filter)];
}

// "" where the walk reaches the first of all, and of what is few anyway.
static fault_t find_end (db_t *db, turn_t *turn, const job_filter_t *filter, const char *before,
                         const char **end)
{
    static const char *const texts[] = {NULL, WALK_TEXT ("agent_id = $1 and agent_id <> ''"),
                                        WALK_TEXT ("state = $1 and state <> 'finished'"),
                                        WALK_TEXT ("$1 = ''")};
    const rows_t *rows;
    size_t index = index_of (filter);
    const char *named = index == 1 ? filter->agent : index == 2 ? filter->state : "";
    *end = "";
    if (!texts[index])
        return OK;
    TRY (db_query (db, turn, texts[index], &rows, P_STR (named), P_STR (before), P_I64 (JOBS_WALKED - 1)));
    *end = rows_count (rows) ? rows_str (rows, 0, 0) : "";
    return OK;
}

#define PAGE_PARAMS                                                                    \
    P_STR (filter->run), P_STR (before), P_STR (filter->state), P_STR (filter->agent), \
        P_I64 ((int64_t) filter->limit)

fault_t job_store_page (db_t *db, turn_t *turn, const job_filter_t *filter, job_rows_t *out,
                        const char **next)
{
    const rows_t *rows;
    const char *before = *filter->before ? filter->before : "~", *sql = job_store_page_sql (filter);
    *next = "";
    if (filter->scope) {
        TRY (find_end (db, turn, filter, before, next));
        TRY (db_query (db, turn, sql, &rows, PAGE_PARAMS, P_STR (filter->scope), P_STR (*next)));
    } else
        TRY (db_query (db, turn, sql, &rows, PAGE_PARAMS));
    job_store_read (turn, rows, out);
    if (out->count == filter->limit)
        *next = out->items[out->count - 1].job.id;
    return OK;
}

fault_t job_store_fill (db_t *db, turn_t *turn, const job_row_t *row)
{
    const job_t *job = &row->job;
    return db_exec (
        db, turn,
        "update jobs set name = $2, labels = $3, matrix = $4, strategy = $5,"
        " continue_on_error = $6, timeout_minutes = $7, concurrency = $8, concurrency_cancel = $9,"
        " concurrency_all = $10, state = $11, queued_at = $12, started_at = $13, finished_at = $14,"
        " result = $15, reason = $16, outputs = $17, cancel_minutes = $18, environment = $19, gate = $20 where id = $1",
        P_STR (job->id), P_STR (job->name), P_STR (row->labels), P_STR (job->matrix), P_STR (row->strategy),
        P_I64 (job->continue_on_error), P_I64 (row->timeout_minutes), P_STR (row->concurrency),
        P_I64 (row->concurrency_cancel), P_I64 (row->concurrency_all), P_STR (state_of (row)),
        P_I64 (job->queued_at), P_I64 (job->started_at), P_I64 (job->finished_at), P_STR (result_of (row)),
        P_STR (job->reason), P_STR (job->outputs), P_I64 (row->cancel_minutes),
        P_STR (job->environment ? job->environment : ""), P_STR (row->gated ? "shut" : ""));
}

fault_t job_store_save (db_t *db, turn_t *turn, const job_row_t *row)
{
    const job_t *job = &row->job;
    return db_exec (db, turn,
                    "update jobs set state = $2, result = $3, reason = $4, queued_at = $5, finished_at = $6"
                    " where id = $1",
                    P_STR (job->id), P_STR (state_of (row)), P_STR (result_of (row)), P_STR (job->reason),
                    P_I64 (job->queued_at), P_I64 (job->finished_at));
}

fault_t job_store_reset (db_t *db, turn_t *turn, const char *id)
{
    TRY (db_exec (
        db, turn,
        "insert into attempts (job_id, attempt, agent_id, agent_name, result, reason, started_at,"
        " finished_at, log_size, log_sha256) select id, attempt, agent_id, agent_name, result, reason,"
        " started_at, finished_at, log_size, log_sha256 from jobs where id = $1 and agent_id <> ''"
        " on conflict (job_id, attempt) do nothing",
        P_STR (id)));
    return db_exec (
        db, turn,
        "update jobs set state = 'pending', result = 'none', tries = 0, offers = 0, priority = 0, reason = '',"
        " outputs = '{}', steps = null, queued_at = 0, started_at = 0, finished_at = 0,"
        " agent_id = '', agent_name = '', log_size = 0, log_sha256 = '', gate = '', environment_url = ''"
        " where id = $1",
        P_STR (id));
}

fault_t job_store_lease (db_t *db, turn_t *turn, const job_row_t *row)
{
    const job_t *job = &row->job;
    return db_exec (db, turn,
                    "update jobs set state = 'assigned', attempt = $2, tries = $3, agent_id = $4,"
                    " agent_name = $5, started_at = $6, steps = null, held_until = 0,"
                    " offers = offers + 1 where id = $1",
                    P_STR (job->id), P_I64 (job->attempt), P_I64 (row->tries), P_STR (job->agent_id),
                    P_STR (job->agent_name), P_I64 (job->started_at));
}

fault_t job_store_hold (db_t *db, turn_t *turn, const char *id, int64_t until_us, const char *reason)
{
    return db_exec (db, turn, "update jobs set held_until = $2, reason = $3 where id = $1", P_STR (id),
                    P_I64 (until_us), P_STR (reason));
}

fault_t job_store_unlease (db_t *db, turn_t *turn, const job_row_t *row)
{
    return db_exec (db, turn,
                    "update jobs set state = 'queued', tries = $2, agent_id = '', agent_name = '',"
                    " started_at = 0 where id = $1",
                    P_STR (row->job.id), P_I64 (row->tries));
}

fault_t job_store_offers (db_t *db, turn_t *turn, const char *id, uint32_t *offers)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select offers from jobs where id = $1", &rows, P_STR (id)));
    *offers = rows_count (rows) ? (uint32_t) rows_i64 (rows, 0, 0) : 0;
    return OK;
}

fault_t job_store_begun (db_t *db, turn_t *turn, const job_row_t *row)
{
    return db_exec (db, turn, "update jobs set state = $2, queued_at = $3, started_at = $4 where id = $1",
                    P_STR (row->job.id), P_STR (state_of (row)), P_I64 (row->job.queued_at),
                    P_I64 (row->job.started_at));
}

fault_t job_store_ended (db_t *db, turn_t *turn, const job_row_t *row)
{
    const job_t *job = &row->job;
    return db_exec (db, turn,
                    "update jobs set state = $2, result = $3, reason = $4, finished_at = $5,"
                    " outputs = coalesce (cast ($6 as text), outputs) where id = $1",
                    P_STR (job->id), P_STR (state_of (row)), P_STR (result_of (row)), P_STR (job->reason),
                    P_I64 (job->finished_at), P_STR (job->outputs));
}

fault_t job_store_priority_of_run (db_t *db, turn_t *turn, const char *run, int64_t priority)
{
    return db_exec (db, turn,
                    "update jobs set priority = $2 where run_id = $1 and state in ('pending', 'queued')",
                    P_STR (run), P_I64 (priority));
}

fault_t job_store_queued (db_t *db, turn_t *turn, const char *run, job_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, COLUMNS " where run_id = $1 and state = 'queued' order by position, cell", &rows,
                   P_STR (run)));
    job_store_read (turn, rows, out);
    return OK;
}

fault_t job_store_priority (db_t *db, turn_t *turn, const job_row_t *row)
{
    return db_exec (db, turn, "update jobs set priority = $2 where id = $1", P_STR (row->job.id),
                    P_I64 (row->job.priority));
}

fault_t job_store_running (db_t *db, turn_t *turn, const char *id, uint32_t attempt, bool *changed)
{
    int64_t rows;
    fault_t fault = db_change (
        db, turn, "update jobs set state = 'running' where id = $1 and attempt = $2 and state = 'assigned'",
        &rows, P_STR (id), P_I64 (attempt));
    *changed = rows > 0;
    return fault;
}

fault_t job_store_steps (db_t *db, turn_t *turn, const char *id, bytes_t steps)
{
    return db_exec (db, turn, "update jobs set steps = $2 where id = $1", P_STR (id),
                    P_BYTES (steps.data, steps.size));
}

fault_t job_store_end (db_t *db, turn_t *turn, const job_row_t *row)
{
    return db_exec (db, turn,
                    "update jobs set state = $2, result = $3, reason = $4, finished_at = $5, outputs = $6,"
                    " steps = $7, log_size = $8, log_sha256 = $9, environment_url = $10 where id = $1",
                    P_STR (row->job.id), P_STR (state_of (row)), P_STR (result_of (row)),
                    P_STR (row->job.reason), P_I64 (row->job.finished_at), P_STR (row->job.outputs),
                    P_BYTES (row->steps.data, row->steps.size), P_I64 (row->job.log_size),
                    P_STR (row->job.log_sha256),
                    P_STR (row->job.environment_url ? row->job.environment_url : ""));
}

fault_t job_store_gate (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "update jobs set gate = 'open' where id = $1", P_STR (id));
}

fault_t job_store_attempt_reclaimed (db_t *db, turn_t *turn, const job_row_t *row, result_t result,
                                     const char *reason)
{
    const job_t *job = &row->job;
    return db_exec (db, turn,
                    "insert into attempts (job_id, attempt, agent_id, agent_name, result, reason, started_at,"
                    " finished_at, log_size, log_sha256) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    P_STR (job->id), P_I64 (job->attempt), P_STR (job->agent_id), P_STR (job->agent_name),
                    P_STR (state_name (&states_result, result)), P_STR (reason), P_I64 (job->started_at),
                    P_I64 (turn->now_us), P_I64 (job->log_size), P_STR (job->log_sha256));
}

static void read_attempt (const rows_t *rows, size_t row, attempt_t *out)
{
    *out = (attempt_t){
        .job_id = rows_str (rows, row, 0),
        .attempt = (uint32_t) rows_i64 (rows, row, 1),
        .agent_id = rows_str (rows, row, 2),
        .agent_name = rows_str (rows, row, 3),
        .reason = rows_str (rows, row, 5),
        .started_at = rows_i64 (rows, row, 6),
        .finished_at = rows_i64 (rows, row, 7),
        .log_size = rows_i64 (rows, row, 8),
        .log_sha256 = rows_str (rows, row, 9),
    };
    (void) state_from_name (&states_result, rows_str (rows, row, 4), &out->result);
}

static attempt_t latest_attempt (const job_t *job)
{
    return (attempt_t){
        .job_id = job->id,
        .attempt = job->attempt,
        .agent_id = job->agent_id,
        .agent_name = job->agent_name,
        .result = job->result,
        .reason = job->reason,
        .started_at = job->started_at,
        .finished_at = job->finished_at,
        .log_size = job->log_size,
        .log_sha256 = job->log_sha256,
    };
}

fault_t job_store_attempts (db_t *db, turn_t *turn, const job_row_t *row, attempt_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select job_id, attempt, agent_id, agent_name, result, reason, started_at, finished_at,"
                   " log_size, log_sha256 from attempts where job_id = $1 order by attempt desc limit $2",
                   &rows, P_STR (row->job.id), P_I64 (MAX_PAGE - 1)));
    size_t count = rows_count (rows);
    out->items = arena_array (turn->arena, count + 1, sizeof *out->items);
    for (size_t i = 0; i < count; i++)
        read_attempt (rows, count - 1 - i, &out->items[i]);
    out->count = count;
    bool listed = count > 0 && out->items[count - 1].attempt == row->job.attempt;
    if (*row->job.agent_id && !listed)
        out->items[out->count++] = latest_attempt (&row->job);
    return OK;
}
