/* job.c - a job from its definition to its result. */

#include "agent/engine/job/job.h"

#include "agent/engine/container/containers.h"
#include "agent/engine/effects/step_effects.h"
#include "agent/engine/job/contexts.h"
#include "agent/engine/job/resume.h"
#include "agent/engine/log/log.h"
#include "agent/engine/step/background.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/resolve.h"
#include "agent/engine/step/step.h"
#include "common/base/clock.h"
#include "workflow/model/job_time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVIRONMENT_URL_MAX 2048 // Bytes; a longer one is not shown

static engine_step_t *add_row (job_run_t *self, const char *name, const char *id)
{
    engine_step_t *row = arena_alloc (self->arena, sizeof (engine_step_t));
    *row = (engine_step_t){.number = self->rows++, .id = id, .name = name, .state = step_pending};
    return row;
}

static fault_t load (job_run_t *self, scope_t *scope)
{
    findings_t findings;
    const char *text = self->offer->definition ? self->offer->definition : "";
    findings_init (&findings, self->arena, "the job's definition");
    fault_t fault = job_load (self->arena, text, strlen (text), &findings, &self->job);
    if (fault)
        scope->error = arena_printf (self->arena, "the job's definition is not valid: %s",
                                     findings.count ? findings.items[0].message : fault_own_text (fault));
    else if (self->job->step_count > ENGINE_STEPS) {
        scope->error = arena_printf (self->arena, "the job has more than %d steps", ENGINE_STEPS);
        fault = TOO_LARGE;
    }
    return fault;
}

// A token must not be seen in a log.
static void mask_services (step_run_t *setup, const engine_variable_t *service)
{
    for (; service && service->name; service++)
        if (strstr (service->name, "_TOKEN"))
            step_mask (setup, service->value);
}

static void write_event (job_run_t *self)
{
    const value_t *event = value_get (self->github, "event");
    const char *path = arena_printf (self->arena, "%s/event.json", self->outside->commands);
    const char *text = event ? value_to_json (self->arena, event, 2) : "{}";
    int fd = file_reset (path, 0644);
    if (fd < 0)
        return;
    ssize_t ignored = write (fd, text, strlen (text)); // A full disk shows when the script is written
    (void) ignored;
    close (fd);
}

// ---- "Set up job"

static void log_of_store (void *self_, const char *line)
{
    const job_run_t *self = self_;
    step_log (self->resolving, "%s\n", line);
}

static const char *list_of (job_run_t *self, const char *before, const texts_t *ids)
{
    const char *text = before;
    for (size_t i = 0; i < ids->count; i++)
        text = arena_printf (self->arena, "%s%s%s", text, i ? ", " : " ", ids->items[i].text);
    return text;
}

static const char *first_name (job_run_t *self, const step_t *step)
{
    if (step->name.text)
        return step->name.text;
    switch (step->kind) {
    case STEP_WAIT: return list_of (self, "Wait for", &step->targets);
    case STEP_WAIT_ALL: return "Wait for all steps in the background";
    case STEP_CANCEL: return list_of (self, "Cancel", &step->targets);
    case STEP_PARALLEL: return "Wait for parallel steps";
    case STEP_RUN:
    case STEP_USES: break;
    }
    const char *text = step->run.text ? step->run.text : step->uses.text ? step->uses.text : "";
    text += strspn (text, " \t\r\n");
    return arena_printf (self->arena, "Run %.*s", (int) strcspn (text, "\r\n"), text);
}

static fault_t open_steps (job_run_t *self, step_run_t *setup)
{
    fault_t fault = OK;
    self->steps = resolve_job (self, self->job->steps, self->job->step_count, &self->step_count);
    for (size_t i = 0; i < self->step_count && !fault; i++) {
        job_step_t *step = self->steps + i;
        step->name = mask_text (self->mask, self->arena, first_name (self, step->step));
        fault = resolve_step (setup, step, NULL, false);
    }
    return fault;
}

static int64_t microseconds (double minutes)
{
    double most = 1e6;
    return (int64_t) ((minutes < most ? minutes : most) * 60e6);
}

