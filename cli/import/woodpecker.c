/* woodpecker.c - a file of .woodpecker/: what is about all its steps. See woodpecker.h. */

#include "cli/import/woodpecker.h"

#include <string.h>

// Source: Woodpecker's "Environment variables".
const import_variable_t woodpecker_variables[] = {
    {"CI_COMMIT_AUTHOR", "github.actor"},
    {"CI_COMMIT_BRANCH", "github.base_ref || github.ref_name"},
    {"CI_COMMIT_MESSAGE", "github.event.head_commit.message"},
    {"CI_COMMIT_PULL_REQUEST", "github.event.pull_request.number"},
    {"CI_COMMIT_REF", "github.ref"},
    {"CI_COMMIT_SHA", "github.sha"},
    {"CI_COMMIT_SOURCE_BRANCH", "github.head_ref"},
    {"CI_COMMIT_TAG", "github.ref_type == 'tag' && github.ref_name || ''"},
    {"CI_COMMIT_TARGET_BRANCH", "github.base_ref"},
    {"CI_COMMIT_URL", "format('{0}/{1}/commit/{2}', github.server_url, github.repository, github.sha)"},
    {"CI_FORGE_URL", "github.server_url"},
    {"CI_PIPELINE_CREATED", NULL},
    {"CI_PIPELINE_EVENT",
     "github.ref_type == 'tag' && 'tag' || github.event_name == 'schedule' && 'cron' || github.event_name == "
     "'workflow_dispatch' && 'manual' || github.event_name"},
    {"CI_PIPELINE_NUMBER", "github.run_number"},
    {"CI_PIPELINE_STATUS", NULL},
    {"CI_PIPELINE_URL",
     "format('{0}/{1}/actions/runs/{2}', github.server_url, github.repository, github.run_id)"},
    {"CI_PREV_COMMIT_SHA", "github.event.before"},
    {"CI_REPO", "github.repository"},
    {"CI_REPO_CLONE_URL", "format('{0}/{1}.git', github.server_url, github.repository)"},
    {"CI_REPO_DEFAULT_BRANCH", "github.event.repository.default_branch"},
    {"CI_REPO_NAME", "github.event.repository.name"},
    {"CI_REPO_OWNER", "github.repository_owner"},
    {"CI_REPO_URL", "format('{0}/{1}', github.server_url, github.repository)"},
    {"CI_SYSTEM_NAME", "'woodpecker'"},
    {"CI_WORKFLOW_NAME", "github.workflow"},
    {"CI_WORKSPACE", "$GITHUB_WORKSPACE"},
    {NULL, NULL}};

const char *woodpecker_json (woodpecker_t *self, const node_t *node)
{
    if (node->weight > 100)
        return "...";
    const char *json = value_to_json (self->arena, node_value (self->arena, node), 0);
    size_t size = strlen (json);
    if (size <= 200)
        return json;
    for (size = 200; size && ((unsigned char) json[size] & 0xC0) == 0x80;)
        size--;
    return arena_printf (self->arena, "%.*s...", (int) size, json);
}

// ---- where it runs ----

static void set_labels (woodpecker_t *self)
{
    static const struct {
        const char *platform, *system, *processor;
    } platforms[] = {
        {"linux/amd64", "linux", "x64"}, {"linux/arm64", "linux", "arm64"}, {"linux/arm", "linux", "arm"}};
    const node_t *labels = node_get (self->root, "labels");
    draft_t *list = draft_list (self->arena);
    for (size_t i = 0; labels && labels->kind == NODE_MAP && i < labels->count; i++) {
        const char *text = woodpecker_text (self, labels->items[i]);
        bool known = false;
        for (size_t j = 0;
             strcmp (labels->keys[i]->text, "platform") == 0 && j < sizeof platforms / sizeof platforms[0];
             j++)
            if (strcmp (platforms[j].platform, text) == 0) {
                draft_add_text (list, platforms[j].system);
                draft_add_text (list, platforms[j].processor);
                known = true;
            }
        if (!known)
            import_note (self->import, self->job->head, labels->keys[i]->line, "the label %s: %s",
                         labels->keys[i]->text, woodpecker_json (self, labels->items[i]));
    }
    if (draft_count (list))
        draft_set (self->job->head, "runs-on", list);
    else
        draft_set_text (self->job->head, "runs-on", "self-hosted");
}

