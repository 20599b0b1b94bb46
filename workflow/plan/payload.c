/* payload.c - see payload.h: an event is a row in each of these tables, or what comes after them. */

#include "workflow/plan/payload.h"

#include "common/base/commit_id.h"
#include "workflow/expression/text.h"

#include <stdbool.h>
#include <string.h>

typedef struct {
    const char *event;
    const char *object; // NULL: the payload itself
    const char *key;
    const char *before, *after; // What makes a ref of it
} source_t;

static const source_t refs[] = {
    {"push", NULL, "ref", "refs/heads/", ""},
    {"create", NULL, "ref", "refs/heads/", ""},
    {"workflow_dispatch", NULL, "ref", "refs/heads/", ""},
    {"deployment", "deployment", "ref", "refs/heads/", ""},
    {"deployment_status", "deployment", "ref", "refs/heads/", ""},
    {"merge_group", "merge_group", "head_ref", "refs/heads/", ""},
    {"release", "release", "tag_name", "refs/tags/", ""},
    {"pull_request", "pull_request", "number", "refs/pull/", "/merge"},
    {"pull_request_review", "pull_request", "number", "refs/pull/", "/merge"},
    {"pull_request_review_comment", "pull_request", "number", "refs/pull/", "/merge"},
};

static const source_t filtered[] = {
    {"pull_request", "pull_request", "base", "refs/heads/", ""},
    {"pull_request_target", "pull_request", "base", "refs/heads/", ""},
    {"merge_group", "merge_group", "base_ref", "refs/heads/", ""},
    {"workflow_run", "workflow_run", "head_branch", "refs/heads/", ""},
};

static const source_t titles[] = {
    {"push", "head_commit", "message", "", ""},
    {"pull_request", "pull_request", "title", "", ""},
    {"pull_request_target", "pull_request", "title", "", ""},
    {"pull_request_review", "pull_request", "title", "", ""},
    {"pull_request_review_comment", "pull_request", "title", "", ""},
    {"issues", "issue", "title", "", ""},
    {"issue_comment", "issue", "title", "", ""},
    {"discussion", "discussion", "title", "", ""},
    {"discussion_comment", "discussion", "title", "", ""},
    {"release", "release", "name", "", ""},
};

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

// The text that the event's row points to; a branch may also be an object with a ref. "" for none.
static const char *find (arena_t *arena, const source_t *rows, size_t count, const char *event,
                         const value_t *payload, const source_t **row)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp (rows[i].event, event) != 0)
            continue;
        const value_t *object = rows[i].object ? value_get (payload, rows[i].object) : payload;
        const value_t *value = value_get (object, rows[i].key);
        if (value && value->kind == VALUE_OBJECT)
            value = value_get (value, "ref");
        *row = &rows[i];
        return value && value->kind != VALUE_OBJECT && value->kind != VALUE_ARRAY
                   ? value_to_text (arena, value)
                   : "";
    }
    return "";
}

static const char *ref_from (arena_t *arena, const source_t *row, const char *name, const value_t *payload)
{
    if (strncmp (name, "refs/", 5) == 0)
        return name;
    bool tag = strcmp (value_get_text (payload, "ref_type"), "tag") == 0; // Of create
    return arena_printf (arena, "%s%s%s", tag ? "refs/tags/" : row->before, name, row->after);
}

const char *payload_ref (arena_t *arena, const char *event, const value_t *payload)
{
    const source_t *row = NULL;
    const char *name = find (arena, refs, COUNT (refs), event, payload, &row);
    if (*name)
        return ref_from (arena, row, name, payload);
    const char *branch = value_get_text (value_get (payload, "repository"), "default_branch");
    return *branch ? arena_printf (arena, "refs/heads/%s", branch) : "";
}

static const struct {
    const char *event, *object, *key;
} commits[] = {
    {"push", NULL, "after"},
    {"merge_group", "merge_group", "head_sha"},
    {"deployment", "deployment", "sha"},
    {"deployment_status", "deployment", "sha"},
};