// What this agent allows jobs with its labels.
static fault_t begin_limits (job_run_t *self, scope_t *scope, limits_t *limits)
{
    turn_t turn;
    *limits = (limits_t){0};
    if (!self->limits)
        return OK;
    limits_of (self->rules, self->offer->labels, self->offer->label_count, limits);
    turn_init (&turn, self->arena, "", 0);
    fault_t fault = job_limits_begin (self->limits, &turn, limits, self->stop.cancel);
    if (fault)
        scope->error = arena_printf (self->arena, "this agent cannot limit the job: %s", turn.detail);
    return fault;
}

static fault_t set_time (job_run_t *self, scope_t *scope, const limits_t *limits)
{
    double last = JOB_CANCEL_MINUTES;
    fault_t fault = scope_number (scope, &self->job->timeout_minutes, JOB_MINUTES, &self->minutes);
    if (limits->seconds && self->minutes > (double) limits->seconds / 60)
        self->minutes = (double) limits->seconds / 60;
    if (!fault)
        fault = scope_number (scope, &self->job->cancel_timeout_minutes, last, &last);
    self->stop.deadline_us = clock_monotonic_us () + microseconds (self->minutes);
    self->stop.last_us = microseconds (last);
    return fault;
}

static void open_store (job_run_t *self)
{
    const engine_job_t *offer = self->offer;
    action_store_options_t *options = arena_alloc (self->arena, sizeof (*options));
    *options = (action_store_options_t){
        .settings = &self->options->actions,
        .folder = self->outside->actions,
        .workspace = self->folders->workspace,
        .view = self->folders->view,
        .repository = offer->repository ? offer->repository : "",
        .name = value_get_text (self->github, "repository"),
        .sha = value_get_text (self->github, "sha"),
        .ref = offer->ref,
        .workflow = offer->workflow_url ? offer->workflow_url : "",
        .workflow_sha = offer->workflow_sha ? offer->workflow_sha : "",
        .workflow_name = value_get_text (self->job_context, "workflow_repository"),
        .pins = offer->pins,
        .accept_command = offer->pins && offer->pins->accept_command ? offer->pins->accept_command : "",
        .self = self,
        .log = log_of_store};
    self->store_options = options;
    self->store = action_store_new (options);
}

static fault_t set_up (job_run_t *self, step_run_t *setup)
{
    scope_t *scope = &setup->scope;
    limits_t limits;
    TRY (load (self, scope));
    TRY (contexts_open (self, scope));
    TRY (scope_pairs (scope, &self->job->workflow_env, self->arena, self->lane.env));
    TRY (scope_pairs (scope, &self->job->env, self->arena, self->lane.env));
    TRY (begin_limits (self, scope, &limits));
    TRY (set_time (self, scope, &limits));
    TRY (containers_plan (self, scope));
    contexts_name_folders (self);
    write_event (self);
    environ_of_job (self);
    mask_services (setup, setup->job->offer->services);
    mask_services (setup, setup->job->offer->identity);
    open_store (self);
    TRY (open_steps (self, setup));
    return resume_open (self, scope, &self->first);
}

// ---- the steps

static bool has_pre (const job_step_t *step)
{
    return step->handler && step->handler->has_pre && step->handler->has_pre (step);
}

// Ids that the loader made up begin with two underscores.
static engine_step_t *step_row (job_run_t *self, const job_step_t *step, const char *before)
{
    const char *id = step->step->id.text;
    bool named = id && strncmp (id, "__", 2) != 0 && !*before;
    engine_step_t *row =
        add_row (self, arena_printf (self->arena, "%s%s", before, step->name), named ? id : "");
    self->sink->step (self->sink->self, row);
    return row;
}

// Where the log cannot be written that is the reason, whatever fails after it: the log cannot say so.
static void give_reason (job_run_t *self, const char *reason)
{
    if (!self->log_fault)
        self->reason = reason;
}

// What is in the background is waited for before the posts, as GitHub does.
static void finish_background (job_run_t *self)
{
    engine_step_t *failed = NULL;
    if (background_finish (self, &failed) == result_failure && self->frame.status == result_success) {
        self->frame.status = result_failure;
        job_blame (self, failed);
    }
}

// Done in the attempt that it goes on from.
static void skip_row (job_run_t *self, engine_step_t *row)
{
    row->state = step_finished;
    row->outcome = row->conclusion = result_skipped;
    self->sink->step (self->sink->self, row);
}

