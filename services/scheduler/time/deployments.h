/* deployments.h - jobs that an environment holds back are looked at: once they are ready, and when their time to wait is over. */

#ifndef OPENCICD_SCHEDULER_DEPLOYMENTS_H
#define OPENCICD_SCHEDULER_DEPLOYMENTS_H

#include "services/scheduler/unit/self.h"

#define DEPLOYMENT_AGAIN_US SECONDS (5) // Where identity did not answer

MUST_USE fault_t deployments_tick (scheduler_t *self, turn_t *turn);

#endif
