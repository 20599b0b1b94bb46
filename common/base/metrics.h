/* metrics.h - what this process counts, for Prometheus.
 *
 * A service makes its metrics once, from a table of its own, and keeps the pointers; counting is one atomic addition, from any
 * thread. The same name and label give the same metric again. There are at most METRICS_MAX; past that one nameless metric
 * takes the counts, and opencicd_metrics_refused is how many were refused. Metrics live as long as the process.
 * Names and labels follow Prometheus' conventions: opencicd_jobs_total, opencicd_commit_seconds. */

#ifndef OPENCICD_METRICS_H
#define OPENCICD_METRICS_H

#include "common/base/buffer.h"

#include <stdint.h>

#define METRICS_MAX 1024

typedef struct metric metric_t;

// `label` and `value` make one pair: "message", "job_show"; NULL for none.
metric_t *metrics_counter (const char *name, const char *label, const char *value, const char *help);
metric_t *metrics_gauge (const char *name, const char *label, const char *value, const char *help);
// Of durations, printed in seconds; buckets from 0.25 ms to 60 s.
metric_t *metrics_histogram (const char *name, const char *label, const char *value, const char *help);

void metric_add (metric_t *self, int64_t amount);    // A counter (amount >= 0) or a gauge
void metric_set (metric_t *self, int64_t number);    // A gauge
void metric_time (metric_t *self, int64_t taken_us); // A histogram
int64_t metric_read (const metric_t *self);          // A histogram's count

void metrics_print (buffer_t *out); // Prometheus' text format, version 0.0.4

#endif
