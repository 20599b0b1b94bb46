/* service.h - the logs service for whoever hosts it. */

#ifndef OPENCICD_LOGS_SERVICE_H
#define OPENCICD_LOGS_SERVICE_H

#include "common/actor/service.h"

extern const service_t logs_service;

#endif
