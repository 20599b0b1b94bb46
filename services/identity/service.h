/* service.h - the identity service for whoever hosts it. */

#ifndef OPENCICD_IDENTITY_SERVICE_H
#define OPENCICD_IDENTITY_SERVICE_H

#include "common/actor/service.h"

extern const service_t identity_service;

#endif
