/* model.c - the tree of a workflow file to its model. */

#include "workflow/model/model.h"
#include "workflow/model/model_read.h"
#include "workflow/schema/schema.h"

#include <string.h>
#include <strings.h>

_Static_assert(WORKFLOW_JOBS == SCHEMA_KEYS, "the schema bounds the jobs of a file");

static const size_t *find_needed (arena_t *arena, const workflow_t *workflow, const job_t *job)
{
    size_t *needed = arena_array (arena, job->needs.count + 1, sizeof *needed);
    for (size_t i = 0; i < job->needs.count; i++)
        needed[i] = index_find (&workflow->job_keys, job->needs.items[i].text);
    return needed;
}

static void read_jobs (arena_t *arena, const node_t *map, findings_t *findings, workflow_t *out)
{
    if (!map || map->kind != NODE_MAP)
        return;
    if (map->count > WORKFLOW_JOBS)
        return; // The schema says so
    job_t *jobs = arena_array (arena, map->count, sizeof (job_t));
    index_init (&out->job_keys, arena);
    for (size_t i = 0; i < map->count; i++) {
        jobs[i].key = read_text (arena, map->keys[i]);
        read_job (arena, map->items[i], out, findings, &jobs[i]);
        if (index_find (&out->job_keys, jobs[i].key.text) ==
            INDEX_NONE) // Of keys that differ by case the first
            index_put (&out->job_keys, jobs[i].key.text, i);
    }
    for (size_t i = 0; i < map->count; i++)
        jobs[i].needed = find_needed (arena, out, &jobs[i]);
    out->jobs = jobs;
    out->job_count = map->count;
}

void read_workflow (arena_t *arena, const node_t *root, findings_t *findings, workflow_t *out)
{
    out->node = root;
    out->name = read_key (arena, root, "name");
    if (out->name.text && node_is_scalar (out->name.node)) // As it is written: 1.10 is not a number here
        out->name.text = out->name.node->text;
    out->run_name = read_key (arena, root, "run-name");
    read_events (arena, node_get (root, "on"), out);
    out->permissions = read_pairs (arena, node_get (root, "permissions"));
    out->has_permissions = node_get (root, "permissions") != NULL;
    out->env = read_pairs (arena, node_get (root, "env"));
    out->defaults = read_defaults (arena, node_get (root, "defaults"), NULL);
    out->concurrency = read_concurrency (arena, node_get (root, "concurrency"));
    read_jobs (arena, node_get (root, "jobs"), findings, out);
}

const job_t *workflow_job (const workflow_t *self, const char *key)
{
    size_t at = index_find (&self->job_keys, key);
    return at == INDEX_NONE ? NULL : &self->jobs[at];
}

const event_t *workflow_event (const workflow_t *self, const char *name)
{
    for (size_t i = 0; i < self->event_count; i++)
        if (strcmp (self->events[i].name.text, name) == 0)
            return &self->events[i];
    return NULL;
}

const input_t *interface_input (const interface_t *self, const char *name)
{
    for (size_t i = 0; i < self->input_count; i++)
        if (strcasecmp (self->inputs[i].name.text, name) == 0)
            return &self->inputs[i];
    return NULL;
}
