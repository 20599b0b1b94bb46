/* step.c - one run of a step: its environment, its time, how it ended and how that counts. */

#include "agent/engine/step/step.h"

#include "agent/engine/effects/files.h"
#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/log/reports.h"
#include "agent/engine/log/summary.h"
#include "agent/engine/process/counters.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/background.h"
#include "agent/engine/step/resolve.h"
#include "agent/engine/step/step_condition.h"
#include "agent/engine/step/step_stop.h"
#include "common/base/clock.h"

// In order, whatever becomes of the machine's time of day meanwhile.
static int64_t job_now (const job_run_t *job)
{
    return clock_boottime_us () + job->ahead_us;
}

static void report (const step_run_t *self)
{
    if (!self->outer)
        self->job->sink->step (self->job->sink->self, self->row);
}

// ---- its beginning

static step_run_t *make (job_run_t *job, engine_step_t *row, const frame_t *frame, lane_t *lane)
{
    step_run_t *self = arena_alloc (job->arena, sizeof (step_run_t));
    *self = (step_run_t){.job = job,
                         .lane = lane,
                         .number = ++job->runs,
                         .row = row,
                         .deadline_us = NEVER,
                         .echoes = job->runner && *value_get_text (job->runner, "debug"),
                         .outputs = value_object (job->arena)};
    self->scope = (scope_t){.job = job,
                            .frame = frame,
                            .status_of = frame,
                            .arena = arena_new (),
                            .began_cancelling = job->stop.cancelling,
                            .env = lane->env,
                            .github = job->github,
                            .error = ""};
    return self;
}

static void finish (step_run_t *self, step_run_t *outer)
{
    self->ended = true;
    if (!self->lane->background)
        self->job->current = outer;
    arena_destroy (&self->scope.arena);
}

step_run_t *step_run_begin (job_run_t *job, engine_step_t *row)
{
    step_run_t *self = make (job, row, &job->frame, &job->lane);
    row->state = step_running;
    row->started_us = job_now (job);
    report (self);
    return job->current = self;
}

void step_run_end (step_run_t *self, result_t result)
{
    self->row->outcome = self->row->conclusion = result;
    self->row->state = step_finished;
    self->row->finished_us = job_now (self->job);
    report (self);
    finish (self, NULL);
}

static void add_all (arena_t *arena, value_t *into, const value_t *from)
{
    for (size_t i = 0; from && i < from->list.count; i++)
        value_set (arena, into, from->list.keys[i], from->list.items[i]);
}

// The job's variables, those of the steps around it, and its own over them, which do not see one another.
static fault_t environment (step_run_t *self)
{
    arena_t *arena = self->scope.arena;
    value_t *env = value_copy (arena, self->lane->env), *own = value_object (arena);
    own->cased = true;
    add_all (arena, env, self->of->frame->env);
    self->scope.env = env;
    fault_t fault = scope_pairs (&self->scope, &self->of->step->env, arena, own);
    add_all (arena, env, own);
    self->own_env = self->of->frame->env ? value_copy (arena, self->of->frame->env) : own;
    add_all (arena, self->own_env, own);
    return fault;
}

// What is its own in the github context.
static void set_github (step_run_t *self)
{
    arena_t *arena = self->scope.arena;
    const job_step_t *of = self->of;
    value_t *github = value_copy (arena, of->frame->github);
    value_set (arena, github, "action", value_string (arena, of->step->id.text ? of->step->id.text : ""));
    // Empty for a local action, and where it is none: programs take a missing one for another runner
    if (of->found || !of->frame->depth) {
        value_set (arena, github, "action_repository",
                   value_string (arena, of->found ? of->found->repository : ""));
        value_set (arena, github, "action_ref", value_string (arena, of->found ? of->found->ref.ref : ""));
    }
    if (of->frame->depth) {
        const char *status = state_name (&states_result, frame_status (self->job, of->frame));
        value_set (arena, github, "action_status", value_string (arena, status));
    }
    files_name (self, self->job->folders, github);
    self->scope.github = github;
}

// Its name in full where that can be evaluated, which a step that is skipped need not.
static void name_row (step_run_t *self)
{
    static const char *const before[] = {[STAGE_PRE] = "Pre ", [STAGE_MAIN] = "", [STAGE_POST] = "Post "};
    const char *name = NULL, *error = self->scope.error;
    const step_handler_t *handler = self->of->handler;
    if (self->outer || handler == &handler_hook || handler == &handler_hold)
        return;
    if (self->of->step->name.text && scope_text (&self->scope, &self->of->step->name, &name) == OK && *name)
        self->of->name =
            arena_strdup (self->job->arena, mask_text (self->job->mask, self->scope.arena, name));
    self->scope.error = error;
    self->row->name = arena_printf (self->job->arena, "%s%s", before[self->stage], self->of->name);
}