// Before the posts, which tidy up what one may want to see.
static void hold (job_run_t *self)
{
    bool wanted = self->sink->hold && self->offer->hold_minutes > 0;
    stop_check (&self->stop);
    if (!wanted || self->frame.status != result_failure || self->stop.cancelling || self->log_fault)
        return;
    step_t *step = arena_alloc (self->arena, sizeof (step_t));
    job_step_t *of = arena_alloc (self->arena, sizeof (job_step_t));
    *step = (step_t){.kind = STEP_RUN};
    *of = (job_step_t){.step = step,
                       .handler = &handler_hold,
                       .frame = &self->frame,
                       .name = "Hold for debugging",
                       .state = value_object (self->arena)};
    self->held = true;
    step_execute (self, of, STAGE_POST, step_row (self, of, ""), NULL);
}

static void run_steps (job_run_t *self)
{
    size_t count = self->step_count;
    engine_step_t **pres = arena_array (self->arena, count + 1, sizeof (engine_step_t *));
    engine_step_t **rows = arena_array (self->arena, count + 1, sizeof (engine_step_t *));
    for (size_t i = 0; i < count; i++)
        pres[i] =
            i >= self->first && has_pre (self->steps + i) ? step_row (self, self->steps + i, "Pre ") : NULL;
    for (size_t i = 0; i < count; i++)
        rows[i] = step_row (self, self->steps + i, "");
    for (size_t i = 0; i < count; i++)
        if (pres[i])
            step_execute (self, self->steps + i, STAGE_PRE, pres[i], NULL);
    for (size_t i = 0; i < self->first; i++)
        skip_row (self, rows[i]);
    for (size_t i = self->first; i < count; i++)
        step_execute (self, self->steps + i, STAGE_MAIN, rows[i], NULL);
    finish_background (self);
    hold (self);
    job_step_t *post;
    while ((post = self->posts)) {
        self->posts = post->next_post;
        step_execute (self, post, STAGE_POST, step_row (self, post, "Post "), NULL);
    }
}

// ---- the scripts of this machine's administrator

// False: it failed.
static bool run_hook (job_run_t *self, const char *path, const char *name, stage_t stage)
{
    if (!path)
        return true;
    step_t *step = arena_alloc (self->arena, sizeof (step_t));
    job_step_t *of = arena_alloc (self->arena, sizeof (job_step_t));
    *step = (step_t){.kind = STEP_RUN, .run = {.text = path}};
    *of = (job_step_t){.step = step,
                       .handler = &handler_hook,
                       .frame = &self->frame,
                       .name = name,
                       .state = value_object (self->arena)};
    return step_execute (self, of, stage, step_row (self, of, ""), NULL) == result_success;
}

// Where it fails no step runs, not even one with always(): it may be what decides whose jobs this machine runs.
static bool begin_hook (job_run_t *self)
{
    return run_hook (self, self->options->hook_job_started, "Set up runner", STAGE_PRE);
}

// ---- its containers

// False where the job ends here; then its steps are not even rows, as on GitHub.
static bool initialize_containers (job_run_t *self)
{
    engine_step_t *row = add_row (self, "Initialize containers", "");
    step_run_t *by = step_run_begin (self, row);
    fault_t fault = containers_start (by);
    stop_check (&self->stop);
    if (fault) {
        step_error (by, "%s", by->scope.error);
        self->frame.status = result_failure;
        job_blame (self, row);
    }
    step_run_end (by, !fault ? result_success : self->stop.cancelling ? result_cancelled : result_failure);
    return !fault;
}

static void stop_containers (job_run_t *self)
{
    if (!self->containers)
        return;
    step_run_t *by = step_run_begin (self, add_row (self, "Stop containers", ""));
    containers_stop (by);
    step_run_end (by, result_success);
}

// ---- "Complete job"

// An output whose value holds a secret is withheld, as GitHub does.
static void make_output (job_run_t *self, step_run_t *by, const pair_t *pair, value_t *outputs)
{
    const char *text;
    if (scope_text (&by->scope, &pair->value, &text) != OK) {
        step_error (by, "output %s: %s", pair->key.text, by->scope.error);
        if (self->frame.status == result_success) {
            self->frame.status = result_failure;
            give_reason (self,
                         arena_printf (self->arena, "the output %s cannot be evaluated", pair->key.text));
        }
    } else if (text && strcmp (text, mask_text (self->mask, by->scope.arena, text)) == 0) {
        value_set (self->arena, outputs, pair->key.text, value_string (self->arena, text));
    } else if (text) {
        step_warning (by, "The output %s is withheld: its value may hold a secret", pair->key.text);
    }
}

