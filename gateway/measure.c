/* measure.c - see measure.h. A metric is made when it first counts: what never happens is not printed. */

#include "gateway/measure.h"

#include "common/arena.h"
#include "common/metrics.h"

#include <stdatomic.h>

#define CLASSES 6 // 0: never begun; 1xx to 5xx

// As long as the process, like the metrics. Two threads that make the same one get the same one.
#define COUNT_ROUTE(...) +1
#define ROUTE_COUNT      (0 ROUTES (COUNT_ROUTE))
static _Atomic (metric_t *) totals[ROUTE_COUNT + 1][CLASSES];
static _Atomic (metric_t *) durations[ROUTE_COUNT + 1];
static _Atomic (metric_t *) streams;

static const char *label_of (arena_t *arena, const route_t *route)
{
    return route ? arena_printf (arena, "%s %s", route->method, route->path) : "none";
}

static metric_t *total_of (const route_t *route, size_t row, int class)
{
    metric_t *metric = atomic_load (&totals[row][class]);
    if (metric)
        return metric;
    arena_t *arena = arena_new ();
    const char *label = arena_printf (arena, "%s %dxx", label_of (arena, route), class);
    metric = metrics_counter ("opencicd_http_requests_total", "request", label,
                              "Requests by route and class of status.");
    arena_destroy (&arena);
    atomic_store (&totals[row][class], metric);
    return metric;
}

static metric_t *duration_of (const route_t *route, size_t row)
{
    metric_t *metric = atomic_load (&durations[row]);
    if (metric)
        return metric;
    arena_t *arena = arena_new ();
    metric = metrics_histogram ("opencicd_http_request_seconds", "route", label_of (arena, route),
                                "How long requests took, streams included.");
    arena_destroy (&arena);
    atomic_store (&durations[row], metric);
    return metric;
}

void measure_request (const route_t *route, int status, int64_t took_us)
{
    size_t row = route ? (size_t) (route - routes) : ROUTE_COUNT;
    metric_add (total_of (route, row, status >= 100 && status < 600 ? status / 100 : 0), 1);
    metric_time (duration_of (route, row), took_us);
}

void measure_streams (unsigned taken)
{
    metric_t *metric = atomic_load (&streams);
    if (!metric) {
        metric =
            metrics_gauge ("opencicd_http_streams", NULL, NULL,
                           "Places for streams that are taken: live logs, events, downloads, parked agents.");
        atomic_store (&streams, metric);
    }
    metric_set (metric, taken);
}
