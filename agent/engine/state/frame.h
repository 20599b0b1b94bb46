/* frame.h - what names mean for the steps of a job, or of a composite action that is running. The frame lives as long as the job. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_FRAME_H
#define OPENCICD_AGENT_ENGINE_STATE_FRAME_H

#include "proto/states.h"
#include "workflow/expression/value.h"

typedef struct frame {
    const value_t *inputs;
    value_t *steps;
    const value_t *env;    // What the steps around it set by `env`; NULL: the job's frame
    const value_t *github; // The job's, and what the action adds
    result_t status;       // Of its steps so far
    bool began_cancelling; // It began after the cancel, so its own cancelled() is false
    unsigned depth;        // 0: the job
} frame_t;

#endif