// Where what it deployed can be seen: its steps have said so, or it is not shown.
static const char *environment_url (job_run_t *self, step_run_t *by)
{
    const char *text;
    const text_t *url = &self->job->environment.url;
    if (!url->text)
        return "";
    if (scope_text (&by->scope, url, &text) != OK) {
        step_warning (by, "environment.url cannot be evaluated: %s", by->scope.error);
        return "";
    }
    if (text && strcmp (text, mask_text (self->mask, by->scope.arena, text)) != 0) {
        step_warning (by, "environment.url is withheld: it may hold a secret");
        return "";
    }
    return text && strlen (text) <= ENVIRONMENT_URL_MAX ? arena_strdup (self->arena, text) : "";
}

// Nothing of the job runs any more: what it used is said, and why it was stopped.
static void end_limits (job_run_t *self, step_run_t *by)
{
    job_limits_end_t end;
    if (!self->limits)
        return;
    job_limits_end (self->limits, self->arena, &end);
    if (end.group.peak_bytes >= 0)
        step_log (by, "The job used at most %" PRId64 " MiB of memory at one time.\n",
                  end.group.peak_bytes >> 20);
    if (end.group.refused > 0)
        step_warning (by, "This agent's limit of processes was reached: %" PRId64 " could not be started.",
                      end.group.refused);
    self->broken = end.broken;
    if (self->broken)
        step_error (by, "The job was stopped: %s.", self->broken);
}

static void complete (job_run_t *self, engine_result_t *out)
{
    step_run_t *by = step_run_begin (self, add_row (self, "Complete job", ""));
    value_t *outputs = value_object (self->arena);
    host_end_all (by);
    stop_check (&self->stop);
    end_limits (self, by);
    if (self->stop.given_back)
        step_error (by, "This agent is shutting down: the job returns to the queue and runs again.");
    for (size_t i = 0; i < self->job->outputs.count; i++)
        make_output (self, by, self->job->outputs.items + i, outputs);
    out->outputs = value_to_json (self->arena, outputs, 0);
    out->environment_url = environment_url (self, by);
    step_run_end (by, result_success);
}

static void end (job_run_t *self, engine_result_t *out)
{
    stop_containers (self);
    (void) run_hook (self, self->options->hook_job_completed, "Complete runner", STAGE_POST);
    complete (self, out);
}

static const char *final_reason (const job_run_t *self)
{
    if (self->held)
        return self->reason;
    if (self->stop.timed_out)
        return arena_printf (self->arena, "timed out after %g min", self->minutes);
    if (self->stop.given_back)
        return "the agent was shut down";
    if (self->broken)
        return self->broken;
    return self->stop.cancelling && !self->log_fault ? "cancelled" : self->reason;
}

void job_run (job_run_t *self, engine_result_t *out)
{
    self->mask = mask_new ();
    self->matchers = matchers_new ();
    self->frame = (frame_t){.status = result_success};
    self->lane.wake = -1;
    self->read_buffer = malloc (READ_BUFFER);
    if (!self->read_buffer)
        abort ();
    step_run_t *setup = step_run_begin (self, add_row (self, "Set up job", ""));
    fault_t fault = set_up (self, setup);
    if (fault) {
        self->frame.status = result_failure;
        give_reason (self,
                     arena_strdup (self->arena, mask_text (self->mask, self->arena, setup->scope.error)));
        step_error (setup, "%s", setup->scope.error);
        stop_check (&self->stop); // It may have failed because it was to stop
    }
    step_run_end (setup, fault ? result_failure : result_success);
    if (!fault) {
        if (begin_hook (self) && (!self->containers || initialize_containers (self)))
            run_steps (self);
        end (self, out);
    }
    // Out of time is cancelled, as GitHub has it
    bool failed = self->log_fault || self->broken || self->held;
    out->result = failed ? result_failure : frame_status (self, &self->frame);
    out->given_back = self->stop.given_back && !self->log_fault && !self->held;
    out->reason = arena_strdup (self->arena, mask_text (self->mask, self->arena, final_reason (self)));
    if (out->result != result_success)
        resume_keep (self);
    background_close (self);
    action_store_destroy (&self->store);
    free (self->read_buffer);
    matchers_destroy (&self->matchers);
    mask_destroy (&self->mask);
}
