/* gitlab_job.c - where a job runs: tags, image, services, variables, matrix, environment; and its scripts. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 200 // Of a matrix, as GitLab has it

static void note_key (gitlab_t *self, const gitlab_job_t *job, const node_t *node, const char *key)
{
    import_note (self->import, job->job->head, node->line, "%s: %s", key, gitlab_json (self, node));
}

// A text with its variables, for a place where what is unknown is noted; NULL then.
static const char *text_at (gitlab_t *self, const gitlab_job_t *job, const node_t *node, const char *what)
{
    bool known = false;
    const char *text = node && node_is_scalar (node)
                           ? gitlab_text (self, job->node, node_text (self->arena, node), &known)
                           : "";
    if (node && (!known || !*text || strchr (text, '\n')))
        note_key (self, job, node, what);
    return known && *text && !strchr (text, '\n') ? text : NULL;
}

static void set_runner (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *tags = gitlab_key (self, job->node, "tags");
    draft_t *list = draft_list (self->arena);
    for (size_t i = 0; tags && tags->kind == NODE_LIST && i < tags->count; i++) {
        const char *tag = text_at (self, job, tags->items[i], "tags");
        if (tag)
            draft_add_text (list, tag);
    }
    if (draft_count (list))
        draft_set (job->job->head, "runs-on", list);
    else
        draft_set_text (job->job->head, "runs-on", "self-hosted");
}

// ---- containers ----

static const node_t *name_of (const node_t *node)
{
    return node->kind == NODE_MAP ? node_get (node, "name") : node;
}

// [""] only takes the image's own away, which a job's container does anyway.
static bool is_empty_entrypoint (const node_t *entrypoint)
{
    return entrypoint->kind == NODE_LIST && entrypoint->count == 1 && !*entrypoint->items[0]->text;
}

static void set_image (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *image = gitlab_key (self, job->node, "image");
    const node_t *entrypoint = image ? node_get (image, "entrypoint") : NULL;
    const char *name = image && name_of (image) ? text_at (self, job, name_of (image), "image") : NULL;
    if (name)
        draft_set_text (job->job->head, "container", name);
    if (entrypoint && !is_empty_entrypoint (entrypoint))
        note_key (self, job, entrypoint, "entrypoint of the image");
}

// GitLab's host names: registry/group/postgres:13 is reached as group-postgres too; we take the last part.
static const char *host_of (gitlab_t *self, const node_t *service, const char *image)
{
    const node_t *alias = node_get (service, "alias");
    if (alias && node_is_scalar (alias) && *alias->text)
        return import_name (self->arena, alias->text);
    const char *slash = strrchr (image, '/'), *base = slash ? slash + 1 : image;
    return import_name (self->arena, arena_strndup (self->arena, base, strcspn (base, ":@")));
}

static const char *args_of (gitlab_t *self, const node_t *node)
{
    if (node->kind != NODE_LIST)
        return draft_escape (self->arena, node->text);
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (size_t i = 0; i < node->count; i++)
        buffer_printf (out, "%s%s", i ? " " : "", node_text (self->arena, node->items[i]));
    return draft_escape (self->arena, import_taken (self->import, node->line, &out));
}

static draft_t *service_draft (gitlab_t *self, gitlab_job_t *job, const node_t *service, const char *image)
{
    draft_t *map = draft_map (self->arena), *env = draft_map (self->arena);
    const node_t *variables = node_get (service, "variables");
    draft_set_text (map, "image", image);
    for (size_t i = 0; i < 2 && service->kind == NODE_MAP; i++) {
        const char *key = i ? "entrypoint" : "command";
        if (node_get (service, key))
            draft_set_text (map, key, args_of (self, node_get (service, key)));
    }
    // A service has all variables of its job: those that its image may read are those with its name in them
    const node_t *maps[] = {node_get (self->root, "variables"), node_get (job->node, "variables"), variables};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; maps[i] && maps[i]->kind == NODE_MAP && j < maps[i]->count; j++) {
            bool known;
            const char *text = gitlab_value (maps[i]->items[j]);
            text = text ? gitlab_text (self, job->node, text, &known) : NULL;
            if (text && known && import_is_variable (maps[i]->keys[j]->text))
                draft_set_text (env, maps[i]->keys[j]->text, text);
        }
    if (draft_count (env))
        draft_set (map, "env", env);
    return map;
}

static void set_services (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *services = gitlab_key (self, job->node, "services");
    draft_t *map = draft_map (self->arena);
    for (size_t i = 0; services && services->kind == NODE_LIST && i < services->count; i++) {
        const node_t *service = services->items[i], *name = name_of (service);
        const char *image = name ? text_at (self, job, name, "service") : NULL;
        if (image && strstr (image, "docker:") == image)
            note_key (self, job, service, "a service that is an engine of containers");
        else if (image)
            draft_set (map, host_of (self, service, image), service_draft (self, job, service, image));
    }
    if (draft_count (map))
        draft_set (job->job->head, "services", map);
}

// ---- variables ----

static void set_variables (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *variables = node_get (job->node, "variables");
    draft_t *env = draft_map (self->arena);
    for (size_t i = 0; variables && variables->kind == NODE_MAP && i < variables->count; i++) {
        bool known = true;
        const char *name = variables->keys[i]->text, *text = gitlab_value (variables->items[i]);
        text = text ? gitlab_text (self, job->node, text, &known) : NULL;
        if (!text || !known || !import_is_variable (name))
            note_key (self, job, variables->items[i], arena_printf (self->arena, "the variable %s", name));
        else
            draft_set_text (env, name, text);
    }
    if (draft_count (env))
        draft_set (job->job->head, "env", env);
}

// ---- parallel ----

// Rows of one map of the matrix: all combinations of its lists.
static bool add_rows (gitlab_t *self, draft_t *include, const node_t *row, draft_t *env)
{
    size_t count = 1;
    for (size_t i = 0; i < row->count; i++) {
        const node_t *values = row->items[i];
        size_t size = values->kind == NODE_LIST ? values->count : 1;
        if (!import_is_variable (row->keys[i]->text) || values->kind == NODE_MAP || size == 0 ||
            count * size > CELLS_MAX)
            return false;
        count *= size;
    }
    if (draft_count (include) + count > CELLS_MAX)
        return false;
    for (size_t cell = 0; cell < count; cell++) {
        draft_t *map = draft_map (self->arena);
        for (size_t i = 0, rest = cell; i < row->count; i++) {
            const node_t *values = row->items[i];
            size_t size = values->kind == NODE_LIST ? values->count : 1;
            const node_t *value = values->kind == NODE_LIST ? values->items[rest % size] : values;
            draft_set_text (map, row->keys[i]->text,
                            draft_escape (self->arena, node_text (self->arena, value)));
            draft_set_text (env, row->keys[i]->text,
                            arena_printf (self->arena, "${{ matrix.%s }}", row->keys[i]->text));
            rest /= size;
        }
        draft_add (include, map);
    }
    return true;
}

static bool set_matrix (gitlab_t *self, gitlab_job_t *job, const node_t *rows)
{
    draft_t *include = draft_list (self->arena), *matrix = draft_map (self->arena),
            *strategy = draft_map (self->arena);
    draft_t *env = draft_get (job->job->head, "env");
    if (!env)
        env = draft_map (self->arena);
    for (size_t i = 0; rows->kind == NODE_LIST && i < rows->count; i++)
        if (rows->items[i]->kind != NODE_MAP || !add_rows (self, include, rows->items[i], env))
            return false;
    if (draft_count (include) == 0)
        return false;
    draft_set (matrix, "include", include);
    draft_set (strategy, "fail-fast", draft_bare (self->arena, "false"));
    draft_set (strategy, "matrix", matrix);
    draft_set (job->job->head, "strategy", strategy);
    draft_set (job->job->head, "env", env);
    return true;
}

// parallel: N, whose jobs know which of them they are.
static bool set_count (gitlab_t *self, gitlab_job_t *job, const node_t *parallel)
{
    long count = strtol (parallel->text, NULL, 10);
    draft_t *list = draft_list (self->arena), *matrix = draft_map (self->arena),
            *strategy = draft_map (self->arena);
    draft_t *env = draft_get (job->job->head, "env");
    if (parallel->kind != NODE_NUMBER || count < 1 || count > CELLS_MAX)
        return false;
    for (long i = 1; i <= count; i++)
        draft_add (list, draft_bare (self->arena, arena_printf (self->arena, "%ld", i)));
    draft_set (matrix, "index", list);
    draft_set (strategy, "fail-fast", draft_bare (self->arena, "false"));
    draft_set (strategy, "matrix", matrix);
    draft_set (job->job->head, "strategy", strategy);
    if (!env)
        env = draft_map (self->arena);
    draft_set_text (env, "CI_NODE_INDEX", "${{ matrix.index }}");
    draft_set_text (env, "CI_NODE_TOTAL", arena_printf (self->arena, "%ld", count));
    draft_set (job->job->head, "env", env);
    return true;
}

static void set_parallel (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *parallel = gitlab_key (self, job->node, "parallel"),
                 *matrix = node_get (parallel, "matrix");
    if (parallel && !(matrix ? set_matrix (self, job, matrix) : set_count (self, job, parallel)))
        note_key (self, job, parallel, "parallel");
}

// ---- others ----

static void set_environment (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *environment = gitlab_key (self, job->node, "environment");
    draft_t *map = draft_map (self->arena);
    const char *name = environment && name_of (environment)
                           ? text_at (self, job, name_of (environment), "environment")
                           : NULL;
    const node_t *url = node_get (environment, "url");
    if (!name)
        return;
    draft_set_text (map, "name", name);
    const char *address = url ? text_at (self, job, url, "url of the environment") : NULL;
    if (address)
        draft_set_text (map, "url", address);
    draft_set (job->job->head, "environment", map);
    for (size_t i = 0; environment->kind == NODE_MAP && i < environment->count; i++)
        if (!strstr (" name url deployment_tier ",
                     arena_printf (self->arena, " %s ", environment->keys[i]->text)))
            note_key (self, job, environment->items[i],
                      arena_printf (self->arena, "environment: %s", environment->keys[i]->text));
}

static void set_others (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *timeout = gitlab_key (self, job->node, "timeout"),
                 *retry = gitlab_key (self, job->node, "retry");
    const node_t *group = gitlab_key (self, job->node, "resource_group");
    const char *minutes = timeout && node_is_scalar (timeout)
                              ? gitlab_minutes (self->arena, node_text (self->arena, timeout), 1)
                              : NULL;
    if (minutes)
        draft_set (job->job->head, "timeout-minutes", draft_bare (self->arena, minutes));
    else if (timeout)
        note_key (self, job, timeout, "timeout");
    if (retry && strcmp (retry->text, "0") != 0)
        note_key (self, job, retry, "retry; the job runs once");
    const char *name = group ? text_at (self, job, group, "resource_group") : NULL;
    if (name) {
        draft_t *map = draft_map (self->arena);
        draft_set_text (map, "group", name);
        draft_set_text (map, "queue", "max");
        draft_set (job->job->head, "concurrency", map);
    }
}

static void note_others (gitlab_t *self, gitlab_job_t *job)
{
    static const char known[] =
        " after_script allow_failure artifacts before_script cache dependencies environment except extends image inherit "
        "needs only parallel resource_group retry rules script services stage tags timeout variables when ";
    for (size_t i = 0; i < job->node->count; i++)
        if (!strstr (known, arena_printf (self->arena, " %s ", job->node->keys[i]->text)))
            note_key (self, job, job->node->items[i], job->node->keys[i]->text);
}

void gitlab_head (gitlab_t *self, gitlab_job_t *job)
{
    set_runner (self, job);
    set_image (self, job);
    set_services (self, job);
    set_variables (self, job);
    set_parallel (self, job);
    set_environment (self, job);
    set_others (self, job);
    note_others (self, job);
}

void gitlab_steps (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *node = job->node;
    const char *before = gitlab_lines (self, gitlab_key (self, node, "before_script"));
    const char *script = gitlab_lines (self, gitlab_key (self, node, "script"));
    const char *after = gitlab_lines (self, gitlab_key (self, node, "after_script"));
    import_checkout (self->import, job->job);
    gitlab_download (self, job);
    gitlab_cache (self, job);
    if (*script) // One shell runs both, and what the first sets the second has
        draft_add (job->job->steps, import_run (self->arena, NULL,
                                                draft_escape (self->arena, arena_printf (self->arena, "%s%s",
                                                                                         before, script))));
    else
        draft_add (job->job->steps, import_run (self->arena, "Nothing of this job was translated", "exit 1"));
    if (*after) {
        draft_t *step = draft_map (self->arena);
        draft_set_text (step, "name", "after_script");
        draft_set_text (step, "if", "${{ always() }}");
        draft_set_text (step, "run", draft_escape (self->arena, after));
        draft_add (job->job->steps, step);
    }
    gitlab_artifacts (self, job);
}
