/* service.h - the artifacts service for whoever hosts it. */

#ifndef OPENCICD_ARTIFACTS_SERVICE_H
#define OPENCICD_ARTIFACTS_SERVICE_H

#include "common/actor/service.h"

extern const service_t artifacts_service;

#endif
