/* metrics.c - an array of metrics sorted by name and label, so that printing is one pass. */

#include "common/base/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { COUNTER, GAUGE, HISTOGRAM } kind_t;
static const char *const kind_names[] = {"counter", "gauge", "histogram"};

// Upper bounds in microseconds; the last bucket has none.
static const int64_t bounds[] = {250,    500,    1000,   2500,    5000,    10000,    25000,   50000,
                                 100000, 250000, 500000, 1000000, 2500000, 10000000, 60000000};
#define BUCKETS (sizeof (bounds) / sizeof (bounds[0]) + 1)

struct metric {
    kind_t kind;
    const char *name, *label, *value, *help; // label and value "" where there are none
    _Atomic int64_t number;                  // Of a histogram: how many
    _Atomic int64_t sum_us;                  // Histograms only, from here on
    _Atomic int64_t buckets[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // Of the list, not of the numbers
static metric_t *list[METRICS_MAX];
static size_t count;
static atomic_uint refused;

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

static metric_t *make (kind_t kind, const char *name, const char *label, const char *value, const char *help)
{
    size_t buckets = kind == HISTOGRAM ? BUCKETS : 0;
    metric_t *self = need (calloc (1, sizeof (metric_t) + buckets * sizeof (self->buckets[0])));
    self->kind = kind;
    self->name = need (strdup (name));
    self->label = need (strdup (label));
    self->value = need (strdup (value));
    self->help = need (strdup (help));
    return self;
}

static int compare (const metric_t *metric, const char *name, const char *label, const char *value)
{
    int order = strcmp (metric->name, name);
    if (order == 0)
        order = strcmp (metric->label, label);
    return order ? order : strcmp (metric->value, value);
}

// Index of the first that does not sort before it.
static size_t slot_index (const char *name, const char *label, const char *value)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare (list[middle], name, label, value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Takes the counts of metrics that have no room; never printed.
static metric_t *nameless (kind_t kind)
{
    static metric_t *metrics[3];
    atomic_fetch_add (&refused, 1);
    if (!metrics[kind])
        metrics[kind] = make (kind, "", "", "", "");
    return metrics[kind];
}

static metric_t *find (kind_t kind, const char *name, const char *label, const char *value, const char *help)
{
    label = label ? label : "";
    value = value ? value : "";
    pthread_mutex_lock (&lock);
    size_t at = slot_index (name, label, value);
    metric_t *metric = at < count && compare (list[at], name, label, value) == 0 ? list[at] : NULL;
    if (!metric && count < METRICS_MAX) {
        metric = make (kind, name, label, value, help);
        memmove (&list[at + 1], &list[at], (count - at) * sizeof (list[0]));
        list[at] = metric;
        count++;
    }
    if (!metric || metric->kind != kind)
        metric = nameless (kind);
    pthread_mutex_unlock (&lock);
    return metric;
}

metric_t *metrics_counter (const char *name, const char *label, const char *value, const char *help)
{
    return find (COUNTER, name, label, value, help);
}

metric_t *metrics_gauge (const char *name, const char *label, const char *value, const char *help)
{
    return find (GAUGE, name, label, value, help);
}

metric_t *metrics_histogram (const char *name, const char *label, const char *value, const char *help)
{
    return find (HISTOGRAM, name, label, value, help);
}

void metric_add (metric_t *self, int64_t amount)
{
    atomic_fetch_add_explicit (&self->number, amount, memory_order_relaxed);
}

void metric_set (metric_t *self, int64_t number)
{
    atomic_store_explicit (&self->number, number, memory_order_relaxed);
}

void metric_time (metric_t *self, int64_t taken_us)
{
    size_t at = 0;
    while (at < BUCKETS - 1 && taken_us > bounds[at])
        at++;
    atomic_fetch_add_explicit (&self->buckets[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit (&self->sum_us, taken_us, memory_order_relaxed);
    atomic_fetch_add_explicit (&self->number, 1, memory_order_relaxed);
}

int64_t metric_read (const metric_t *self)
{
    return atomic_load_explicit (&self->number, memory_order_relaxed);
}

// ---- printing

static void print_escaped (buffer_t *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            buffer_puts (out, "\\n");
        else {
            if (*text == '"' || *text == '\\')
                buffer_putc (out, '\\');
            buffer_putc (out, *text);
        }
    }
}

// name_bucket{label="value",le="0.5"}; `bound` may be NULL.
static void print_name (buffer_t *out, const metric_t *self, const char *suffix, const char *bound)
{
    buffer_printf (out, "%s%s", self->name, suffix);
    if (!*self->label && !bound)
        return;
    buffer_putc (out, '{');
    if (*self->label) {
        buffer_printf (out, "%s=\"", self->label);
        print_escaped (out, self->value);
        buffer_putc (out, '"');
    }
    if (bound)
        buffer_printf (out, "%sle=\"%s\"", *self->label ? "," : "", bound);
    buffer_putc (out, '}');
}

static void print_histogram (buffer_t *out, const metric_t *self)
{
    int64_t below = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i < BUCKETS - 1)
            snprintf (bound, sizeof (bound), "%g", (double) bounds[i] / 1e6);
        below += atomic_load_explicit (&self->buckets[i], memory_order_relaxed);
        print_name (out, self, "_bucket", bound);
        buffer_printf (out, " %" PRId64 "\n", below);
    }
    print_name (out, self, "_sum", NULL);
    buffer_printf (out, " %.6f\n", (double) atomic_load_explicit (&self->sum_us, memory_order_relaxed) / 1e6);
    print_name (
        out, self, "_count",
        NULL); // The count is the sum of the buckets, so that both agree whatever is counted meanwhile
    buffer_printf (out, " %" PRId64 "\n", below);
}

void metrics_print (buffer_t *out)
{
    pthread_mutex_lock (&lock);
    for (size_t i = 0; i < count; i++) {
        const metric_t *metric = list[i];
        if (i == 0 || strcmp (list[i - 1]->name, metric->name) != 0)
            buffer_printf (out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                           kind_names[metric->kind]);
        if (metric->kind == HISTOGRAM) {
            print_histogram (out, metric);
            continue;
        }
        print_name (out, metric, "", NULL);
        buffer_printf (out, " %" PRId64 "\n", metric_read (metric));
    }
    unsigned dropped = atomic_load (&refused);
    pthread_mutex_unlock (&lock);
    if (dropped > 0)
        buffer_printf (out, "# TYPE opencicd_metrics_refused gauge\nopencicd_metrics_refused %u\n", dropped);
}