static draft_t *row_of (woodpecker_t *self, const node_t *map, draft_t *env)
{
    draft_t *row = draft_map (self->arena);
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        const char *name = map->keys[i]->text;
        if (!import_is_variable (name) || !node_is_scalar (map->items[i]))
            return NULL;
        draft_set_text (row, name, draft_escape (self->arena, node_text (self->arena, map->items[i])));
        draft_set_text (env, name, arena_printf (self->arena, "${{ matrix.%s }}", name));
    }
    return draft_count (row) ? row : NULL;
}

static bool add_axis (woodpecker_t *self, const node_t *key, const node_t *values, draft_t *matrix,
                      draft_t *env)
{
    draft_t *list = draft_list (self->arena);
    bool include = strcmp (key->text, "include") == 0;
    for (size_t i = 0; values->kind == NODE_LIST && i < values->count; i++) {
        draft_t *row = include ? row_of (self, values->items[i], env) : NULL;
        if (include && !row)
            return false;
        draft_add (list,
                   row ? row
                       : draft_text (self->arena,
                                     draft_escape (self->arena, node_text (self->arena, values->items[i]))));
    }
    if (!import_is_variable (key->text) || draft_count (list) == 0)
        return false;
    draft_set (matrix, key->text, list);
    if (!include)
        draft_set_text (env, key->text, arena_printf (self->arena, "${{ matrix.%s }}", key->text));
    return true;
}

static size_t cells_of (const node_t *matrix)
{
    size_t cells = 1;
    for (size_t i = 0; i < matrix->count && cells <= 256; i++)
        cells *= matrix->items[i]->kind == NODE_LIST && strcmp (matrix->keys[i]->text, "include") != 0
                     ? matrix->items[i]->count
                     : 1;
    return cells;
}

static void set_matrix (woodpecker_t *self, draft_t *env)
{
    draft_t *matrix = draft_map (self->arena), *strategy = draft_map (self->arena),
            *own = draft_map (self->arena);
    const node_t *node = node_get (self->root, "matrix");
    bool good = node && node->kind == NODE_MAP && node->count && cells_of (node) <= 256;
    for (size_t i = 0; good && i < node->count; i++)
        good = add_axis (self, node->keys[i], node->items[i], matrix, own);
    if (!node)
        return;
    if (!good) {
        import_note (self->import, self->job->head, node->line, "matrix: %s", woodpecker_json (self, node));
        return;
    }
    self->matrix = node;
    draft_set (strategy, "fail-fast", draft_bare (self->arena, "false"));
    draft_set (strategy, "matrix", matrix);
    draft_set (self->job->head, "strategy", strategy);
    draft_add_map (env, own);
}

// ---- the checkout ----

static void set_setting (woodpecker_t *self, const node_t *key, const node_t *value, draft_t *with)
{
    static const struct {
        const char *setting, *input;
    } inputs[] = {{"depth", "fetch-depth"}, {"lfs", "lfs"}, {"recursive", "submodules"}, {"path", "path"}};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (strcmp (inputs[i].setting, key->text) == 0 && node_is_scalar (value)) {
            draft_set_text (with, inputs[i].input,
                            draft_escape (self->arena, node_text (self->arena, value)));
            return;
        }
    if (strcmp (key->text, "tags") == 0 ||
        strcmp (key->text, "partial") == 0) // The builtin action fetches what it needs
        return;
    import_note (self->import, self->job->steps, key->line, "clone: %s: %s", key->text,
                 woodpecker_json (self, value));
}

