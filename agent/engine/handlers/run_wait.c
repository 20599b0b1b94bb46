/* run_wait.c - steps that wait for others, or stop them: `wait`, `wait-all`, `cancel`, and what is left of `parallel` once its members run. */

#include "agent/engine/step/background.h"

static result_t run_wait (step_run_t *self)
{
    const job_step_t *of = self->of;
    if (of->step->kind == STEP_WAIT_ALL)
        return background_wait_all (self, &self->blamed);
    return background_wait (self, of->targets, of->target_count, &self->blamed);
}

static result_t run_cancel (step_run_t *self)
{
    background_cancel (self, self->of->targets, self->of->target_count);
    return result_success;
}

const step_handler_t handler_wait = {.name = "wait", .run = run_wait};
const step_handler_t handler_cancel = {.name = "cancel", .run = run_cancel};
