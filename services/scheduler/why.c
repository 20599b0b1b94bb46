/* why.c - see why.h. */

#include "services/scheduler/why.h"

#include "common/id.h"
#include "services/scheduler/concurrency_store.h"
#include "services/scheduler/labels.h"
#include "services/scheduler/needs.h"
#include "services/scheduler/progress.h"

// The label that the agent which comes closest lacks.
static const char *closest_lacks (arena_t *arena, const agent_rows_t *agents, const char *labels)
{
    strs_t asked = lines_split (arena, labels);
    for (size_t i = 0; i < asked.count; i++) {
        bool offered = false;
        for (size_t j = 0; j < agents->count; j++)
            offered |= lines_have (agents->items[j].labels, asked.items[i]);
        if (!offered)
            return arena_printf (arena, "no agent has the label %s", asked.items[i]);
    }
    const char *text = "";
    for (size_t i = 0; i < asked.count; i++)
        text = arena_printf (arena, "%s%s%s", text, *text ? ", " : "", asked.items[i]);
    return arena_printf (arena, "no agent has all of the labels %s", text);
}

const char *why_no_agent (arena_t *arena, const agent_rows_t *agents, const char *labels)
{
    size_t fit = 0, offline = 0;
    if (agents->count == 0)
        return "no agent is registered";
    for (size_t i = 0; i < agents->count; i++) {
        if (!labels_include (agents->items[i].labels, labels))
            continue;
        fit++;
        offline += agents->items[i].agent.state == agent_offline;
    }
    if (fit == 0)
        return closest_lacks (arena, agents, labels);
    if (fit == offline)
        return fit == 1 ? "the only agent for it is offline"
                        : arena_printf (arena, "all %zu agents for it are offline", fit);
    return "";
}

static fault_t why_queued (why_t *self, job_row_t *row)
{
    turn_t *turn = self->turn;
    db_t *db = self->scheduler->db;
    if (!self->agents_read)
        TRY (agent_store_known (db, turn, &self->agents));
    self->agents_read = true;
    if (!self->labels || !same (self->labels, row->labels))
        self->labels_why = why_no_agent (turn->arena, &self->agents, row->labels);
    self->labels = row->labels;
    row->job.waiting_because = self->labels_why;
    if (*self->labels_why)
        return OK;
    row->job.waiting_because = "all agents for it are busy";
    if (!self->positions)
        return OK;
    waiting_t waiting = job_place (row);
    int64_t before = 0;
    TRY (waiting_store_before (db, turn, &waiting, &before));
    if (before > 0)
        row->job.waiting_because =
            arena_printf (turn->arena, "all agents for it are busy; %lld%s %s before it", (long long) before,
                          before == BEFORE_MAX ? " or more" : "", before == 1 ? "job is" : "jobs are");
    return OK;
}

// Names the holder as people know it.
static fault_t holder_name (scheduler_t *self, turn_t *turn, const char *owner, const char **out)
{
    run_row_t run;
    job_row_t job;
    if (id_is (owner, 'r')) {
        TRY (run_store_find (self->db, turn, owner, &run));
        *out = arena_printf (turn->arena, "run %lld", (long long) run.run.number);
        return OK;
    }
    TRY (job_store_find (self->db, turn, owner, &job));
    TRY (run_store_find (self->db, turn, job.job.run_id, &run));
    *out = arena_printf (turn->arena, "job %s of run %lld", job.job.name, (long long) run.run.number);
    return OK;
}

static fault_t why_group (scheduler_t *self, turn_t *turn, const char *project, const char *group,
                          const char **out)
{
    claimants_t claimants;
    const char *holder;
    TRY (concurrency_store_of_group (self->db, turn, project, group, &claimants));
    if (claimants.count == 0 || !claimants.items[0].held)
        return OK;
    TRY (holder_name (self, turn, claimants.items[0].owner, &holder));
    *out = arena_printf (turn->arena, "the concurrency group %s is held by %s", group, holder);
    return OK;
}

static fault_t why_pending (why_t *self, job_row_t *row)
{
    scheduler_t *scheduler = self->scheduler;
    turn_t *turn = self->turn;
    node_rows_t nodes;
    node_row_t node;
    run_row_t run;
    TRY (run_store_find (scheduler->db, turn, row->job.run_id, &run));
    if (run.run.state == run_pending && *run.concurrency)
        return why_group (scheduler, turn, row->job.project_id, run.concurrency, &row->job.waiting_because);
    TRY (node_store_find (scheduler->db, turn, row->job.run_id, row->job.key, &node));
    if (node.state == NODE_PENDING) {
        TRY (node_store_of_run (scheduler->db, turn, row->job.run_id, &nodes));
        const char *missing = needs_missing (turn->arena, &nodes, &node);
        row->job.waiting_because = *missing ? arena_printf (turn->arena, "waits for %s", missing)
                                            : "waits for the job that calls its workflow";
        return OK;
    }
    row->job.waiting_because =
        arena_printf (turn->arena, "max-parallel: %lld of its matrix run", (long long) node.max_parallel);
    return *row->concurrency
               ? why_group (scheduler, turn, row->job.project_id, row->concurrency, &row->job.waiting_because)
               : OK;
}

fault_t why_job (why_t *self, job_row_t *row)
{
    if (row->job.state == job_queued)
        return why_queued (self, row);
    return row->job.state == job_pending ? why_pending (self, row) : OK;
}

fault_t why_run (scheduler_t *self, turn_t *turn, run_row_t *row)
{
    if (row->run.state != run_pending || !*row->concurrency)
        return OK;
    return why_group (self, turn, row->run.project_id, row->concurrency, &row->run.waiting_because);
}
