/* measure.h - requests by route: how many, how they ended, how long they took. For GET /metrics.
 *
 * Metrics are per route, never per path, so that their number is bounded by the table of routes. */

#ifndef OPENCICD_GATEWAY_MEASURE_H
#define OPENCICD_GATEWAY_MEASURE_H

#include "common/http/http_server.h"
#include "gateway/route.h"
#include "gateway/slots.h"

void measure_request (const route_t *route, int status, int64_t took_us); // NULL where no route was found
void measure_refusal (int status);                                        // Before there was a request
void measure_service (const char *service, bool up);
void measure_slots (slot_kind_t kind, uint32_t taken);
void measure_server (const http_server_stats_t *stats);

#endif
