/* gitlab_files.c - `cache` and `artifacts` of a job, and those of others that it downloads. See gitlab.h. */

#include "cli/import/gitlab.h"

#include <string.h>

#define CACHES 4 // Of a job, as GitLab has it

static const char *list_lines (gitlab_t *self, const gitlab_job_t *job, const node_t *list,
                               const char *prefix, bool *known)
{
    buffer_t *out = buffer_new (DRAFT_MAX);
    size_t count = list && list->kind == NODE_LIST ? list->count : list ? 1 : 0;
    *known = true;
    for (size_t i = 0; i < count; i++) {
        bool one;
        const node_t *item = list->kind == NODE_LIST ? list->items[i] : list;
        const char *text = gitlab_text (self, job->node, node_text (self->arena, item), &one);
        *known = *known && one;
        if (*text && !strchr (text, '\n'))
            buffer_printf (out, "%s%s%s", buffer_size (out) ? "\n" : "", prefix, text);
    }
    return import_taken (self->import, list ? list->line : 1, &out);
}

// ---- cache ----

// The names of files whose content decides the key.
static const char *hash_of (gitlab_t *self, const node_t *files)
{
    buffer_t *out = buffer_new (DRAFT_MAX);
    for (size_t i = 0; files->kind == NODE_LIST && i < files->count; i++)
        buffer_printf (out, "%s%s", i ? ", " : "", draft_literal (self->arena, files->items[i]->text));
    const char *names = import_taken (self->import, files->line, &out);
    return *names ? arena_printf (self->arena, "${{ hashFiles(%s) }}", names) : NULL;
}

typedef struct {
    const char *key;
    bool exact; // Named after content: else each run writes a new one, and reads the newest
    bool known;
} cache_key_t;

// A comma would begin another key.
static bool is_key (const char *key)
{
    return !strpbrk (key, "\r\n") && (!strchr (key, ',') || strstr (key, "${{"));
}

static cache_key_t cache_key (gitlab_t *self, const gitlab_job_t *job, const node_t *key)
{
    cache_key_t out = {.key = "default", .known = true};
    if (key && key->kind == NODE_MAP) {
        const node_t *files = node_get (key, "files"), *prefix = node_get (key, "prefix");
        const char *hash = files ? hash_of (self, files) : NULL;
        const char *begin = prefix ? gitlab_text (self, job->node, prefix->text, &out.known) : "";
        out.exact = hash != NULL;
        out.known = out.known && hash;
        out.key = hash ? arena_printf (self->arena, "%s%s%s", begin, *begin ? "-" : "", hash) : "default";
    } else if (key && node_is_scalar (key) && *key->text)
        out.key = gitlab_text (self, job->node, node_text (self->arena, key), &out.known);
    out.known = out.known && (out.exact || is_key (out.key));
    return out;
}

static void add_cache (gitlab_t *self, gitlab_job_t *job, const node_t *cache)
{
    bool known;
    const node_t *policy = node_get (cache, "policy");
    const char *paths = list_lines (self, job, node_get (cache, "paths"), "", &known);
    cache_key_t key = cache_key (self, job, node_get (cache, "key"));
    bool pull = policy && strcmp (policy->text, "pull") == 0;
    draft_t *step = import_uses (self->arena, NULL, pull ? "actions/cache/restore@v4" : "actions/cache@v4"),
            *with = draft_map (self->arena);
    if (!*paths || !known || !key.known) {
        import_note (self->import, job->job->steps, cache->line, "cache: %s", gitlab_json (self, cache));
        return;
    }
    for (size_t i = 0; i < cache->count; i++)
        if (!strstr (" paths key policy ", arena_printf (self->arena, " %s ", cache->keys[i]->text)))
            import_note (self->import, job->job->steps, cache->keys[i]->line, "cache: %s: %s",
                         cache->keys[i]->text, gitlab_json (self, cache->items[i]));
    draft_set_text (with, "path", paths);
    draft_set_text (with, "key",
                    key.exact ? key.key : arena_printf (self->arena, "%s-${{ github.run_id }}", key.key));
    if (!key.exact)
        draft_set_text (with, "restore-keys", arena_printf (self->arena, "%s-", key.key));
    draft_set (step, "with", with);
    draft_add (job->job->steps, step);
}

void gitlab_cache (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *cache = gitlab_key (self, job->node, "cache");
    if (!cache || (cache->kind != NODE_LIST && cache->kind != NODE_MAP))
        return;
    for (size_t i = 0; i < (cache->kind == NODE_LIST ? cache->count : 1) && i < CACHES; i++) {
        const node_t *one = cache->kind == NODE_LIST ? cache->items[i] : cache;
        if (one->kind == NODE_MAP && one->count)
            add_cache (self, job, one);
    }
}

// ---- artifacts ----

static const char *days_of (gitlab_t *self, const node_t *artifacts)
{
    const node_t *expire = node_get (artifacts, "expire_in");
    return expire && node_is_scalar (expire)
               ? gitlab_minutes (self->arena, node_text (self->arena, expire), 1440)
               : NULL;
}

static const char *end_condition (const node_t *artifacts)
{
    const node_t *when = node_get (artifacts, "when");
    if (when && strcmp (when->text, "always") == 0)
        return "${{ always() }}";
    return when && strcmp (when->text, "on_failure") == 0 ? "${{ failure() }}" : NULL;
}

