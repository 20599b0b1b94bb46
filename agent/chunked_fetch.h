/* chunked_fetch.h - the bytes of a cache, chunk by chunk: those of which this machine has a copy do not travel. */

#ifndef OPENCICD_AGENT_CHUNKED_FETCH_H
#define OPENCICD_AGENT_CHUNKED_FETCH_H

#include "agent/engine/builtin/cache_port.h"
#include "agent/server_api.h"

// From `offset` on, as cache_port_t has it. NOT_FOUND, before anything was taken: it is to be fetched as a whole, because the server does not say of
// which chunks it is made, or it has bytes before or after them. artifacts->copied_bytes grows by what did not travel.
MUST_USE fault_t chunked_fetch (server_artifacts_t *artifacts, turn_t *turn, const char *place,
                                int64_t offset, cache_take_fn *take, void *stream);

#endif
