/* match.c - see match.h. A few dozen agents and at most MATCH_JOBS jobs: plain passes, no structure to keep. */

#include "services/scheduler/match.h"

#include "services/scheduler/labels.h"

#include <string.h>

typedef struct {
    bool taken;
    int64_t running;
} seat_t;

static bool is_before (const waiting_t *a, int64_t a_running, const waiting_t *b, int64_t b_running)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a_running != b_running)
        return a_running < b_running;
    if (a->queued_at != b->queued_at)
        return a->queued_at < b->queued_at;
    if (a->place != b->place)
        return a->place < b->place;
    return strcmp (a->job_id, b->job_id) < 0;
}

static bool first_job (const waitings_t *jobs, const seat_t *seats, size_t *out)
{
    bool found = false;
    for (size_t i = 0; i < jobs->count; i++) {
        if (seats[i].taken || (found && !is_before (&jobs->items[i], seats[i].running, &jobs->items[*out],
                                                    seats[*out].running)))
            continue;
        *out = i;
        found = true;
    }
    return found;
}

static bool best_agent (const agent_rows_t *agents, const bool *taken, const char *labels, size_t *out)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < agents->count; i++) {
        if (taken[i] || !labels_include (agents->items[i].labels, labels))
            continue;
        size_t count = labels_count (agents->items[i].labels);
        if (count < best) { // Idle longest come first: the earlier one wins among equals
            best = count;
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
