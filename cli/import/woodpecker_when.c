/* woodpecker_when.c - Woodpecker's `when` as conditions. See woodpecker.h.
 *
 * A list holds if one of its maps does, a map if all its keys do, a key if one of its values does. */

#include "cli/import/woodpecker.h"

#include <string.h>

typedef struct {
    woodpecker_t *woodpecker;
    bool step;
} when_t;

// One value of a key; NULL: not understood.
typedef const char *value_fn (when_t *self, const char *text);

static const char *event_is (when_t *self, const char *text)
{
    static const struct {
        const char *event, *condition;
    } events[] = {
        {"push", "github.event_name == 'push' && startsWith(github.ref, 'refs/heads/')"},
        {"pull_request", "github.event_name == 'pull_request'"},
        {"pull_request_closed", "github.event_name == 'pull_request' && github.event.action == 'closed'"},
        {"tag", "github.ref_type == 'tag'"},
        {"cron", "github.event_name == 'schedule'"},
        {"manual", "github.event_name == 'workflow_dispatch'"},
        {"release", "github.event_name == 'release'"},
        {"deployment", "github.event_name == 'deployment'"}};
    (void) self;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (strcmp (events[i].event, text) == 0)
            return events[i].condition;
    return NULL;
}

// A glob with one star.
static const char *matches (when_t *self, const char *value, const char *pattern)
{
    arena_t *arena = self->woodpecker->arena;
    size_t star = strcspn (pattern, "*"), stars = strspn (pattern + star, "*");
    const char *rest = pattern + star + stars;
    if (!*pattern || strpbrk (pattern, "?[]{}$!") || strchr (rest, '*'))
        return NULL;
    if (stars == 0)
        return arena_printf (arena, "%s == %s", value, draft_literal (arena, pattern));
    const char *start = star ? arena_printf (arena, "startsWith(%s, %s)", value,
                                             draft_literal (arena, arena_strndup (arena, pattern, star)))
                             : NULL;
    const char *end =
        *rest ? arena_printf (arena, "endsWith(%s, %s)", value, draft_literal (arena, rest)) : NULL;
    const char *both = import_and (arena, start, end);
    return both ? both : "true";
}

static const char *branch_is (when_t *self, const char *text)
{
    return matches (self, "(github.base_ref || github.ref_name)", text);
}

static const char *ref_is (when_t *self, const char *text)
{
    return matches (self, "github.ref", text);
}

static const char *repo_is (when_t *self, const char *text)
{
    return matches (self, "github.repository", text);
}

static const char *status_is (when_t *self, const char *text)
{
    if (!self->step)
        return NULL;
    return strcmp (text, "failure") == 0 ? "failure()" : strcmp (text, "success") == 0 ? "success()" : NULL;
}

static const struct {
    const char *key;
    value_fn *value;
} keys[] = {
    {"event", event_is}, {"branch", branch_is}, {"ref", ref_is}, {"repo", repo_is}, {"status", status_is}};

static const char *either (arena_t *arena, const char *one, const char *other)
{
    return one ? arena_printf (arena, "%s || %s", one, other) : other;
}

// Any of a value, or of a list. NULL: one of them is not understood.
static const char *any_of (when_t *self, value_fn *value, const node_t *node)
{
    const char *out = NULL;
    for (size_t i = 0; i < (node->kind == NODE_LIST ? node->count : 1); i++) {
        const node_t *item = node->kind == NODE_LIST ? node->items[i] : node;
        const char *next =
            node_is_scalar (item) ? value (self, node_text (self->woodpecker->arena, item)) : NULL;
        if (!next || strlen (out ? out : "") > 4000)
            return NULL;
        if (strstr (next, "&&"))
            next = arena_printf (self->woodpecker->arena, "(%s)", next);
        out = either (self->woodpecker->arena, out, next);
    }
    return out;
}

// {include: [...], exclude: [...]}
static const char *chosen (when_t *self, value_fn *value, const node_t *node)
{
    const node_t *include = node_get (node, "include"), *exclude = node_get (node, "exclude");
    if (node->kind != NODE_MAP)
        return any_of (self, value, node);
    const char *in = include ? any_of (self, value, include) : NULL,
               *out = exclude ? any_of (self, value, exclude) : NULL;
    if ((include && !in) || (exclude && !out) || (!include && !exclude))
        return NULL;
    return import_and (self->woodpecker->arena, in,
                       out ? arena_printf (self->woodpecker->arena, "!(%s)", out) : NULL);
}

static const char *matrix_is (when_t *self, const node_t *node)
{
    arena_t *arena = self->woodpecker->arena;
    const char *out = NULL;
    if (!self->step || !self->woodpecker->matrix || node->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (!import_is_variable (node->keys[i]->text) || !node_is_scalar (node->items[i]))
            return NULL;
        out = import_and (arena, out,
                          arena_printf (arena, "matrix.%s == %s", node->keys[i]->text,
                                        draft_literal (arena, node_text (arena, node->items[i]))));
    }
    return out;
}

static const char *key_holds (when_t *self, const char *key, const node_t *node)
{
    if (strcmp (key, "matrix") == 0)
        return matrix_is (self, node);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp (keys[i].key, key) == 0)
            return chosen (self, keys[i].value, node);
    return NULL;
}

static const char *map_holds (when_t *self, const node_t *map, draft_t *notes)
{
    woodpecker_t *woodpecker = self->woodpecker;
    const char *out = NULL;
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        const char *next = key_holds (self, map->keys[i]->text, map->items[i]);
        if (!next) {
            import_note (woodpecker->import, notes, map->keys[i]->line,
                         "when: %s: %s; this never holds until you write it", map->keys[i]->text,
                         woodpecker_json (woodpecker, map->items[i]));
            return "false";
        }
        out = import_and (woodpecker->arena, out, next);
    }
    return out ? out : "true";
}

// Where one of them asks for a status, success() is implied for none: the others say it.
static void keep_success (arena_t *arena, const char **maps, size_t count)
{
    bool status = false;
    for (size_t i = 0; i < count && !status; i++)
        status = import_asks_status (arena, maps[i]);
    for (size_t i = 0; i < count && status; i++)
        if (strcmp (maps[i], "true") == 0)
            maps[i] = "success()";
        else if (strcmp (maps[i], "false") != 0 && !import_asks_status (arena, maps[i]))
            maps[i] = import_and (arena, "success()", maps[i]);
}

const char *woodpecker_when (woodpecker_t *self, const node_t *when, bool step, draft_t *notes)
{
    when_t of = {self, step};
    const char *out = NULL;
    if (!when || when->count == 0)
        return NULL;
    size_t count = when->kind == NODE_LIST ? when->count : 1;
    const char **maps = arena_array (self->arena, count, sizeof (char *));
    for (size_t i = 0; i < count; i++)
        maps[i] = map_holds (&of, when->kind == NODE_LIST ? when->items[i] : when, notes);
    keep_success (self->arena, maps, count);
    for (size_t i = 0; i < count; i++) {
        const char *next = maps[i];
        if (strcmp (next, "true") == 0)
            return NULL;
        if (strcmp (next, "false") == 0 && out)
            continue;
        out = out && strcmp (out, "false") != 0
                  ? either (self->arena, out,
                            strstr (next, "&&") ? arena_printf (self->arena, "(%s)", next) : next)
                  : next;
        if (strlen (out) > 8000)
            return "false";
    }
    return out;
}
