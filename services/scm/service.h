/* service.h - the scm service for whoever hosts it. */

#ifndef OPENCICD_SCM_SERVICE_H
#define OPENCICD_SCM_SERVICE_H

#include "common/actor/service.h"

extern const service_t scm_service;

#endif
