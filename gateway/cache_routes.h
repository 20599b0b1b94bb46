/* cache_routes.h - a cache's bytes as an answer, and what both versions of the toolkit's protocol have in common. */

#ifndef OPENCICD_GATEWAY_CACHE_ROUTES_H
#define OPENCICD_GATEWAY_CACHE_ROUTES_H

#include "gateway/request.h"

MUST_USE fault_t cache_send (request_t *request, const char *cache);
// Of which chunks it is made, from the query's `offset` on: for agents that keep copies of them.
MUST_USE fault_t cache_send_chunks (request_t *request, const char *cache);
// What this job finds; *out is NULL where there is nothing.
MUST_USE fault_t cache_look_up (request_t *request, const strs_t *keys, const char *version,
                                const cache_t **out);
MUST_USE fault_t cache_begin (request_t *request, const char *key, const char *version, int64_t size,
                              cache_t *out);

#endif