// Its merge is what runs, and its ref "refs/pull/7/merge".
static bool is_of_merge (const char *event)
{
    for (size_t i = 0; i < COUNT (refs); i++)
        if (strcmp (refs[i].event, event) == 0)
            return *refs[i].after != '\0';
    return false;
}

static const char *commit_at (const value_t *payload, const char *object, const char *inner, const char *key)
{
    const value_t *at = object ? value_get (payload, object) : payload;
    const char *text = value_get_text (inner ? value_get (at, inner) : at, key);
    bool zeros = !text[strspn (text, "0")]; // They stand for no commit, where a ref was made or removed
    return commit_id_is (text) && !zeros ? text : "";
}

const char *payload_head (const char *event, const value_t *payload)
{
    return is_of_merge (event) ? commit_at (payload, "pull_request", "head", "sha") : "";
}

const char *payload_before (const char *event, const value_t *payload)
{
    if (strcmp (event, "push") == 0)
        return value_get_text (payload, "before");
    return is_of_merge (event) ? commit_at (payload, "pull_request", "base", "sha") : "";
}

payload_target_t payload_shown_at (arena_t *arena, const char *event, const value_t *payload)
{
    bool of_pull = is_of_merge (event) || strcmp (event, "pull_request_target") == 0;
    const char *sha = of_pull ? commit_at (payload, "pull_request", "head", "sha") : "";
    const char *branch = value_get_text (value_get (value_get (payload, "pull_request"), "head"), "ref");
    return (payload_target_t){*sha && *branch ? arena_printf (arena, "refs/heads/%s", branch) : "", sha};
}

static size_t merge_targets (arena_t *arena, const char *merge, const char *event, const value_t *payload,
                             payload_target_t out[PAYLOAD_TARGETS])
{
    const char *head = payload_head (event, payload);
    const char *branch = value_get_text (value_get (value_get (payload, "pull_request"), "head"), "ref");
    int number = (int) (strlen (merge) - strlen ("merge"));
    size_t count = 0;
    out[count++] = (payload_target_t){merge, ""};
    out[count++] = (payload_target_t){arena_printf (arena, "%.*shead", number, merge), head};
    if (*branch && *head) // By its name alone a fork's branch could be another one here
        out[count++] = (payload_target_t){arena_printf (arena, "refs/heads/%s", branch), head};
    return count;
}

size_t payload_targets (arena_t *arena, const char *event, const value_t *payload,
                        payload_target_t out[PAYLOAD_TARGETS])
{
    const source_t *row = NULL;
    const char *name = find (arena, refs, COUNT (refs), event, payload, &row), *sha = "";
    const char *ref = *name ? ref_from (arena, row, name, payload) : "";
    if (*ref && is_of_merge (event))
        return merge_targets (arena, ref, event, payload, out);
    for (size_t i = 0; i < COUNT (commits); i++)
        if (strcmp (commits[i].event, event) == 0)
            sha = commit_at (payload, commits[i].object, NULL, commits[i].key);
    out[0] = (payload_target_t){ref, sha};
    return 1;
}

const char *payload_filter_ref (arena_t *arena, const char *event, const char *ref, const value_t *payload)
{
    const source_t *row = NULL;
    const char *name = find (arena, filtered, COUNT (filtered), event, payload, &row);
    return *name ? ref_from (arena, row, name, payload) : ref;
}

const char *payload_title (arena_t *arena, const char *event, const value_t *payload)
{
    const source_t *row = NULL;
    const char *title = find (arena, titles, COUNT (titles), event, payload, &row);
    return arena_strndup (arena, title, text_cut (title, strcspn (title, "\r\n"), PAYLOAD_TITLE));
}

const value_t *payload_inputs (arena_t *arena, const value_t *inputs)
{
    value_t *texts = value_object (arena);
    for (size_t i = 0; i < inputs->list.count; i++)
        value_set (arena, texts, inputs->list.keys[i],
                   value_string (arena, value_to_text (arena, inputs->list.items[i])));
    return texts;
}
