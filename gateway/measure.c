/* measure.c - see measure.h. A metric is created when it first counts: what never happens is not printed. */

#include "gateway/measure.h"

#include "common/base/arena.h"
#include "common/base/metrics.h"

#include <stdatomic.h>
#include <stdio.h>

#define HELP_THREADS "Threads by what they do."
#define HELP_ENDED   "Connections that were closed, by reason."
#define CLASSES      6 // 0: never begun; 1xx to 5xx

// As long as the process, like the metrics. Two threads that make the same one get the same one.
#define COUNT_ROUTE(...) +1
#define ROUTE_COUNT      (0 ROUTES (COUNT_ROUTE))
static _Atomic (metric_t *) totals[ROUTE_COUNT + 1][CLASSES];
static _Atomic (metric_t *) durations[ROUTE_COUNT + 1];

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
                                "Duration of requests, streams included.");
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

// The rest is brought up to date when metrics are asked for, or happens seldom: looked up by name each time.

void measure_refusal (int status)
{
    char label[16];
    snprintf (label, sizeof (label), "%d", status);
    metric_add (metrics_counter ("opencicd_http_refused_total", "status", label,
                                 "Refused before a request was read: a bad or late head, no room."),
                1);
}

void measure_service (const char *service, bool up)
{
    metric_set (metrics_gauge ("opencicd_service_up", "service", service,
                               "Whether the service answered the latest readiness check."),
                up);
}

void measure_slots (slot_kind_t kind, uint32_t taken)
{
    metric_set (metrics_gauge ("opencicd_http_slots", "kind", slot_label (kind),
                               "Slots in use: logs, events, downloads, parked agents, searches."),
                taken);
}

void measure_server (const http_server_stats_t *stats)
{
    const struct {
        const char *name, *label, *value, *help;
        int64_t number;
    } gauges[] = {{"opencicd_http_connections", NULL, NULL, "Open connections.", stats->open},
                  {"opencicd_http_waiting", NULL, NULL, "Requests waiting for a thread.", stats->waiting},
                  {"opencicd_http_threads", "state", "working", HELP_THREADS, stats->working},
                  {"opencicd_http_threads", "state", "idle", HELP_THREADS, stats->idle},
                  {"opencicd_http_threads", "state", "slow client", HELP_THREADS, stats->slow},
                  {"opencicd_http_threads", "state", "stream", HELP_THREADS, stats->stays},
                  {"opencicd_http_ended", "reason", "made room", HELP_ENDED, (int64_t) stats->evicted},
                  {"opencicd_http_ended", "reason", "no room", HELP_ENDED, (int64_t) stats->refused},
                  {"opencicd_http_ended", "reason", "late head", HELP_ENDED, (int64_t) stats->late},
                  {"opencicd_http_ended", "reason", "slow", HELP_ENDED, (int64_t) stats->cut}};
    for (size_t i = 0; i < sizeof (gauges) / sizeof (gauges[0]); i++)
        metric_set (metrics_gauge (gauges[i].name, gauges[i].label, gauges[i].value, gauges[i].help),
                    gauges[i].number);
}
