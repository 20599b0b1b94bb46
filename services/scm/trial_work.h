/* trial_work.h - what the actor does with bundles, in threads: the blob store may not answer at once. */

#ifndef OPENCICD_SCM_TRIAL_WORK_H
#define OPENCICD_SCM_TRIAL_WORK_H

#include "services/scm/self.h"

typedef enum { TRIAL_PUT_IT, TRIAL_READ_IT, TRIAL_DROP_IT } trial_act_t;

typedef struct {
    trial_act_t act;
    const char *trial;
    uint32_t part;
    int64_t offset;
    size_t size;
    bytes_t data;
} trial_order_t;

// LATER until it is done: the handler is run again. `out` is filled by a read.
MUST_USE fault_t trial_work (scm_t *scm, turn_t *turn, const trial_order_t *order, trial_bytes_t *out);

#endif
