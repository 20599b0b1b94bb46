/* gitlab.c - a .gitlab-ci.yml: its jobs, stages and what they need. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <string.h>

static const char *const reserved[] = {"default", "stages", "variables",     "workflow",
                                       "include", "image",  "services",      "cache",
                                       "types",   "spec",   "before_script", "after_script"};

static bool is_reserved (const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcmp (reserved[i], name) == 0)
            return true;
    return *name == '.';
}

gitlab_job_t *gitlab_find (gitlab_t *self, const char *name)
{
    for (size_t i = 0; i < self->job_count; i++)
        if (strcmp (self->jobs[i].name, name) == 0)
            return &self->jobs[i];
    return NULL;
}

// ---- stages ----

static void add_stage (gitlab_t *self, const char *name)
{
    self->stages =
        arena_grow (self->arena, self->stages, self->stage_count, &self->stage_capacity, sizeof (char *));
    self->stages[self->stage_count++] = name;
}

static void find_stages (gitlab_t *self)
{
    static const char *const preset[] = {"build", "test", "deploy"};
    const node_t *stages = node_get (self->root, "stages");
    add_stage (self, ".pre");
    for (size_t i = 0; stages && stages->kind == NODE_LIST && i < stages->count && i < IMPORT_JOBS; i++)
        add_stage (self, node_text (self->arena, stages->items[i]));
    for (size_t i = 0; !stages && i < sizeof preset / sizeof preset[0]; i++)
        add_stage (self, preset[i]);
    add_stage (self, ".post");
}

static void place (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *stage = gitlab_key (self, job->node, "stage");
    job->stage = stage && node_is_scalar (stage) ? node_text (self->arena, stage) : "test";
    for (job->stage_at = 0; job->stage_at < self->stage_count; job->stage_at++)
        if (strcmp (self->stages[job->stage_at], job->stage) == 0)
            return;
    import_note (self->import, self->import->top, job->node->line,
                 "the stage \"%s\" of \"%s\" is not in `stages`", job->stage, job->name);
    job->stage_at = self->stage_count > 1 ? self->stage_count - 2 : 0;
}

// ---- needs ----

// Without `needs` all jobs of the stage before; of those only the ones that there are.
static void need_stage (gitlab_t *self, gitlab_job_t *job)
{
    size_t before = 0;
    bool found = false;
    for (size_t i = 0; i < self->job_count; i++)
        if (self->jobs[i].stage_at < job->stage_at && (!found || self->jobs[i].stage_at > before)) {
            before = self->jobs[i].stage_at;
            found = true;
        }
    for (size_t i = 0; i < self->job_count && found; i++)
        if (self->jobs[i].stage_at == before)
            import_need (self->import, job->job, self->jobs[i].job);
}

// Would it need itself by way of others?
static bool reaches (const import_job_t *from, const import_job_t *to, size_t *steps)
{
    if (from == to)
        return true;
    for (size_t i = 0; i < from->need_count; i++) {
        if (++*steps > 10000 || reaches (from->needs[i], to, steps))
            return true;
    }
    return false;
}

static void need_named (gitlab_t *self, gitlab_job_t *job, const node_t *item)
{
    const node_t *name = item->kind == NODE_MAP ? node_get (item, "job") : item,
                 *optional = node_get (item, "optional");
    bool elsewhere = node_get (item, "project") || node_get (item, "pipeline");
    gitlab_job_t *other = name && node_is_scalar (name) && !elsewhere
                              ? gitlab_find (self, node_text (self->arena, name))
                              : NULL;
    size_t steps = 0;
    if (other && !reaches (other->job, job->job, &steps))
        import_need (self->import, job->job, other->job);
    else if (other || !optional || optional->kind != NODE_BOOL || !optional->boolean)
        import_note (self->import, job->job->head, item->line, "needs: %s", gitlab_json (self, item));
}

static void set_needs (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *needs = gitlab_key (self, job->node, "needs");
    if (!needs) {
        need_stage (self, job);
        return;
    }
    for (size_t i = 0; needs->kind == NODE_LIST && i < needs->count; i++)
        need_named (self, job, needs->items[i]);
}

// ---- the file ----

static void find_jobs (gitlab_t *self)
{
    for (size_t i = 0; i < self->root->count && !self->import->error; i++) {
        const char *name = self->root->keys[i]->text;
        const node_t *node = is_reserved (name) ? NULL : gitlab_job_node (self, self->root->items[i]);
        if (!node) {
            if (!is_reserved (name))
                import_note (self->import, self->import->top, self->root->keys[i]->line, "%s: %s", name,
                             gitlab_json (self, self->root->items[i]));
            continue;
        }
        self->jobs =
            arena_grow (self->arena, self->jobs, self->job_count, &self->job_capacity, sizeof (gitlab_job_t));
        gitlab_job_t *job = &self->jobs[self->job_count++];
        *job = (gitlab_job_t){.name = name, .node = node, .job = import_job (self->import, name)};
        if (job->job)
            place (self, job);
    }
}

static void set_events (gitlab_t *self)
{
    draft_t *on = self->import->on, *dispatch = draft_map (self->arena);
    self->pulls = memmem (self->text, self->size, "merge_request", 13) != NULL;
    draft_set (on, "push", draft_bare (self->arena, ""));
    if (self->pulls)
        draft_set (on, "pull_request", draft_bare (self->arena, ""));
    draft_set (on, "workflow_dispatch", draft_count (self->inputs) ? dispatch : draft_bare (self->arena, ""));
    if (draft_count (self->inputs))
        draft_set (dispatch, "inputs", self->inputs);
    if (memmem (self->text, self->size, "schedule", 8))
        import_note (self->import, self->import->top, 1,
                     "schedules are kept in GitLab's project: write `on: schedule` with their times");
}

static void set_variables (gitlab_t *self)
{
    const node_t *variables = node_get (self->root, "variables");
    for (size_t i = 0; variables && variables->kind == NODE_MAP && i < variables->count; i++) {
        bool known = true;
        const char *name = variables->keys[i]->text, *text = gitlab_value (variables->items[i]);
        text = text ? gitlab_text (self, NULL, text, &known) : NULL;
        if (text && known && import_is_variable (name))
            draft_set_text (self->import->env, name, text);
        else
            import_note (self->import, self->import->top, variables->keys[i]->line, "the variable %s: %s",
                         name, gitlab_json (self, variables->items[i]));
    }
}

static void note_includes (gitlab_t *self)
{
    static const char *const keys[] = {"include", "spec"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const node_t *node = node_get (self->root, keys[i]);
        for (size_t j = 0; node && j < (node->kind == NODE_LIST ? node->count : 1); j++) {
            const node_t *item = node->kind == NODE_LIST ? node->items[j] : node;
            import_note (self->import, self->import->top, item->line, "%s: %s", keys[i],
                         gitlab_json (self, item));
        }
    }
}

static void translate (gitlab_t *self)
{
    note_includes (self);
    if (memmem (self->text, self->size, "$[[", 3))
        import_note (self->import, self->import->top, 1,
                     "inputs of the file, $[[ inputs.NAME ]]: they are left as they are");
    set_variables (self);
    gitlab_workflow (self);
    find_stages (self);
    find_jobs (self);
    self->pulls = memmem (self->text, self->size, "merge_request", 13) != NULL;
    for (size_t i = 0; i < self->job_count && !self->import->error; i++) {
        gitlab_job_t *job = &self->jobs[i];
        set_needs (self, job);
        gitlab_conditions (self, job);
        gitlab_head (self, job);
        gitlab_steps (self, job);
    }
    set_events (self);
    import_variables (self->import, gitlab_variables, self->text, self->size);
}

fault_t import_gitlab (import_t *import, const char *text, size_t size)
{
    findings_t findings;
    node_t *root;
    findings_init (&findings, import->arena, import->file);
    fault_t fault = yaml_parse_foreign (import->arena, text, size, &findings, &root);
    if (fault != OK) {
        import->error = arena_printf (import->arena, "%d: %s", findings.count ? findings.items[0].line : 1,
                                      findings.count ? findings.items[0].message : "it cannot be read");
        return INVALID;
    }
    gitlab_t self = {.import = import,
                     .arena = import->arena,
                     .root = root,
                     .text = text,
                     .size = size,
                     .inputs = draft_map (import->arena)};
    if (root->kind != NODE_MAP) {
        import->error = "1: a pipeline is a map of jobs";
        return INVALID;
    }
    translate (&self);
    if (!import->error && import->job_count == 0)
        import->error = "1: there is no job in this file";
    return import->error ? INVALID : OK;
}