// A matrix has an artifact for each of its cells.
static const char *artifact_name (const gitlab_t *self, const gitlab_job_t *job, const char *cell)
{
    bool cells = draft_get (job->job->head, "strategy") != NULL;
    return arena_printf (self->arena, "files.%s.%s", job->job->id, cells ? cell : "0");
}

static void add_upload (gitlab_t *self, gitlab_job_t *job, const node_t *artifacts)
{
    bool known, without;
    const char *paths = list_lines (self, job, node_get (artifacts, "paths"), "", &known),
               *condition = end_condition (artifacts);
    const char *not = list_lines (self, job, node_get (artifacts, "exclude"), "!", &without),
               *days = days_of (self, artifacts);
    draft_t *step = draft_map (self->arena), *with = draft_map (self->arena);
    if (!*paths)
        return;
    if (!known || !without)
        import_note (self->import, job->job->steps, artifacts->line, "variables in the paths of artifacts");
    if (condition)
        draft_set_text (step, "if", condition);
    draft_set_text (step, "uses", "actions/upload-artifact@v4");
    draft_set_text (with, "name", artifact_name (self, job, "${{ strategy.job-index }}"));
    // The last one makes their common folder the workspace, so that they come back to where they were
    draft_set_text (with, "path",
                    arena_printf (self->arena, "%s%s%s\n.workspace", paths, *not ? "\n" : "", not ));
    if (days)
        draft_set (with, "retention-days", draft_bare (self->arena, days));
    draft_set (step, "with", with);
    draft_add (job->job->steps, step);
    job->files = true;
}

static void add_reports (gitlab_t *self, gitlab_job_t *job, const node_t *reports)
{
    for (size_t i = 0; reports && reports->kind == NODE_MAP && i < reports->count; i++) {
        bool known;
        const char *script = list_lines (self, job, reports->items[i], "", &known);
        // What a variable holds may be anyone's, as a branch's name is: it must not become part of a script
        bool junit = strcmp (reports->keys[i]->text, "junit") == 0 && known && *script &&
                     !strpbrk (script, "'%") && !template_has_expression (script);
        if (!junit) {
            import_note (self->import, job->job->steps, reports->keys[i]->line, "reports: %s: %s",
                         reports->keys[i]->text, gitlab_json (self, reports->items[i]));
            continue;
        }
        buffer_t *lines = buffer_new (DRAFT_MAX);
        for (const char *p = script; *p;) {
            size_t size = strcspn (p, "\n");
            buffer_printf (lines, "echo '::report file=%.*s::'\n", (int) size, p);
            p += size + (p[size] == '\n');
        }
        draft_t *step = draft_map (self->arena);
        draft_set_text (step, "name", "Test reports");
        draft_set_text (step, "if", "${{ always() }}");
        draft_set_text (step, "run", import_taken (self->import, reports->line, &lines));
        draft_add (job->job->steps, step);
    }
}

void gitlab_artifacts (gitlab_t *self, gitlab_job_t *job)
{
    const node_t *artifacts = gitlab_key (self, job->node, "artifacts");
    if (!artifacts || artifacts->kind != NODE_MAP)
        return;
    add_upload (self, job, artifacts);
    add_reports (self, job, node_get (artifacts, "reports"));
    for (size_t i = 0; i < artifacts->count; i++)
        if (!strstr (" paths exclude expire_in when reports name expose_as ",
                     arena_printf (self->arena, " %s ", artifacts->keys[i]->text)))
            import_note (self->import, job->job->steps, artifacts->keys[i]->line, "artifacts: %s: %s",
                         artifacts->keys[i]->text, gitlab_json (self, artifacts->items[i]));
}

// ---- what it downloads ----

// Is it among those that `dependencies` or `needs` name? Without them: all of earlier stages.
static bool wants (gitlab_t *self, const gitlab_job_t *job, const gitlab_job_t *other)
{
    const node_t *named = gitlab_key (self, job->node, "dependencies");
    bool dependencies = named != NULL;
    if (!named)
        named = gitlab_key (self, job->node, "needs");
    if (!named)
        return other->stage_at < job->stage_at;
    for (size_t i = 0; named->kind == NODE_LIST && i < named->count; i++) {
        const node_t *item = named->items[i], *name = item->kind == NODE_MAP ? node_get (item, "job") : item;
        const node_t *files = item->kind == NODE_MAP ? node_get (item, "artifacts") : NULL;
        if (name && strcmp (name->text, other->name) == 0)
            return dependencies || !files || files->kind != NODE_BOOL || files->boolean;
    }
    return false;
}

static bool leaves_files (gitlab_t *self, const gitlab_job_t *job)
{
    const node_t *artifacts = gitlab_key (self, job->node, "artifacts"),
                 *paths = node_get (artifacts, "paths");
    return paths && paths->kind == NODE_LIST && paths->count > 0;
}

void gitlab_download (gitlab_t *self, gitlab_job_t *job)
{
    for (size_t i = 0; i < self->job_count; i++) {
        gitlab_job_t *other = &self->jobs[i];
        if (other == job || !other->job || !wants (self, job, other) || !leaves_files (self, other))
            continue;
        draft_t *step = import_uses (self->arena, NULL, "actions/download-artifact@v4"),
                *with = draft_map (self->arena);
        draft_set_text (with, "pattern", arena_printf (self->arena, "files.%s.*", other->job->id));
        draft_set (with, "merge-multiple", draft_bare (self->arena, "true"));
        draft_set (step, "with", with);
        draft_add (job->job->steps, step);
    }
}
