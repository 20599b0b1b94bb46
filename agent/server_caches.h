/* server_caches.h - the caches of one job, on the server: version 2 of the toolkit's protocol (docs/toolkit.md), as the originals speak it, so that
 * both find each other's. */

#ifndef OPENCICD_AGENT_SERVER_CACHES_H
#define OPENCICD_AGENT_SERVER_CACHES_H

#include "agent/engine/builtin/cache_port.h"
#include "agent/server_api.h"

// Borrows it.
cache_port_t server_cache_port (server_artifacts_t *self);

#endif
