/* execution.c - a job from its definition to its result. Steps run one after the other; nothing is left behind. */

#include "agent/execution.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BUFFER (64 << 10)

void execution_look (execution_t *self)
{
    cancel_level_t level = cancel_level (self->offer->cancel);
    int64_t now = clock_monotonic_us ();
    if (level == CANCEL_HARD || (self->soft_taken && now >= self->deadline_us))
        self->stopped = true;
    if (self->soft_taken)
        return;
    self->timed_out = level == CANCEL_NONE && now >= self->deadline_us;
    if (level == CANCEL_NONE && !self->timed_out)
        return;
    self->soft_taken = true;
    self->deadline_us = now + SECONDS (ENGINE_LAST_SECONDS);
    self->status = result_cancelled;
    if (self->timed_out)
        self->reason = arena_printf (self->arena, "timed out after %g min", self->minutes);
    else if (!self->log_fault)
        self->reason = "cancelled";
    value_set (self->arena, self->job_context, "status", value_string (self->arena, "cancelled"));
}

static fault_t load (execution_t *self)
{
    findings_t findings;
    const char *text = self->offer->definition ? self->offer->definition : "";
    findings_init (&findings, self->arena, "the job's definition");
    fault_t fault = job_load (self->arena, text, strlen (text), &findings, &self->job);
    if (fault)
        self->error = arena_printf (self->arena, "the job's definition is not valid: %s",
                                    findings.count ? findings.items[0].message : fault_text (fault));
    else if (self->job->step_count > ENGINE_STEPS) {
        self->error = arena_printf (self->arena, "the job has more than %d steps", ENGINE_STEPS);
        fault = TOO_LARGE;
    } else if (self->job->container.image.text || self->job->service_count) {
        self->error = "this agent does not run `container` and `services` yet";
        fault = INVALID;
    }
    return fault;
}

static void write_event (execution_t *self)
{
    const value_t *event = value_get (self->github, "event");
    const char *path = value_get_text (self->github, "event_path");
    const char *text = event ? value_to_json (self->arena, event, 2) : "{}";
    int fd = file_anew (path, 0644);
    if (fd < 0)
        return;
    ssize_t ignored = write (fd, text, strlen (text)); // A full disk shows when the script is written
    (void) ignored;
    close (fd);
}

static fault_t set_up (execution_t *self)
{
    fault_t fault = load (self);
    if (!fault)
        fault = execution_contexts (self);
    if (!fault)
        fault = execution_pairs (self, &self->job->workflow_env, self->env);
    if (!fault)
        fault = execution_pairs (self, &self->job->env, self->env);
    if (!fault)
        fault = execution_number (self, &self->job->timeout_minutes, ENGINE_MINUTES, &self->minutes);
    if (fault)
        return fault;
    double most = 1e6;
    double minutes = self->minutes < most ? self->minutes : most;
    self->deadline_us = clock_monotonic_us () + (int64_t) (minutes * 60e6);
    value_set (self->arena, self->job_context, "status", value_string (self->arena, "success"));
    write_event (self);
    execution_variables (self);
    return OK;
}

static const char *first_name (execution_t *self, const step_t *step)
{
    if (step->name.text)
        return step->name.text;
    const char *text = step->run.text ? step->run.text : step->uses.text ? step->uses.text : "";
    text += strspn (text, " \n");
    return arena_printf (self->arena, "Run %.*s", (int) strcspn (text, "\n"), text);
}

// Ids that the loader made up begin with two underscores.
static engine_step_t *make_rows (execution_t *self)
{
    engine_step_t *rows = arena_array (self->arena, self->job->step_count + 1, sizeof (engine_step_t));
    for (size_t i = 0; i < self->job->step_count; i++) {
        const step_t *step = self->job->steps + i;
        bool named = step->id.text && strncmp (step->id.text, "__", 2) != 0;
        rows[i] = (engine_step_t){.number = (uint32_t) i + 1,
                                  .id = named ? step->id.text : "",
                                  .name = mask_text (self->mask, self->arena, first_name (self, step)),
                                  .state = step_pending};
        self->sink->step (self->sink->self, rows + i);
    }
    return rows;
}

// An output whose value holds a secret is withheld, as GitHub does.
static void make_outputs (execution_t *self, engine_result_t *out)
{
    value_t *outputs = value_object (self->arena);
    self->step_env = self->env;
    for (size_t i = 0; i < self->job->outputs.count; i++) {
        const pair_t *pair = self->job->outputs.items + i;
        const char *text;
        if (execution_text (self, &pair->value, &text) != OK) {
            execution_error (self, "output %s: %s", pair->key.text, self->error);
            if (self->status == result_success) {
                self->status = result_failure;
                self->reason =
                    arena_printf (self->arena, "the output %s cannot be evaluated", pair->key.text);
            }
        } else if (text && strcmp (text, mask_text (self->mask, self->turn, text)) == 0) {
            value_set (self->arena, outputs, pair->key.text, value_string (self->arena, text));
        }
    }
    out->outputs = value_to_json (self->arena, outputs, 0);
}

static void run_steps (execution_t *self)
{
    engine_step_t *rows = make_rows (self);
    for (size_t i = 0; i < self->job->step_count; i++)
        execution_step (self, self->job->steps + i, rows + i);
    execution_end_processes (self);
    execution_look (self);
}

void execution_run (execution_t *self, engine_result_t *out)
{
    self->turn = arena_new ();
    self->mask = mask_new ();
    self->read_buffer = malloc (READ_BUFFER);
    if (!self->read_buffer)
        abort ();
    fault_t fault = set_up (self);
    if (fault) {
        self->status = result_failure;
        self->reason = arena_strdup (self->arena, mask_text (self->mask, self->arena, self->error));
        execution_error (self, "%s", self->error);
    } else {
        run_steps (self);
        make_outputs (self, out);
    }
    out->result = self->timed_out || self->log_fault ? result_failure : self->status;
    out->reason = arena_strdup (self->arena, mask_text (self->mask, self->arena, self->reason));
    free (self->read_buffer);
    mask_destroy (&self->mask);
    arena_destroy (&self->turn);
}