static void add_checkout (woodpecker_t *self)
{
    const node_t *skip = node_get (self->root, "skip_clone"), *clone = node_get (self->root, "clone");
    if (skip && skip->kind == NODE_BOOL && skip->boolean)
        return;
    draft_t *with = draft_map (self->arena);
    for (size_t i = 0; clone && clone->count && i < clone->count; i++) {
        const node_t *settings = node_get (clone->items[i], "settings");
        if (i > 0 || !settings)
            import_note (self->import, self->job->steps, clone->items[i]->line, "clone: %s",
                         woodpecker_json (self, clone->items[i]));
        for (size_t j = 0; i == 0 && settings && settings->kind == NODE_MAP && j < settings->count; j++)
            set_setting (self, settings->keys[j], settings->items[j], with);
    }
    draft_t *step = import_checkout (self->import, self->job);
    if (draft_count (with))
        draft_set (step, "with", with);
}

// ---- the file ----

static void set_events (woodpecker_t *self, const char *text, size_t size)
{
    static const struct {
        const char *word, *event;
    } events[] = {{"release", "release"}, {"deployment", "deployment"}};
    draft_t *on = self->import->on;
    draft_set (on, "push", draft_bare (self->arena, ""));
    draft_set (on, "pull_request", draft_bare (self->arena, ""));
    draft_set (on, "workflow_dispatch", draft_bare (self->arena, ""));
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (memmem (text, size, events[i].word, strlen (events[i].word)))
            draft_set (on, events[i].event, draft_bare (self->arena, ""));
    if (memmem (text, size, "cron", 4))
        import_note (self->import, self->import->top, 1,
                     "cron jobs are kept in Woodpecker's repository: write `on: schedule` with their times");
}

static void note_others (woodpecker_t *self)
{
    static const char known[] = " steps pipeline when matrix services clone skip_clone labels variables ";
    for (size_t i = 0; i < self->root->count; i++)
        if (!strstr (known, arena_printf (self->arena, " %s ", self->root->keys[i]->text)))
            import_note (self->import, self->import->top, self->root->keys[i]->line, "%s: %s",
                         self->root->keys[i]->text, woodpecker_json (self, self->root->items[i]));
}

static void translate (woodpecker_t *self, const node_t *steps, const char *text, size_t size)
{
    draft_t *env = draft_map (self->arena);
    set_events (self, text, size);
    note_others (self);
    set_labels (self);
    const char *condition = woodpecker_when (self, node_get (self->root, "when"), false, self->job->head);
    if (condition)
        import_condition (self->import, self->job, condition);
    set_matrix (self, env);
    woodpecker_services (self, node_get (self->root, "services"));
    add_checkout (self);
    woodpecker_steps (self, steps);
    if (self->image)
        draft_set_text (self->job->head, "container", self->image);
    if (draft_count (env))
        draft_set (self->job->head, "env", env);
    for (const import_variable_t *row = woodpecker_variables; self->plugins && row->name; row++)
        if (row->expression && *row->expression != '$') // A plugin may read any of them
            import_variables (self->import, woodpecker_variables, row->name, strlen (row->name));
    import_variables (self->import, woodpecker_variables, text, size);
}

fault_t import_woodpecker (import_t *import, const char *text, size_t size)
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
    const node_t *steps = node_get (root, "steps");
    if (!steps) // As it was called before 1.0
        steps = node_get (root, "pipeline");
    if (!steps || (steps->kind != NODE_LIST && steps->kind != NODE_MAP) || steps->count == 0) {
        import->error = "1: there are no steps in this file";
        return INVALID;
    }
    woodpecker_t self = {
        .import = import, .arena = import->arena, .root = root, .job = import_job (import, "pipeline")};
    translate (&self, steps, text, size);
    return import->error ? INVALID : OK;
}
