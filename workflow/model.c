/* model.c - a workflow file to its model: read, check, build. */

#include "workflow/model.h"
#include "workflow/model_read.h"
#include "workflow/schema.h"

#include <string.h>
#include <strings.h>

static void read_jobs (arena_t *arena, const node_t *map, findings_t *findings, workflow_t *out)
{
    if (!map || map->kind != NODE_MAP)
        return;
    if (map->count > WORKFLOW_JOBS) {
        findings_add (findings, map->line, map->column, SEVERITY_ERROR, "schema",
                      "more than %d jobs in one file", WORKFLOW_JOBS);
        return;
    }
    job_t *jobs = arena_array (arena, map->count, sizeof (job_t));
    for (size_t i = 0; i < map->count; i++) {
        jobs[i].key = read_text (arena, map->keys[i]);
        read_job (arena, map->items[i], out, findings, &jobs[i]);
    }
    out->jobs = jobs;
    out->job_count = map->count;
}

static void read_workflow (arena_t *arena, const node_t *root, findings_t *findings, workflow_t *out)
{
    out->node = root;
    out->name = read_key (arena, root, "name");
    out->run_name = read_key (arena, root, "run-name");
    read_events (arena, node_get (root, "on"), out);
    out->permissions = read_pairs (arena, node_get (root, "permissions"));
    out->has_permissions = node_get (root, "permissions") != NULL;
    out->env = read_pairs (arena, node_get (root, "env"));
    out->defaults = read_defaults (arena, node_get (root, "defaults"), NULL);
    out->concurrency = read_concurrency (arena, node_get (root, "concurrency"));
    read_jobs (arena, node_get (root, "jobs"), findings, out);
}

fault_t workflow_load (arena_t *arena, const char *file, const char *bytes, size_t size, findings_t *findings,
                       const workflow_t **out)
{
    workflow_t *self = arena_alloc (arena, sizeof (*self));
    self->file = arena_strdup (arena, file);
    *out = self;
    node_t *root = NULL;
    size_t errors = findings->errors;
    if (yaml_parse (arena, bytes, size, findings, &root) == OK) {
        schema_check (arena, root, &schema_workflow, findings);
        read_workflow (arena, root, findings, self);
        check_workflow (arena, self, findings);
    }
    findings_sort (findings);
    return findings->errors == errors ? OK : INVALID;
}

const job_t *workflow_job (const workflow_t *self, const char *key)
{
    for (size_t i = 0; i < self->job_count; i++)
        if (strcasecmp (self->jobs[i].key.text, key) == 0)
            return &self->jobs[i];
    return NULL;
}

const event_t *workflow_event (const workflow_t *self, const char *name)
{
    for (size_t i = 0; i < self->event_count; i++)
        if (strcmp (self->events[i].name.text, name) == 0)
            return &self->events[i];
    return NULL;
}
