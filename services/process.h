/* process.h - main() of a service in a process of its own: its settings, its entry in the directory, its end. */

#ifndef OPENCICD_SERVICES_PROCESS_H
#define OPENCICD_SERVICES_PROCESS_H

#include "common/actor/service.h"

// Runs until SIGINT or SIGTERM; returns the exit status.
int service_main (const service_t *service, int argc, char **argv);

#endif
