/* retention.c - see retention.h. */

#include "services/scheduler/time/retention.h"

#include "services/scheduler/store/event_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/removed_store.h"
#include "services/scheduler/store/trial_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"

#include <stdio.h>

#define STEP_US   MILLISECONDS (100) // Between two steps while there is more to remove
#define EVENTS_US SECONDS (60)       // Between two looks for old events
#define WALK_US   SECONDS (600)      // Between two walks over all projects
#define AGAIN_US  SECONDS (10)       // Retry after another service has not answered

void retention_soon (scheduler_t *self, turn_t *turn)
{
    self->retention.at_us = 0;
    actor_tick_at (turn, turn->now_us);
}

static void sooner (int64_t *at_us, int64_t other_us)
{
    if (other_us < *at_us)
        *at_us = other_us;
}

static fault_t prune_events (scheduler_t *self, turn_t *turn)
{
    const scheduler_keeps_t *keeps = &self->keeps;
    bool more;
    if (turn->now_us < self->retention.events_us)
        return OK;
    TRY (event_store_prune (self->db, turn, turn->now_us - keeps->events_us, keeps->events, &more));
    self->retention.events_us = turn->now_us + (more ? STEP_US : EVENTS_US);
    return OK;
}

// `project`: its viewers are notified of each run; NULL if they know that the whole project was removed.
static fault_t remove_runs (scheduler_t *self, turn_t *turn, const char *project, const strs_t *runs)
{
    if (runs->count > 0)
        TRY (unit_write (self, turn));
    for (size_t i = 0; i < runs->count; i++) {
        const run_t run = {.id = runs->items[i], .project_id = project, .state = run_finished};
        bool removed;
        TRY (removed_store_add (self->db, turn, run.id, &removed));
        if (removed && project)
            TRY (emit_run (self, turn, EVENT_run_removed, &run));
    }
    return OK;
}

// The next project, and what of its runs is over. A walk begins with the home of jobs without a repository, whose id is "".
static fault_t walk (scheduler_t *self, turn_t *turn)
{
    run_retention_t *at = &self->retention;
    const scheduler_keeps_t *keeps = &self->keeps;
    over_t over = {.before_us = keeps->runs_us ? turn->now_us - keeps->runs_us : 0};
    strs_t runs = {0};
    int64_t made;
    if (turn->now_us < at->walk_us)
        return OK;
    at->walk_us = turn->now_us + WALK_US;
    if (keeps->runs_us == 0 && keeps->runs == 0)
        return OK;
    TRY (project_store_after (self->db, turn, at->walking ? at->project : NULL, &over.project, &made));
    if (!over.project) {
        at->walking = false;
        return OK;
    }
    over.upto_number = keeps->runs ? made - keeps->runs : 0;
    at->walk_us = turn->now_us + STEP_US;
    TRY (removed_store_over (self->db, turn, &over, &runs));
    TRY (remove_runs (self, turn, over.project, &runs));
    if (runs.count > 0)
        return OK; // There may be more of it
    at->walking = true;
    snprintf (at->project, sizeof at->project, "%s", over.project);
    return OK;
}

// As purge_runs.
static fault_t purge_project (scheduler_t *self, turn_t *turn, const char *id)
{
    const project_purge_t ask = {.project = id};
    done_t answer;
    TRY (unit_write (self, turn));
    TRY (actor_call (turn, MSG_project_purge, &ask, &answer));
    return project_store_removed_asked (self->db, turn, id, turn->now_us + AGAIN_US);
}

static fault_t clear_projects (scheduler_t *self, turn_t *turn)
{
    removed_project_t removed;
    strs_t runs;
    TRY (project_store_removed (self->db, turn, NULL, &removed));
    if (!*removed.id)
        return OK;
    if (removed.due_at > turn->now_us) {
        sooner (&self->retention.at_us, removed.due_at);
        return OK;
    }
    sooner (&self->retention.at_us, turn->now_us + STEP_US);
    TRY (removed_store_of_project (self->db, turn, removed.id, &runs));
    TRY (remove_runs (self, turn, NULL, &runs));
    return runs.count > 0 ? OK : purge_project (self, turn, removed.id);
}

// A tick cannot wait for an answer: the scheduler asks itself, and that message does.
static fault_t purge_runs (scheduler_t *self, turn_t *turn)
{
    strs_t runs;
    int64_t next;
    TRY (removed_store_due (self->db, turn, &runs));
    for (size_t i = 0; i < runs.count; i++) {
        run_purge_t ask = {.run = runs.items[i]};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (actor_call (turn, MSG_run_purge, &ask, &answer));
        TRY (removed_store_asked (self->db, turn, ask.run, turn->now_us + AGAIN_US));
    }
    TRY (removed_store_next (self->db, turn, &next));
    sooner (&self->retention.at_us, next);
    return OK;
}

// Those whose last run is gone, or that never had one.
static fault_t purge_trials (scheduler_t *self, turn_t *turn)
{
    strs_t trials;
    int64_t next;
    TRY (trial_store_due (self->db, turn, &trials));
    for (size_t i = 0; i < trials.count; i++) {
        const trial_purge_t ask = {.trial = trials.items[i]};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (actor_call (turn, MSG_trial_purge, &ask, &answer));
        TRY (trial_store_asked (self->db, turn, ask.trial, turn->now_us + AGAIN_US));
    }
    TRY (trial_store_next (self->db, turn, &next));
    sooner (&self->retention.at_us, next);
    return OK;
}

fault_t retention_tick (scheduler_t *self, turn_t *turn)
{
    run_retention_t *at = &self->retention;
    if (turn->now_us < at->at_us)
        return OK;
    at->at_us = NEVER;
    TRY (prune_events (self, turn));
    TRY (walk (self, turn));
    TRY (clear_projects (self, turn));
    TRY (purge_runs (self, turn));
    TRY (purge_trials (self, turn));
    sooner (&at->at_us, at->events_us);
    sooner (&at->at_us, at->walk_us);
    return OK;
}
