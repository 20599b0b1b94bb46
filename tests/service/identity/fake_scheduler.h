/* fake_scheduler.h - the scheduler, as far as identity asks it: the project "site", and what a job may have. */

#ifndef OPENCICD_TEST_IDENTITY_FAKE_SCHEDULER_H
#define OPENCICD_TEST_IDENTITY_FAKE_SCHEDULER_H

#include "common/actor/actor.h"
#include "proto/messages.h"

#define SITE  "p01k9qz6f3xm4t0v8w2ya"
#define OTHER "p01k9qz6f3xm4t0v8w2yb"

typedef struct {
    grant_t grant; // Of every attempt
    job_identity_t claims;
    fault_t fault; // Instead
    int asked;     // How often
} fake_scheduler_t;

extern const actor_class_t
    fake_scheduler_class; // With a fake_scheduler_t, which nobody else touches while it is asked

#endif
