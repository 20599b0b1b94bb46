/* service.h - the scheduler service for whoever hosts it. */

#ifndef OPENCICD_SCHEDULER_SERVICE_H
#define OPENCICD_SCHEDULER_SERVICE_H

#include "common/service.h"

extern const service_t scheduler_service;

#endif
