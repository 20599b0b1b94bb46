/* plan_dag.c - see plan_dag.h. */

#include "workflow/plan/plan_dag.h"

#include <string.h>
#include <strings.h>

// Jobs of a file are few (WORKFLOW_JOBS); marks spread until nothing new is marked.
size_t plan_ancestors (arena_t *arena, const workflow_t *workflow, const job_t *job, const job_t *const **out)
{
    bool *marked = arena_array (arena, workflow->job_count, sizeof (bool));
    const job_t **waiting = arena_array (arena, workflow->job_count + 1, sizeof (job_t *));
    size_t left = 0, count = 0;
    waiting[left++] = job;
    while (left > 0) {
        const job_t *from = waiting[--left];
        for (size_t i = 0; i < from->needs.count; i++) {
            size_t needed = from->needed[i];
            if (needed == JOB_NONE || marked[needed])
                continue;
            marked[needed] = true;
            waiting[left++] = &workflow->jobs[needed];
        }
    }
    const job_t **found = waiting;
    for (size_t i = 0; i < workflow->job_count; i++)
        if (marked[i])
            found[count++] = &workflow->jobs[i];
    *out = (const job_t *const *) found;
    return count;
}

const value_t *plan_needs (arena_t *arena, const job_t *job, const value_t *jobs)
{
    value_t *needs = value_object (arena);
    for (size_t i = 0; i < job->needs.count; i++) {
        const value_t *entry = value_get (jobs, job->needs.items[i].text);
        if (entry)
            value_set (arena, needs, job->needs.items[i].text, entry);
    }
    return needs;
}

// The first of these that any cell has is the job's.
static const char *const results[] = {"failure", "cancelled", "success", "skipped"};
#define RESULT_COUNT (sizeof (results) / sizeof (results[0]))

static size_t rank_of (const value_t *cell)
{
    const char *result = value_get_text (cell, "result");
    const value_t *forgiving = value_get (cell, "continue-on-error");
    bool forgiven = strcmp (result, "failure") == 0 && forgiving && value_truthy (forgiving);
    for (size_t i = 0; i < RESULT_COUNT; i++)
        if (strcmp (results[i], forgiven ? "success" : result) == 0)
            return i;
    return RESULT_COUNT - 1;
}

const value_t *plan_outcome (arena_t *arena, const value_t *const *cells, size_t count)
{
    size_t best = RESULT_COUNT - 1;
    value_t *outputs = value_object (arena);
    for (size_t i = 0; i < count; i++) {
        size_t rank = rank_of (cells[i]);
        best = rank < best ? rank : best;
        const value_t *own = value_get (cells[i], "outputs");
        for (size_t j = 0; own && own->kind == VALUE_OBJECT && j < own->list.count; j++) {
            const value_t *item = own->list.items[j];
            if (value_truthy (item) || !value_get (outputs, own->list.keys[j]))
                value_set (arena, outputs, own->list.keys[j], item);
        }
    }
    value_t *outcome = value_object (arena);
    value_set (arena, outcome, "result", value_string (arena, results[best]));
    value_set (arena, outcome, "outputs", outputs);
    return outcome;
}
