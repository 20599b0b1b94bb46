/* candidates.c - see candidates.h. */

#include "services/scheduler/dispatch/candidates.h"

#include "common/base/line.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#include <stdlib.h>

#define READY_LEAST 16 // Idle agents that are looked at for a job

// Both for `idle`, which is complete.
static fault_t asked_sets (scheduler_t *self, turn_t *turn, size_t most, const label_sets_t *idle,
                           set_page_t *asked)
{
    const char *after = NULL;
    label_sets_t page;
    asked->count = 0;
    do {
        TRY (waiting_store_sets (self->db, turn, after, &page));
        match_asked (asked, most, &page, idle);
        after = page.count ? page.items[page.count - 1].labels : NULL;
    } while (page.count == SETS_PAGE);
    return OK;
}

// The order in which they were read is that before this unit of work: it decides only which of very many are looked at.
static void add_running (const scheduler_t *self, waitings_t *queues)
{
    for (size_t i = 0; i < queues->count; i++)
        queues->items[i].running += unit_running (self, queues->items[i].project_id);
}

// Leaves only queues and agents whose labels fit each other.
static fault_t narrow (scheduler_t *self, turn_t *turn, size_t sets, waitings_t *queues, candidates_t *out)
{
    label_sets_t idle;
    set_page_t asked, offered;
    TRY (agent_store_idle_sets (self->db, turn, lease_now (self), &idle));
    TRY (asked_sets (self, turn, sets, &idle, &asked));
    queues->count = out->agents.count = 0;
    if (asked.count == 0)
        return OK;
    match_offered (&offered, &asked, &idle);
    TRY (waiting_store_queues_of (self->db, turn, &asked, queues));
    add_running (self, queues);
    return agent_store_idle_of (self->db, turn, lease_now (self), &offered, &out->agents);
}

// True where all fitted.
static bool keep_what_fits (waitings_t *queues, const agent_rows_t *agents)
{
    size_t kept = 0, all = queues->count;
    for (size_t i = 0; i < queues->count; i++)
        if (match_any (agents, queues->items[i].labels))
            queues->items[kept++] = queues->items[i];
    queues->count = kept;
    return kept == all;
}

static const job_row_t *head_of (const job_rows_t *heads, const waiting_t *queue)
{
    for (size_t i = 0; i < heads->count; i++) {
        const job_row_t *head = &heads->items[i];
        const waiting_t waiting = job_waiting (head);
        if (waiting.priority == queue->priority && same (waiting.project_id, queue->project_id) &&
            same (waiting.labels, queue->labels))
            return head;
    }
    return NULL;
}

// One agent, or no queue with a second job.
static bool heads_are_enough (const waitings_t *queues, const candidates_t *found)
{
    bool enough = found->agents.count == 1 || queues->count <= QUEUES_OF_UNION;
    for (size_t i = 0; enough && found->agents.count > 1 && i < queues->count; i++)
        enough = queues->items[i].size == 1;
    return enough;
}

// The jobs of the first queues are those in `heads`. False where one is missing.
static bool take_heads (const waitings_t *queues, const job_rows_t *heads, candidates_t *out)
{
    for (size_t i = 0; i < queues->count && i < QUEUES_OF_UNION; i++) {
        const job_row_t *head = head_of (heads, &queues->items[i]);
        if (!head) {
            out->jobs.count = 0;
            return false;
        }
        waiting_t *waiting = &out->jobs.items[out->jobs.count++];
        *waiting = job_waiting (head);
        waiting->running = queues->items[i].running;
        waiting->stays = queues->items[i].size > (int64_t) out->agents.count;
        waiting->row = head;
    }
    return true;
}

// For n agents the first n queues matter, and of each its first n jobs: rounded up to what one statement reads.
static size_t most_jobs (const waitings_t *queues, const candidates_t *found)
{
    size_t agents = found->agents.count;
    size_t rounded = (agents + QUEUES_OF_UNION) / QUEUES_OF_UNION * QUEUES_OF_UNION;
    size_t count = (queues->count < rounded ? queues->count : rounded) * agents;
    return count < MATCH_JOBS ? count : MATCH_JOBS;
}

