/* ahead.c - see ahead.h. */

#include "services/scheduler/api/ahead.h"

#include "services/scheduler/base/labels.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

typedef struct {
    const rows_t *job;
    job_end_rows_t *end; // NULL where it is only looked at
    size_t moved;        // Runs of this unit of work by then
    const char *labels;  // Of a job that is submitted
    const rows_t *size;  // Of its queue
    size_t queued;       // In this unit of work by then
} ahead_t;

static fault_t ask_job (scheduler_t *self, turn_t *turn, const char *job, bool ends, ahead_t *out)
{
    *out = (ahead_t){.moved = self->moved.count};
    if (ends)
        TRY (job_end_ask (self, turn, job, &out->end));
    return job_store_find_later (self->db, turn, job, &out->job);
}

static fault_t ahead_of_job (scheduler_t *self, turn_t *turn, const char *job, bool ends, ahead_t **out)
{
    *out = arena_alloc (turn->arena, sizeof **out);
    return ask_job (self, turn, job, ends, *out);
}

static fault_t ahead_of_status (scheduler_t *self, turn_t *turn, const job_status_t *ask, ahead_t **out)
{
    if (ask->state != job_finished)
        return ahead_of_job (self, turn, ask->job, false, out);
    if (!actor_called (turn) && lease_known (self, ask->job, ask->attempt))
        return OK; // The log is sealed first: see status.c
    return ahead_of_job (self, turn, ask->job, actor_called (turn), out);
}

static fault_t ahead_of_job_of_no_project (scheduler_t *self, turn_t *turn, const job_submit_t *ask,
                                           ahead_t **out)
{
    ahead_t *ahead = *out = arena_alloc (turn->arena, sizeof **out);
    ahead->labels = labels_of (turn->arena, ask->runs_on.items, ask->runs_on.count);
    ahead->queued = self->queued.count;
    TRY (ahead_of_submit (self, turn, ahead->labels));
    const waiting_t queue = {.labels = ahead->labels, .project_id = ""};
    return waiting_store_size_later (self->db, turn, &queue, &ahead->size);
}

// A fault shows again when its handler asks.
void *read_ahead (void *context, turn_t *turn, uint16_t ask_number, const void *ask)
{
    scheduler_t *self = context;
    ahead_t *ahead = NULL;
    fault_t fault = OK;
    self->ahead_came = false;
    if (ask_number == MSG_job_show)
        fault = ahead_of_job (self, turn, ((const job_show_t *) ask)->job, false, &ahead);
    else if (ask_number == MSG_job_status)
        fault = ahead_of_status (self, turn, ask, &ahead);
    else if (ask_number == MSG_job_submit && !*((const job_submit_t *) ask)->project)
        fault = ahead_of_job_of_no_project (self, turn, ask, &ahead);
    unit_known (self); // It comes after all that was written so far; what was asked for sooner has been used
    return fault ? NULL : ahead;
}

// Once: what the handlers before this one wrote need not be waited for.
static fault_t wait_ahead (scheduler_t *self, turn_t *turn)
{
    if (!self->ahead_came)
        TRY (db_wait (self->db, turn));
    self->ahead_came = true;
    return OK;
}

fault_t ahead_job (scheduler_t *self, turn_t *turn, const char *job, job_row_t *out)
{
    const ahead_t *ahead = actor_ahead (turn);
    if (!ahead)
        return job_store_find (self->db, turn, job, out);
    TRY (wait_ahead (self, turn));
    return job_store_found (turn, ahead->job, job, out);
}

fault_t ahead_end (scheduler_t *self, turn_t *turn, const char *job, job_row_t *out,
                   const job_end_rows_t **rows)
{
    const ahead_t *ahead = actor_ahead (turn);
    ahead_t now;
    if (ahead && ahead->end) {
        TRY (wait_ahead (self, turn));
        TRY (job_store_found (turn, ahead->job, job, out));
        *rows = ahead->end;
        if (unit_holds (self, out->job.run_id, ahead->moved))
            return OK;
    }
    TRY (ask_job (self, turn, job, true, &now));
    TRY (db_wait (self->db, turn));
    *rows = now.end;
    return job_store_found (turn, now.job, job, out);
}

// Where it was not asked for: without rows.
static supply_of_t supply_for (const scheduler_t *self, const char *labels)
{
    for (size_t i = 0; i < self->supply_count; i++)
        if (same (self->supplies[i].labels, labels))
            return self->supplies[i];
    return (supply_of_t){.labels = labels};
}

fault_t ahead_of_submit (scheduler_t *self, turn_t *turn, const char *labels)
{
    bool more = !supply_for (self, labels).rows && self->supply_count < SUPPLIES_AHEAD;
    if (self->home && !more)
        return OK;
    self->ahead_came = false; // Where the handler asks
    TRY (unit_write (self, turn));
    if (more) {
        TRY (supply_store_of_later (self->db, turn, lease_now (self), labels,
                                    &self->supplies[self->supply_count]));
        self->supply_count++;
    }
    return self->home ? OK : project_store_home_later (self->db, turn, &self->home);
}

fault_t ahead_home (scheduler_t *self, turn_t *turn, project_row_t *out)
{
    TRY (wait_ahead (self, turn));
    TRY (project_store_read_home (turn, self->home, out));
    out->project.runs += unit_runs (self, out->project.id); // Not written yet
    return OK;
}

show_ahead_t ahead_shown (const scheduler_t *self, const turn_t *turn, const char *labels)
{
    const ahead_t *ahead = actor_ahead (turn);
    show_ahead_t shown = {.supply = supply_for (self, labels)};
    if (!ahead || !ahead->size)
        return shown;
    shown.size = ahead->size;
    shown.labels = ahead->labels;
    for (size_t i = ahead->queued; i < self->queued.count; i++)
        shown.added += same (self->queued.items[i], ahead->labels);
    return shown;
}
