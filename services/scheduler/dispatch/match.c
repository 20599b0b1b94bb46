/* match.c - see match.h. A few dozen agents and at most MATCH_JOBS jobs: plain passes, no structure to keep. */

#include "services/scheduler/dispatch/match.h"

#include "common/base/line.h"
#include "services/scheduler/base/labels.h"

#include <string.h>

typedef struct {
    bool taken;
    int64_t running;
} seat_t;

bool match_is_before (const waiting_t *a, int64_t a_running, const waiting_t *b, int64_t b_running)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a_running != b_running)
        return a_running < b_running;
    if (a->queued_at != b->queued_at)
        return a->queued_at < b->queued_at;
    if (a->position != b->position)
        return a->position < b->position;
    return strcmp (a->job_id, b->job_id) < 0;
}

static bool first_job (const waitings_t *jobs, const seat_t *seats, size_t *out)
{
    bool found = false;
    for (size_t i = 0; i < jobs->count; i++) {
        if (seats[i].taken || (found && !match_is_before (&jobs->items[i], seats[i].running,
                                                          &jobs->items[*out], seats[*out].running)))
            continue;
        *out = i;
        found = true;
    }
    return found;
}

static bool best_agent (const agent_rows_t *agents, const bool *taken, const char *labels, size_t *out)
{
    size_t best = SIZE_MAX;
    bool awaits = false;
    for (size_t i = 0; i < agents->count; i++) {
        const agent_row_t *agent = &agents->items[i];
        if (taken[i] || !labels_include (agent->labels, labels))
            continue;
        size_t count = line_count (agent->labels);
        // Idle longest come first: the earlier one wins among equals
        if (count < best || (count == best && agent->awaits && !awaits)) {
            best = count;
            awaits = agent->awaits;
            *out = i;
        }
    }
    return best != SIZE_MAX;
}

static void count_running (const waitings_t *jobs, seat_t *seats, const char *project)
{
    for (size_t i = 0; i < jobs->count; i++)
        if (strcmp (jobs->items[i].project_id, project) == 0)
            seats[i].running++;
}

// No agent fits this one: none fits its equals.
static void skip_equals (const waitings_t *jobs, seat_t *seats, const char *labels)
{
    for (size_t i = 0; i < jobs->count; i++)
        if (strcmp (jobs->items[i].labels, labels) == 0)
            seats[i].taken = true;
}

size_t match_jobs (arena_t *arena, const waitings_t *jobs, const agent_rows_t *agents, match_t *out)
{
    seat_t *seats = arena_array (arena, jobs->count + 1, sizeof *seats);
    bool *taken = arena_array (arena, agents->count + 1, sizeof *taken);
    for (size_t i = 0; i < jobs->count; i++)
        seats[i].running = jobs->items[i].running;
    size_t count = 0, job = 0, agent = 0;
    while (count < agents->count && first_job (jobs, seats, &job)) {
        const waiting_t *first = &jobs->items[job];
        if (!best_agent (agents, taken, first->labels, &agent)) {
            skip_equals (jobs, seats, first->labels);
            continue;
        }
        seats[job].taken = true;
        taken[agent] = true;
        out[count++] = (match_t){job, agent};
        count_running (jobs, seats, first->project_id);
    }
    return count;
}

bool match_any (const agent_rows_t *agents, const char *labels)
{
    for (size_t i = 0; i < agents->count; i++)
        if (labels_include (agents->items[i].labels, labels))
            return true;
    return false;
}

static bool set_fits (const label_set_t *offered, const label_set_t *asked)
{
    return (asked->mask & ~offered->mask) == 0 && labels_include (offered->labels, asked->labels);
}

static bool any_fits (const label_sets_t *offered, const label_set_t *asked)
{
    for (size_t i = 0; i < offered->count; i++)
        if (set_fits (&offered->items[i], asked))
            return true;
    return false;
}

static bool is_served_before (const label_set_t *a, const label_set_t *b)
{
    return a->priority != b->priority ? a->priority > b->priority : a->since < b->since;
}

static void insert (set_page_t *self, size_t most, size_t at, const label_set_t *set)
{
    if (at == most)
        return;
    self->count += self->count < most;
    memmove (&self->items[at + 1], &self->items[at], (self->count - 1 - at) * sizeof *set);
    self->items[at] = *set;
}

void match_asked (set_page_t *asked, size_t most, const label_sets_t *waiting, const label_sets_t *idle)
{
    for (size_t i = 0; i < waiting->count; i++) {
        const label_set_t *set = &waiting->items[i];
        size_t at = asked->count;
        while (at > 0 && is_served_before (set, &asked->items[at - 1]))
            at--;
        if (at < most && any_fits (idle, set))
            insert (asked, most, at, set);
    }
}

static bool has (const set_page_t *page, const char *labels)
{
    for (size_t i = 0; i < page->count; i++)
        if (strcmp (page->items[i].labels, labels) == 0)
            return true;
    return false;
}

// Of those that fit and are not in `page` yet the one with the fewest labels; SIZE_MAX for none.
static size_t smallest (const set_page_t *page, const label_sets_t *idle, const label_set_t *asked)
{
    size_t best = SIZE_MAX, fewest = SIZE_MAX;
    for (size_t i = 0; i < idle->count; i++) {
        if (!set_fits (&idle->items[i], asked) || has (page, idle->items[i].labels))
            continue;
        size_t count = line_count (idle->items[i].labels);
        if (count < fewest) {
            fewest = count;
            best = i;
        }
    }
    return best;
}

void match_offered (set_page_t *offered, const set_page_t *asked, const label_sets_t *idle)
{
    bool added = true;
    offered->count = 0;
    while (added) { // Each in its turn, so that none is left without
        added = false;
        for (size_t i = 0; i < asked->count && offered->count < SETS_AT_ONCE; i++) {
            size_t best = smallest (offered, idle, &asked->items[i]);
            if (best == SIZE_MAX)
                continue;
            offered->items[offered->count++] = idle->items[best];
            added = true;
        }
    }
}