static fault_t read_oldest (scheduler_t *self, turn_t *turn, const waitings_t *queues, size_t most,
                            candidates_t *out)
{
    size_t limit = out->agents.count;
    for (size_t i = 0; i < queues->count && (i == 0 || i < limit); i += QUEUES_OF_UNION) {
        waitings_t some = {queues->items + i, queues->count - i}, jobs;
        some.count = some.count < QUEUES_OF_UNION ? some.count : QUEUES_OF_UNION;
        TRY (waiting_store_oldest (self->db, turn, &some, limit, &jobs));
        for (size_t k = 0; k < jobs.count && out->jobs.count < most; k++)
            out->jobs.items[out->jobs.count++] = jobs.items[k];
    }
    return OK;
}

// Two ways to the first jobs: where statements travel together the heads of the first queues come along, as `first`, which mostly saves the
// round trip of read_oldest. On SQLite, where it is NULL, a statement is a call: reading heads that no agent takes would be work for nothing.
static fault_t oldest (scheduler_t *self, turn_t *turn, const waitings_t *queues, const rows_t *first,
                       candidates_t *out)
{
    int64_t size = 0;
    bool taken = false;
    size_t most = most_jobs (queues, out);
    out->jobs = (waitings_t){arena_array (turn->arena, most + 1, sizeof (waiting_t)), 0};
    for (size_t i = 0; i < queues->count; i++)
        size += queues->items[i].size;
    if (first && heads_are_enough (queues, out)) {
        job_rows_t heads;
        job_store_read_heads (turn, first, &heads);
        taken = take_heads (queues, &heads, out);
    }
    if (!taken)
        TRY (read_oldest (self, turn, queues, most, out));
    out->all_jobs &= size <= (int64_t) out->jobs.count;
    return OK;
}

fault_t candidates_find (scheduler_t *self, turn_t *turn, size_t sets, candidates_t *out)
{
    waitings_t queues;
    const rows_t *waiting, *idle;
    bool headed = db_is_postgres (self->db);
    *out = (candidates_t){.all_jobs = true, .all_agents = true};
    TRY (headed ? job_store_queues_later (self->db, turn, QUEUES_OF_UNION, &waiting)
                : waiting_store_queues_later (self->db, turn, &waiting));
    TRY (agent_store_idle_later (self->db, turn, lease_now (self), &idle));
    TRY (db_wait (self->db, turn));
    waiting_store_read_queues (turn, waiting, headed ? JOB_STORE_QUEUE : 0, &queues);
    add_running (self, &queues);
    if (queues.count == 0)
        return OK;
    agent_store_read_idle (turn, idle, &out->agents);
    out->all_jobs = queues.count < QUEUES_AT_ONCE;
    out->all_agents = out->agents.count < AGENTS_AT_ONCE;
    if (!out->all_jobs || !out->all_agents)
        TRY (narrow (self, turn, sets, &queues, out));
    if (!keep_what_fits (&queues, &out->agents) && !out->all_agents)
        out->all_jobs = false; // Those whose agents were not looked at come with the next pass
    return queues.count == 0 ? OK : oldest (self, turn, &queues, headed ? waiting : NULL, out);
}

// ---- what one unit of work changed ----

typedef struct {
    strs_t labels, agents;                     // Of the request
    size_t limit;                              // Of `ready`
    const rows_t *freed, *ready[SETS_AT_ONCE]; // Agents
    const rows_t *queues;
    bool headed; // With the first jobs of queues
} changed_t;

static fault_t ask_agents (scheduler_t *self, turn_t *turn, changed_t *changed)
{
    if (changed->agents.count > 0)
        TRY (agent_store_idle_named_later (self->db, turn, lease_now (self), &changed->agents,
                                           &changed->freed));
    for (size_t i = 0; i < changed->labels.count; i++) {
        asked_labels_t asked = asked_labels_of (turn->arena, changed->labels.items[i]);
        TRY (agent_store_ready_later (self->db, turn, lease_now (self), &asked, changed->limit,
                                      &changed->ready[i]));
    }
    return OK;
}

