/* service.h - the scheduler service, for its host. */

#ifndef OPENCICD_SCHEDULER_SERVICE_H
#define OPENCICD_SCHEDULER_SERVICE_H

#include "common/actor/service.h"

extern const service_t scheduler_service;

#endif
