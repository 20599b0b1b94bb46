/* measure.h - how often each route was asked, how it ended, how long it took. For GET /metrics.
 *
 * Metrics are per route, never per path, so that their number is bounded by the table of routes. */

#ifndef OPENCICD_GATEWAY_MEASURE_H
#define OPENCICD_GATEWAY_MEASURE_H

#include "gateway/route.h"

void measure_request (const route_t *route, int status, int64_t took_us); // NULL where no route was found
void measure_streams (unsigned taken);                                    // Places that are taken now

#endif
