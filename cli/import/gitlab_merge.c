/* gitlab_merge.c - `extends` and `!reference`, written out. See gitlab.h.
 *
 * Source: GitLab's "CI/CD YAML syntax reference". extends merges maps deeply and replaces all else, later ones over earlier ones; up to ten
 * levels, as GitLab has it. */

#include "cli/import/gitlab.h"

#include <string.h>

#define LEVELS    10     // Of extends, and of !reference
#define NODES_MAX 200000 // That may be written out
#define JSON_MAX  200    // Bytes of a value in a comment

static node_t *node_new (gitlab_t *self, const node_t *like, node_kind_t kind)
{
    node_t *node = arena_alloc (self->arena, sizeof (*node));
    *node = *like;
    node->kind = kind;
    node->items = node->keys = NULL;
    node->count = 0;
    self->nodes++;
    return node;
}

static void put (gitlab_t *self, node_t *node, size_t *capacity, node_t *key, node_t *item)
{
    size_t before = *capacity;
    node->items = arena_grow (self->arena, node->items, node->count, capacity, sizeof (node_t *));
    node->keys = arena_grow (self->arena, node->keys, node->count, &before, sizeof (node_t *));
    node->keys[node->count] = key;
    node->items[node->count++] = item;
    self->nodes++;
}

static size_t place_of (const node_t *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp (map->keys[i]->text, key) == 0)
            return i;
    return map->count;
}

static node_t *merge (gitlab_t *self, const node_t *under, const node_t *over)
{
    node_t *out = node_new (self, over, NODE_MAP);
    size_t capacity = 0;
    for (size_t i = 0; i < under->count && self->nodes < NODES_MAX; i++)
        put (self, out, &capacity, under->keys[i], under->items[i]);
    for (size_t i = 0; i < over->count && self->nodes < NODES_MAX; i++) {
        size_t at = place_of (out, over->keys[i]->text);
        node_t *item = over->items[i];
        if (at == out->count)
            put (self, out, &capacity, over->keys[i], item);
        else if (item->kind == NODE_MAP && out->items[at]->kind == NODE_MAP)
            out->items[at] = merge (self, out->items[at], item);
        else
            out->items[at] = item;
    }
    return out;
}

static const node_t *extended (gitlab_t *self, const node_t *job, size_t level)
{
    const node_t *extends = node_get (job, "extends");
    if (!extends || job->kind != NODE_MAP)
        return job->kind == NODE_MAP ? job : NULL;
    node_t *base = node_new (self, job, NODE_MAP);
    size_t count = extends->kind == NODE_LIST ? extends->count : 1;
    for (size_t i = 0; i < count; i++) {
        const node_t *name = extends->kind == NODE_LIST ? extends->items[i] : extends;
        const node_t *other = node_get (self->root, name->text);
        const node_t *whole =
            other && level < LEVELS && self->nodes < NODES_MAX ? extended (self, other, level + 1) : NULL;
        if (whole)
            base = merge (self, base, whole);
        else
            import_note (self->import, self->import->top, name->line, "extends: \"%s\" is not in this file",
                         name->text);
    }
    return merge (self, base, job);
}

const node_t *gitlab_job_node (gitlab_t *self, const node_t *job)
{
    return extended (self, job, 0);
}

static const node_t *referred (gitlab_t *self, const node_t *node)
{
    const node_t *at = self->root;
    for (size_t i = 0; i < node->count && at; i++) {
        const node_t *whole = i == 1 ? gitlab_job_node (self, at) : at;
        at = whole ? node_get (whole, node->items[i]->text) : NULL;
    }
    if (!at)
        import_note (self->import, self->import->top, node->line, "!reference %s is not in this file",
                     gitlab_json (self, node));
    return at;
}

static bool is_reference (const node_t *node)
{
    return node->kind == NODE_LIST && node->tag && strcmp (node->tag, "!reference") == 0;
}

static const node_t *resolved (gitlab_t *self, const node_t *node, size_t level);

// A list takes the items of the lists that it refers to.
static void resolve_item (gitlab_t *self, const node_t *node, size_t at, node_t *out, size_t *capacity,
                          size_t level)
{
    bool spread = node->kind == NODE_LIST && is_reference (node->items[at]);
    const node_t *item = resolved (self, node->items[at], spread ? level + 1 : level);
    if (item && spread && item->kind == NODE_LIST)
        for (size_t i = 0; i < item->count; i++)
            put (self, out, capacity, NULL, item->items[i]);
    else if (item)
        put (self, out, capacity, node->kind == NODE_MAP ? node->keys[at] : NULL, (node_t *) item);
}

static const node_t *resolved (gitlab_t *self, const node_t *node, size_t level)
{
    if (level > LEVELS || self->nodes > NODES_MAX)
        return NULL;
    if (is_reference (node)) {
        const node_t *there = referred (self, node);
        return there ? resolved (self, there, level + 1) : NULL;
    }
    if (node->kind != NODE_LIST && node->kind != NODE_MAP)
        return node;
    node_t *out = node_new (self, node, node->kind);
    size_t capacity = 0;
    for (size_t i = 0; i < node->count; i++)
        resolve_item (self, node, i, out, &capacity, level);
    return out;
}

// `inherit: {default: false}`, or a list of the keys that it wants.
static bool inherits (const node_t *job, const char *key)
{
    const node_t *inherit = node_get (node_get (job, "inherit"), "default");
    if (!inherit)
        return true;
    for (size_t i = 0; inherit->kind == NODE_LIST && i < inherit->count; i++)
        if (strcmp (inherit->items[i]->text, key) == 0)
            return true;
    return inherit->kind == NODE_BOOL && inherit->boolean;
}

static bool is_default (const char *key)
{
    static const char *const keys[] = {"after_script",  "artifacts", "before_script", "cache", "image",
                                       "interruptible", "retry",     "services",      "tags",  "timeout"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp (keys[i], key) == 0)
            return true;
    return false;
}

const node_t *gitlab_key (gitlab_t *self, const node_t *job, const char *key)
{
    const node_t *value = node_get (job, key);
    if (!value && is_default (key) && inherits (job, key)) {
        value = node_get (node_get (self->root, "default"), key);
        if (!value) // As it was before there was `default`
            value = node_get (self->root, key);
    }
    return value ? resolved (self, value, 0) : NULL;
}

static void add_lines (gitlab_t *self, const node_t *script, buffer_t *into, size_t level)
{
    if (script->kind == NODE_LIST)
        for (size_t i = 0; i < script->count && level < LEVELS; i++)
            add_lines (self, script->items[i], into, level + 1);
    else if (script->kind != NODE_MAP) {
        const char *text = node_text (self->arena, script);
        size_t size = strlen (text);
        buffer_puts (into, text);
        if (size && text[size - 1] != '\n')
            buffer_putc (into, '\n');
    }
}

const char *gitlab_lines (gitlab_t *self, const node_t *script)
{
    buffer_t *text = buffer_new (DRAFT_MAX);
    if (script)
        add_lines (self, script, text, 0);
    return import_taken (self->import, script ? script->line : 1, &text);
}

const char *gitlab_json (gitlab_t *self, const node_t *node)
{
    if (node->weight > JSON_MAX)
        return "...";
    const char *json = value_to_json (self->arena, node_value (self->arena, node), 0);
    size_t size = strlen (json);
    if (size <= JSON_MAX)
        return json;
    size = JSON_MAX;
    while (size && ((unsigned char) json[size] & 0xC0) == 0x80)
        size--;
    return arena_printf (self->arena, "%.*s...", (int) size, json);
}
