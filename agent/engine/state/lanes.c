/* lanes.c - see lanes.h. */

#include "agent/engine/state/lanes.h"

#include "common/base/bytes.h"

#include <errno.h>
#include <sys/eventfd.h>

// ---- the lock

void lanes_leave (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_unlock (&job->lanes->lock);
}

void lanes_enter (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_lock (&job->lanes->lock);
}

void lanes_begin_builtin (job_run_t *job)
{
    lanes_leave (job);
    if (job->lanes)
        pthread_mutex_lock (&job->lanes->builtin);
}

void lanes_end_builtin (job_run_t *job)
{
    if (job->lanes)
        pthread_mutex_unlock (&job->lanes->builtin);
    lanes_enter (job);
}

void lanes_wake (job_run_t *job)
{
    if (!job->lanes)
        return;
    eventfd_write (job->lane.wake, 1);
    for (background_steps_t *each = job->lanes->first; each; each = each->next)
        if (each->progress == LANE_RUNNING)
            eventfd_write (each->lane.wake, 1);
}

size_t lanes_leaders (const job_run_t *job, pid_t leaders[BACKGROUND_MAX + 1])
{
    size_t count = 0;
    leaders[count++] = job->lane.leader;
    for (background_steps_t *each = job->lanes ? job->lanes->first : NULL; each; each = each->next)
        if (each->progress == LANE_RUNNING)
            leaders[count++] = each->lane.leader;
    return count;
}

// ---- what a step in the background does

bool lane_cancelled (const step_run_t *run)
{
    return run->lane->background && run->lane->background->cancelled;
}

bool lane_holds_log (const step_run_t *run)
{
    return run->lane->background && run->lane->background->progress == LANE_RUNNING;
}

fault_t lane_log (const step_run_t *run, const void *data, size_t size)
{
    return bytes_write (run->lane->background->log, data, size) ? OK : fault_from_errno (errno);
}

void lane_note (const step_run_t *run, const char *name, const char *value)
{
    background_steps_t *self = run->lane->background;
    if (!self)
        return;
    lane_change_t *change = arena_alloc (run->job->arena, sizeof (lane_change_t));
    *change = (lane_change_t){.name = name ? arena_strdup (run->job->arena, name) : NULL,
                              .value = arena_strdup (run->job->arena, value)};
    *self->last_change = change;
    self->last_change = &change->next;
}

void lane_ended (const step_run_t *run, result_t outcome, result_t conclusion)
{
    run->lane->background->outcome = outcome;
    run->lane->background->conclusion = conclusion;
}