static fault_t ask_queues (scheduler_t *self, turn_t *turn, changed_t *changed)
{
    if (changed->headed)
        return job_store_fitting_queues_later (self->db, turn, &changed->labels, &changed->agents,
                                               QUEUES_OF_UNION, &changed->queues);
    return waiting_store_fitting_later (self->db, turn, &changed->labels, &changed->agents, &changed->queues);
}

static int by_idleness (const void *a, const void *b)
{
    const agent_row_t *one = a, *other = b;
    if (one->idle_at != other->idle_at)
        return one->idle_at < other->idle_at ? -1 : 1;
    return strcmp (one->agent.id, other->agent.id);
}

static void add_agents (turn_t *turn, const rows_t *rows, agent_rows_t *out)
{
    agent_rows_t read;
    agent_store_read_idle (turn, rows, &read);
    for (size_t i = 0; i < read.count; i++)
        out->items[out->count++] = read.items[i];
}

// Each once, the longest idle first.
static void read_agents (turn_t *turn, const changed_t *changed, agent_rows_t *out)
{
    size_t most = changed->agents.count + changed->labels.count * changed->limit, kept = 0;
    out->items = arena_array (turn->arena, most + 1, sizeof *out->items);
    if (changed->freed)
        add_agents (turn, changed->freed, out);
    for (size_t i = 0; i < changed->labels.count; i++)
        add_agents (turn, changed->ready[i], out);
    if (out->count > 1)
        qsort (out->items, out->count, sizeof *out->items, by_idleness);
    for (size_t i = 0; i < out->count; i++)
        if (i == 0 || !same (out->items[kept - 1].agent.id, out->items[i].agent.id))
            out->items[kept++] = out->items[i];
    out->count = kept;
}

// Is there no agent for those that were queued but those that were read?
static bool has_all_agents (const match_request_t *request, const changed_t *changed)
{
    bool all = request->jobs <= changed->limit;
    for (size_t i = 0; i < request->label_count; i++) // Of many labels not all were compared
        all &= line_count (request->labels[i]) <= ASKED_LABELS ||
               rows_count (changed->ready[i]) < changed->limit;
    return all;
}

fault_t candidates_of (scheduler_t *self, turn_t *turn, const match_request_t *request, candidates_t *out)
{
    waitings_t queues;
    changed_t changed = {.labels = {(const char **) request->labels, request->label_count},
                         .agents = {(const char **) request->agents, request->agent_count},
                         .headed = db_is_postgres (self->db)};
    // As many as there are jobs suffice, whatever the others take; a few more to find the one that was idle longest
    changed.limit = request->jobs > READY_LEAST ? request->jobs : READY_LEAST;
    changed.limit = changed.limit < AGENTS_AT_ONCE ? changed.limit : AGENTS_AT_ONCE;
    *out = (candidates_t){.all_jobs = true, .all_agents = true};
    if (request->label_count == 0 &&
        !db_is_postgres (self->db)) { // Only agents became free: mostly for nothing
        bool any;
        TRY (waiting_store_any (self->db, turn, &any));
        if (!any)
            return OK;
    }
    TRY (ask_agents (self, turn, &changed));
    if (changed.headed)
        TRY (ask_queues (self, turn, &changed));
    TRY (db_wait (self->db, turn));
    read_agents (turn, &changed, &out->agents);
    out->all_agents = has_all_agents (request, &changed);
    if (out->agents.count == 0)
        return OK;
    if (!changed.queues) { // On SQLite, which is not asked for what is not needed
        TRY (ask_queues (self, turn, &changed));
        TRY (db_wait (self->db, turn));
    }
    waiting_store_read_queues (turn, changed.queues, changed.headed ? JOB_STORE_QUEUE : 0, &queues);
    add_running (self, &queues);
    out->all_jobs = queues.count < QUEUES_AT_ONCE;
    if (!keep_what_fits (&queues, &out->agents) && !out->all_agents)
        out->all_jobs = false;
    return queues.count == 0 ? OK : oldest (self, turn, &queues, changed.headed ? changed.queues : NULL, out);
}
