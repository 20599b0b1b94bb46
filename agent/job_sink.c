/* job_sink.c - see job_sink.h. */

#include "agent/job_sink.h"

#include "agent/hold.h"
#include "agent/reporter.h"

static fault_t take_log (void *self_, uint32_t step, const void *data, size_t size)
{
    job_sink_t *self = self_;
    bool few = self->printed < REPORTER_PIECE;
    TRY (attempt_log (self->attempt, step, data, size));
    if (!few)
        return OK;
    self->printed += size;
    if (self->printed >= REPORTER_PIECE)
        self->much (self->self);
    return OK;
}

static void take_step (void *self_, const engine_step_t *step)
{
    const job_sink_t *self = self_;
    const step_row_t row = {.number = step->number,
                            .id = step->id,
                            .name = step->name,
                            .state = step->state,
                            .outcome = step->outcome,
                            .conclusion = step->conclusion,
                            .started_at = step->started_us,
                            .finished_at = step->finished_us,
                            .exit_code = step->exit_code,
                            .out_of_memory = step->out_of_memory};
    attempt_step (self->attempt, &row);
}

static void take_annotation (void *self_, const engine_annotation_t *annotation)
{
    const job_sink_t *self = self_;
    const annotation_t row = {.step = annotation->step,
                              .level = annotation->level,
                              .title = annotation->title,
                              .file = annotation->file,
                              .line = annotation->line,
                              .end_line = annotation->end_line,
                              .column = annotation->column,
                              .end_column = annotation->end_column,
                              .message = annotation->message,
                              .job_id = "",
                              .job_name = ""};
    attempt_annotate (self->attempt, &row);
}

static const char *hold (void *self_, const engine_hold_t *given)
{
    const job_sink_t *self = self_;
    return hold_job (attempt_arena (self->attempt), self->url, attempt_offer (self->attempt), given);
}

engine_sink_t job_sink (job_sink_t *self, const struct artifact_port *artifacts,
                        const struct cache_port *caches)
{
    return (engine_sink_t){.self = self,
                           .log = take_log,
                           .step = take_step,
                           .annotation = take_annotation,
                           .hold = self->url ? hold : NULL,
                           .artifacts = artifacts,
                           .caches = caches};
}
