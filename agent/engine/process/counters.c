/* counters.c - see counters.h. */

#include "agent/engine/process/counters.h"

#include "common/base/metrics.h"

#include <pthread.h>

static metric_t *metrics[COUNTERS];
static pthread_once_t opened = PTHREAD_ONCE_INIT;

#define AGENT_COUNTER(name, kind, metric, label, value, help) \
    metrics[COUNT_##name] = metrics_##kind (metric, label, value, help);

static void open_all (void)
{
    AGENT_COUNTERS (AGENT_COUNTER)
}
#undef AGENT_COUNTER

void counters_open (void)
{
    pthread_once (&opened, open_all);
}

static metric_t *metric_of (agent_counter_t which)
{
    counters_open ();
    return metrics[which];
}

void count_add (agent_counter_t which, int64_t amount)
{
    metric_add (metric_of (which), amount);
}

void count_set (agent_counter_t which, int64_t number)
{
    metric_set (metric_of (which), number);
}

void count_time (agent_counter_t which, int64_t taken_us)
{
    metric_time (metric_of (which), taken_us);
}
