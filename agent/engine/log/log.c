/* log.c - see log.h. Every line of a step's goes into the log of its row; what comes after its end, into the one that runs then. */

#include "agent/engine/log/log.h"

#include "agent/engine/state/lanes.h"

#include <stdarg.h>
#include <string.h>

step_run_t *step_of_row (step_run_t *self)
{
    while (self->outer)
        self = self->outer;
    return self;
}

uint32_t step_row_number (const step_run_t *self)
{
    bool gone = self->ended && !lane_holds_log (self);
    const step_run_t *now = gone && self->job->current ? self->job->current : self;
    return now->row->number;
}

static void take_fault (job_run_t *job, fault_t fault)
{
    job->log_fault = fault;
    if (fault) {
        job->reason =
            arena_printf (job->arena, "the log cannot be written: %s", fault_own_text (job->log_fault));
        cancel_ask (job->stop.cancel, true);
    }
}

void log_to_sink (job_run_t *job, uint32_t row, const void *data, size_t size)
{
    if (size == 0 || job->log_fault)
        return;
    job->lane.last_byte = ((const char *) data)[size - 1];
    job->lane.last_row = row;
    take_fault (job, job->sink->log (job->sink->self, row, data, size));
}

void step_emit (void *self_, const void *data, size_t size)
{
    step_run_t *self = self_;
    if (!lane_holds_log (self)) {
        log_to_sink (self->job, step_row_number (self), data, size);
    } else if (size && !self->job->log_fault) {
        self->lane->last_byte = ((const char *) data)[size - 1];
        take_fault (self->job, lane_log (self, data, size));
    }
}

// What a step printed last may have no line end. It belongs to that step, also where it has ended.
static void end_line (step_run_t *self)
{
    bool held = lane_holds_log (self);
    char last = held ? self->lane->last_byte : self->job->lane.last_byte;
    if (last == '\n' || last == 0)
        return;
    if (held)
        step_emit (self, "\n", 1);
    else
        log_to_sink (self->job, self->job->lane.last_row, "\n", 1);
}

// In an arena of its own: a step may make us say something of each of its lines.
__attribute__ ((format (printf, 3, 0))) static void
emit_text (step_run_t *self, const char *before, const char *format, va_list args, const char *after)
{
    arena_t *arena = arena_new ();
    const char *text = arena_vprintf (arena, format, args);
    text = arena_printf (arena, "%s%s%s", before, text, after);
    text = mask_text (self->job->mask, arena, text);
    end_line (self);
    step_emit (self, text, strlen (text));
    arena_destroy (&arena);
}

void step_log (step_run_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    emit_text (self, "", format, args, "");
    va_end (args);
}

void step_error (step_run_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    emit_text (self, "##[error]", format, args, "\n");
    va_end (args);
}

void step_warning (step_run_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    emit_text (self, "##[warning]", format, args, "\n");
    va_end (args);
}

static void show (step_run_t *self, const char *title, const value_t *object)
{
    if (object && object->list.count)
        step_log (self, "%s:\n", title);
    for (size_t i = 0; object && i < object->list.count; i++)
        step_log (self, "  %s: %s\n", object->list.keys[i],
                  value_to_text (self->scope.arena, object->list.items[i]));
}

void step_announce (step_run_t *self, const char *what, const char *more)
{
    step_log (self, "##[group]Run %s\n%s", what, more);
    show (self, "with", self->with);
    show (self, "env", self->scope.env);
    step_log (self, "##[endgroup]\n");
}

void step_mask (step_run_t *self, const char *secret)
{
    job_run_t *job = self->job;
    if (mask_add (job->mask, secret, strlen (secret)) != OK && !job->log_fault) {
        job->reason = arena_printf (job->arena, "the job has more than %d masks", MASKS_MAX);
        job->log_fault = OVERLOADED;
        cancel_ask (job->stop.cancel, true);
    }
}

// Strings that the sink may keep: masked, in the job's arena.
static const char *keep (job_run_t *job, const char *text)
{
    return mask_text (job->mask, job->arena, text);
}

void step_keep_annotation (step_run_t *self, engine_annotation_t *annotation)
{
    job_run_t *job = self->job;
    annotation->step = step_row_number (self);
    if (!job->sink->annotation || !annotation_keep (&job->annotated, annotation))
        return;
    annotation->title = keep (job, annotation->title);
    annotation->file = keep (job, annotation->file);
    annotation->message = keep (job, annotation->message);
    job->sink->annotation (job->sink->self, annotation);
}

void step_annotate (step_run_t *self, annotation_level_t level, const char *message)
{
    engine_annotation_t annotation = {
        .level = level, .title = "", .file = "", .message = arena_strdup (self->job->arena, message)};
    step_log (self, "##[%s]%s\n", state_name (&states_annotation, level), message);
    step_keep_annotation (self, &annotation);
}
