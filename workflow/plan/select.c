/* select.c - see select.h. */

#include "workflow/plan/select.h"

#include "common/base/nearest.h"
#include "workflow/plan/plan_dag.h"

#include <string.h>
#include <strings.h>

static void refuse_job (const workflow_t *workflow, const char *key, findings_t *findings)
{
    nearest_t nearest;
    nearest_begin (&nearest, key);
    for (size_t i = 0; i < workflow->job_count; i++)
        nearest_offer (&nearest, workflow->jobs[i].key.text);
    findings_add (findings, 1, 1, SEVERITY_ERROR, "select", "the workflow has no job \"%.200s\"%s%s%s", key,
                  nearest.best ? " (did you mean \"" : "", nearest.best ? nearest.best : "",
                  nearest.best ? "\"?)" : "");
}

// With all that it needs, or its `needs` would name jobs that are not there.
static void mark (arena_t *arena, const workflow_t *workflow, const selection_t *selection, const char *key,
                  findings_t *findings, bool *marked)
{
    const job_t *job = workflow_job (workflow, key), *const * before;
    if (!job) {
        refuse_job (workflow, key, findings);
        return;
    }
    marked[job - workflow->jobs] = true;
    size_t count = selection->no_needs ? 0 : plan_ancestors (arena, workflow, job, &before);
    for (size_t i = 0; i < count; i++)
        marked[before[i] - workflow->jobs] = true;
}

// Those needs of a job that stay, and where they are now.
static void keep_needs (arena_t *arena, const job_t *from, const bool *marked, const size_t *places,
                        job_t *out)
{
    text_t *items = arena_array (arena, from->needs.count + 1, sizeof *items);
    size_t *needed = arena_array (arena, from->needs.count + 1, sizeof *needed), count = 0;
    for (size_t i = 0; i < from->needs.count; i++) {
        size_t at = from->needed[i];
        if (at == JOB_NONE || !marked[at])
            continue;
        items[count] = from->needs.items[i];
        needed[count++] = places[at];
    }
    out->needs.items = items;
    out->needs.count = count;
    out->needed = needed;
}

static const workflow_t *part_of (arena_t *arena, const workflow_t *workflow, const bool *marked)
{
    workflow_t *part = arena_copy (arena, workflow, sizeof *workflow);
    size_t *places = arena_array (arena, workflow->job_count + 1, sizeof *places);
    job_t *jobs = arena_array (arena, workflow->job_count + 1, sizeof *jobs);
    part->job_count = 0;
    index_init (&part->job_keys, arena);
    // All places first: the jobs that one needs may come after it in the file
    for (size_t i = 0; i < workflow->job_count; i++)
        places[i] = marked[i] ? part->job_count++ : JOB_NONE;
    for (size_t i = 0; i < workflow->job_count; i++) {
        if (!marked[i])
            continue;
        job_t *job = &jobs[places[i]];
        *job = workflow->jobs[i];
        keep_needs (arena, &workflow->jobs[i], marked, places, job);
        index_put (&part->job_keys, job->key.text, places[i]);
    }
    part->jobs = jobs;
    return part;
}

fault_t select_jobs (arena_t *arena, const workflow_t *workflow, const selection_t *selection,
                     findings_t *findings, const workflow_t **out)
{
    size_t errors = findings->errors;
    bool *marked = arena_array (arena, workflow->job_count + 1, sizeof (bool));
    *out = workflow;
    for (size_t i = 0; i < selection->job_count; i++)
        mark (arena, workflow, selection, selection->jobs[i], findings, marked);
    for (size_t i = 0; i < selection->cell_count; i++) {
        const char *colon = strchr (selection->cells[i], ':');
        if (!colon || colon == selection->cells[i])
            findings_add (findings, 1, 1, SEVERITY_ERROR, "select", "matrix: \"%.200s\" is not KEY:VALUE",
                          selection->cells[i]);
    }
    if (findings->errors != errors)
        return INVALID;
    if (selection->job_count > 0)
        *out = part_of (arena, workflow, marked);
    return OK;
}

static size_t key_size (const char *cell)
{
    return strcspn (cell, ":");
}

static bool same_key (const char *one, const char *other)
{
    return key_size (one) == key_size (other) && strncasecmp (one, other, key_size (one)) == 0;
}

// Does any that is said of this key hold?
static bool holds (arena_t *arena, const selection_t *selection, const char *of, const value_t *value)
{
    const char *text = value_to_text (arena, value);
    for (size_t i = 0; i < selection->cell_count; i++) {
        const char *cell = selection->cells[i];
        if (same_key (cell, of) && strcmp (cell + key_size (cell) + 1, text) == 0)
            return true;
    }
    return false;
}

bool select_cell (arena_t *arena, const selection_t *selection, const value_t *matrix)
{
    for (size_t i = 0; selection && i < selection->cell_count; i++) {
        const char *cell = selection->cells[i];
        const value_t *value = value_get (matrix, arena_strndup (arena, cell, key_size (cell)));
        // A key that this matrix does not have restricts nothing: one selection is for all jobs
        if (value && !holds (arena, selection, cell, value))
            return false;
    }
    return true;
}
