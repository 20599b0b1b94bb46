/* action_lock.c - see action_lock.h. */

#include "workflow/model/action_lock.h"

#include "common/base/commit_id.h"
#include "workflow/model/action_ref.h"

#include <string.h>

#define RULE "lock"

static void complain (const node_t *node, findings_t *findings, const char *message)
{
    node_complain (node, 0, findings, RULE, message);
}

// "sha1-HEX" or "sha256-HEX"; NULL for anything else.
static const char *read_commit (const node_t *node)
{
    static const struct {
        const char *prefix;
        size_t digits;
    } forms[] = {{"sha1-", 40}, {"sha256-", 64}};
    for (size_t i = 0; node && node->kind == NODE_STRING && i < 2; i++) {
        size_t size = strlen (forms[i].prefix);
        const char *digits = node->text + size;
        if (strncmp (node->text, forms[i].prefix, size) == 0 && strlen (digits) == forms[i].digits &&
            commit_id_is (digits))
            return digits;
    }
    return NULL;
}

static void read_pin (arena_t *arena, const node_t *key, const node_t *entry, findings_t *findings,
                      action_lock_pin_t *out)
{
    action_ref_t ref;
    const char *error;
    if (action_ref_parse (arena, key->text, &ref, &error) != OK || ref.kind != USES_REPOSITORY || *ref.path) {
        complain (key, findings, "a dependency is named owner/repo@ref");
        return;
    }
    const char *commit = entry->kind == NODE_MAP ? read_commit (node_get (entry, "commit")) : NULL;
    if (!commit)
        complain (entry, findings,
                  "a dependency needs `commit`: \"sha1-\" and 40, or \"sha256-\" and 64 hexadecimal digits");
    else
        *out = (action_lock_pin_t){ref.key, arena_strdup (arena, commit)};
}

static void read_pins (arena_t *arena, const node_t *map, findings_t *findings, action_lock_t *out)
{
    action_lock_pin_t *pins = arena_array (arena, map->count + 1, sizeof (action_lock_pin_t));
    for (size_t i = 0; i < map->count; i++)
        read_pin (arena, map->keys[i], map->items[i], findings, pins + i);
    out->pins = pins;
    // Also those with a finding, which have no key: nobody may look one up after INVALID
    out->pin_count = map->count;
}

static void read_workflows (arena_t *arena, const node_t *map, action_lock_t *out)
{
    out->workflows = arena_array (arena, map->count + 1, sizeof (char *));
    for (size_t i = 0; i < map->count; i++)
        out->workflows[i] = arena_strdup (arena, map->keys[i]->text);
    out->workflow_count = map->count;
}

// The map of that name; NULL where it is missing or empty. Anything else is a finding.
static const node_t *read_map (const node_t *root, const char *name, findings_t *findings)
{
    const node_t *map = node_get (root, name);
    if (!map || map->kind == NODE_NULL)
        return NULL;
    if (map->kind == NODE_MAP && map->count <= ACTION_LOCK_ENTRIES)
        return map;
    complain (map, findings, map->kind == NODE_MAP ? "too many entries" : "must be a map");
    return NULL;
}

static void read_root (arena_t *arena, const node_t *root, findings_t *findings, action_lock_t *out)
{
    const node_t *version = root->kind == NODE_MAP ? node_get (root, "version") : NULL;
    // A newer form may mean something else by the same keys: refused, not guessed
    if (!version || version->kind != NODE_STRING || strncmp (version->text, "v0.0.", 5) != 0) {
        complain (version ? version : root, findings,
                  "a lock file has `version: 'v0.0.2'`; a newer form is not known here");
        return;
    }
    const node_t *pins = read_map (root, "dependencies", findings);
    const node_t *workflows = read_map (root, "workflows", findings);
    if (pins)
        read_pins (arena, pins, findings, out);
    if (workflows)
        read_workflows (arena, workflows, out);
}

fault_t action_lock_load (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                          const action_lock_t **out)
{
    action_lock_t *self = arena_alloc (arena, sizeof (*self));
    node_t *root = NULL;
    size_t errors = findings->errors;
    if (yaml_parse (arena, bytes, size, findings, &root) == OK)
        read_root (arena, root, findings, self);
    findings_sort (findings);
    *out = self;
    return findings->errors == errors ? OK : INVALID;
}

bool action_lock_lists (const action_lock_t *self, const char *workflow)
{
    for (size_t i = 0; i < self->workflow_count; i++)
        if (strcmp (self->workflows[i], workflow) == 0)
            return true;
    return false;
}

const char *action_lock_commit (const action_lock_t *self, const char *key)
{
    for (size_t i = 0; i < self->pin_count; i++)
        if (strcmp (self->pins[i].key, key) == 0)
            return self->pins[i].commit;
    return NULL;
}