static fault_t set_deadline (step_run_t *self)
{
    double minutes = 0;
    fault_t fault = OK;
    if (self->stage == STAGE_MAIN)
        fault = scope_number (&self->scope, &self->of->step->timeout_minutes, 0, &minutes);
    if (minutes > 0 && minutes < 1e6)
        self->deadline_us = clock_monotonic_us () + (int64_t) (minutes * 60e6);
    return fault;
}

// ---- its end

static result_t run (step_run_t *self)
{
    fault_t fault = set_deadline (self);
    if (!fault)
        fault = resolve_step (self, self->of, self->of->outer ? self->of->outer->found : NULL, true);
    if (fault) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    bool has_files = self->of->handler->has_files;
    if (has_files)
        files_prepare (self);
    result_t outcome = self->of->handler->run (self);
    fault = has_files ? files_take (self) : OK;
    if (fault)
        step_error (self, "%s", self->scope.error);
    return outcome == result_success && (fault || self->refused) ? result_failure : outcome;
}

// What it means for the steps after it, and for the job.
static void count_outcome (const step_run_t *self, result_t outcome)
{
    static const struct {
        result_t result;
        agent_counter_t counter;
    } counters[] = {{result_success, COUNT_STEP_SUCCESS},
                    {result_failure, COUNT_STEP_FAILURE},
                    {result_cancelled, COUNT_STEP_CANCELLED},
                    {result_skipped, COUNT_STEP_SKIPPED}};
    for (size_t i = 0; i < sizeof (counters) / sizeof (counters[0]); i++)
        if (counters[i].result == outcome)
            count_add (counters[i].counter, 1);
    if (!self->outer && self->row->out_of_memory)
        count_add (COUNT_STEP_OUT_OF_MEMORY, 1);
}

static void count (step_run_t *self, result_t outcome, result_t conclusion)
{
    frame_t *frame = self->of->frame;
    if (!self->outer && self->lane->background) {
        lane_ended (self, outcome, conclusion);
        return;
    }
    if (conclusion == result_failure && frame->status == result_success) {
        frame->status = result_failure;
        if (!self->outer)
            job_blame (self->job, self->blamed ? self->blamed : self->row);
    }
    step_publish (self, outcome, conclusion);
}

static result_t conclude (step_run_t *self, result_t outcome)
{
    bool goes_on = false;
    result_t conclusion = outcome;
    if (outcome == result_failure && self->stage == STAGE_MAIN &&
        scope_flag (&self->scope, &self->of->step->continue_on_error, &goes_on) != OK)
        step_error (self, "%s", self->scope.error);
    if (goes_on)
        conclusion = result_success;
    count_outcome (self, outcome);
    count (self, outcome, conclusion);
    if (!self->outer) {
        self->row->outcome = outcome;
        self->row->conclusion = conclusion;
        self->row->state = step_finished;
        self->row->finished_us = self->row->started_us ? job_now (self->job) : 0;
    }
    return conclusion;
}

static void begin_row (step_run_t *self)
{
    if (self->outer)
        return;
    self->row->state = step_running;
    self->row->started_us = job_now (self->job);
    report (self);
}

// Does it run? Else *outcome says how it ended. Its environment is evaluated before its condition, which may ask for it.
static bool judge (step_run_t *self, result_t *outcome)
{
    bool runs = false;
    fault_t fault = OK;
    stop_check (&self->job->stop);
    self->cancel_seen = self->scope.began_cancelling = self->job->stop.cancelling;
    *outcome = result_skipped;
    if (self->job->stop.killed || lane_cancelled (self))
        return false;
    set_github (self);
    fault = environment (self);
    if (!fault)
        fault = step_condition (self, &runs);
    name_row (self);
    if (!fault)
        return runs;
    begin_row (self);
    step_error (self, "%s", self->scope.error);
    *outcome = result_failure;
    return false;
}

static result_t end (step_run_t *self, result_t outcome)
{
    stop_check (&self->job->stop);
    summary_send (self);
    reports_send (self);
    result_t conclusion = conclude (self, outcome);
    report (self);
    finish (self, self->outer);
    return conclusion;
}

// Of a background step, in its own thread; others see the result only once it is collected.
static void go_on (step_run_t *self)
{
    result_t outcome = result_cancelled;
    if (step_check (self) == STEP_GOES_ON) {
        begin_row (self);
        outcome = run (self);
    }
    end (self, outcome);
}

result_t step_execute (job_run_t *job, job_step_t *of, stage_t stage, engine_step_t *row, step_run_t *outer)
{
    lane_t *lane = outer ? outer->lane : &job->lane;
    step_run_t *self = make (job, outer ? outer->row : row, of->frame, lane);
    result_t outcome;
    self->of = of;
    self->stage = stage;
    self->outer = outer;
    if (stage != STAGE_MAIN)
        self->scope.status_of = &job->frame;
    if (!lane->background)
        job->current = self;
    if (!judge (self, &outcome))
        return end (self, outcome);
    if (of->step->background && stage == STAGE_MAIN) {
        job->current = outer;
        background_start (self, go_on);
        return result_success;
    }
    begin_row (self);
    return end (self, run (self));
}
