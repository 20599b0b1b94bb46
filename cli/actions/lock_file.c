/* lock_file.c - see lock_file.h. A malformed file is never replaced: whoever wrote it may have meant something. */

#include "cli/actions/lock_file.h"

#include "common/base/buffer.h"
#include "common/os/file.h"
#include "workflow/model/action_lock.h"
#include "workflow/model/action_ref.h"

#include <stdlib.h>
#include <string.h>

static int by_text (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

void lock_names_add (arena_t *arena, lock_names_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->items[i], name) == 0)
            return;
    self->items = arena_grow (arena, self->items, self->count, &self->capacity, sizeof (char *));
    self->items[self->count++] = arena_strdup (arena, name);
}

lock_action_t *lock_action (const lock_file_t *self, const char *key)
{
    for (size_t i = 0; i < self->action_count; i++)
        if (strcmp (self->actions[i]->key, key) == 0)
            return self->actions[i];
    return NULL;
}

const lock_workflow_t *lock_workflow (const lock_file_t *self, const char *path)
{
    for (size_t i = 0; i < self->workflow_count; i++)
        if (strcmp (self->workflows[i]->path, path) == 0)
            return self->workflows[i];
    return NULL;
}

void lock_add_action (lock_file_t *self, lock_action_t *action)
{
    self->actions = arena_grow (self->arena, self->actions, self->action_count, &self->action_capacity,
                                sizeof (lock_action_t *));
    self->actions[self->action_count++] = action;
}

lock_workflow_t *lock_add_workflow (lock_file_t *self, const char *path)
{
    lock_workflow_t *workflow = arena_alloc (self->arena, sizeof (lock_workflow_t));
    workflow->path = arena_strdup (self->arena, path);
    self->workflows = arena_grow (self->arena, self->workflows, self->workflow_count,
                                  &self->workflow_capacity, sizeof (lock_workflow_t *));
    return self->workflows[self->workflow_count++] = workflow;
}

// ---- reading

static void read_names (arena_t *arena, const node_t *list, lock_names_t *out)
{
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->count; i++)
        lock_names_add (arena, out, list->items[i]->text);
}

static const char *read_id (const node_t *entry, const char *name)
{
    const node_t *node = node_get (entry, name);
    return node && node->kind == NODE_NUMBER ? node->text : NULL;
}

static void read_action (lock_file_t *self, const action_lock_t *known, const node_t *key,
                         const node_t *entry)
{
    action_ref_t ref;
    const char *error;
    lock_action_t *action = arena_alloc (self->arena, sizeof (lock_action_t));
    if (action_ref_parse (self->arena, key->text, &ref, &error) != OK)
        return;
    *action = (lock_action_t){.name = key->text,
                              .key = ref.key,
                              .ref = ref.ref,
                              .commit = action_lock_commit (known, ref.key),
                              .owner_id = read_id (entry, "owner_id"),
                              .repo_id = read_id (entry, "repo_id")};
    read_names (self->arena, node_get (entry, "uses"), &action->uses);
    lock_add_action (self, action);
}

// It was found to be well formed.
static void read_root (lock_file_t *self, const action_lock_t *known, const node_t *root)
{
    const node_t *workflows = node_get (root, "workflows"), *actions = node_get (root, "dependencies");
    for (size_t i = 0; workflows && i < workflows->count; i++)
        read_names (self->arena, workflows->items[i],
                    &lock_add_workflow (self, workflows->keys[i]->text)->uses);
    for (size_t i = 0; actions && i < actions->count; i++)
        read_action (self, known, actions->keys[i], actions->items[i]);
}

fault_t lock_read (turn_t *turn, const char *path, lock_file_t *out)
{
    const char *text;
    const action_lock_t *known;
    findings_t findings;
    node_t *root;
    *out = (lock_file_t){.arena = turn->arena};
    fault_t fault = file_read (turn, path, YAML_BYTES, &text);
    if (fault)
        return fault == NOT_FOUND ? OK : fault;
    findings_init (&findings, turn->arena, path);
    if (action_lock_load (turn->arena, text, strlen (text), &findings, &known) != OK)
        return turn_fail (turn, INVALID, "%s:%d:%d: %s", path, findings.items[0].line,
                          findings.items[0].column, findings.items[0].message);
    // Once more, as it is written: the checked form has only what a job needs, and all is to be kept
    TRY (yaml_parse (turn->arena, text, strlen (text), &findings, &root));
    read_root (out, known, root);
    return OK;
}

// ---- writing

static int by_key (const void *a, const void *b)
{
    return strcmp ((*(lock_action_t *const *) a)->key, (*(lock_action_t *const *) b)->key);
}

static int by_path (const void *a, const void *b)
{
    return strcmp ((*(lock_workflow_t *const *) a)->path, (*(lock_workflow_t *const *) b)->path);
}

static void sort (void *items, size_t count, int (*compare) (const void *, const void *))
{
    if (count)
        qsort (items, count, sizeof (void *), compare);
}

// So that the file changes only where what it says does: it is read in reviews, and merged.
void lock_sort (lock_file_t *self)
{
    sort (self->workflows, self->workflow_count, by_path);
    sort (self->actions, self->action_count, by_key);
    for (size_t i = 0; i < self->workflow_count; i++)
        sort (self->workflows[i]->uses.items, self->workflows[i]->uses.count, by_text);
    for (size_t i = 0; i < self->action_count; i++)
        sort (self->actions[i]->uses.items, self->actions[i]->uses.count, by_text);
}

// As a text of YAML, whatever a file's name holds.
static void put_text (buffer_t *out, const char *text)
{
    buffer_add (out, "'", 1);
    for (; *text; text++)
        buffer_add (out, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
    buffer_add (out, "'", 1);
}

static void put_names (buffer_t *out, const char *indent, const lock_names_t *names)
{
    for (size_t i = 0; i < names->count; i++) {
        buffer_printf (out, "%s- ", indent);
        put_text (out, names->items[i]);
        buffer_add (out, "\n", 1);
    }
}

static void put_action (buffer_t *out, const lock_action_t *action)
{
    buffer_add (out, "    ", 4);
    put_text (out, action->name);
    buffer_printf (out, ":\n        ref: ");
    put_text (out, action->ref);
    buffer_printf (out, "\n        commit: '%s-%s'\n", strlen (action->commit) == 64 ? "sha256" : "sha1",
                   action->commit);
    if (action->owner_id)
        buffer_printf (out, "        owner_id: %s\n", action->owner_id);
    if (action->repo_id)
        buffer_printf (out, "        repo_id: %s\n", action->repo_id);
    if (action->uses.count)
        buffer_printf (out, "        uses:\n");
    put_names (out, "            ", &action->uses);
}

// Bounded as lock_read is, and the server: what is written can be read.
fault_t lock_text (turn_t *turn, const lock_file_t *self, const char **text)
{
    buffer_t *out = buffer_new (YAML_BYTES);
    buffer_printf (
        out,
        "# Written by `opencicd actions lock`: the commits that the actions of these workflows are locked "
        "to.\nversion: 'v0.0.2'\n%s\n",
        self->workflow_count ? "workflows:" : "workflows: {}");
    for (size_t i = 0; i < self->workflow_count; i++) {
        buffer_add (out, "    ", 4);
        put_text (out, self->workflows[i]->path);
        buffer_printf (out, "%s\n", self->workflows[i]->uses.count ? ":" : ": []");
        put_names (out, "        ", &self->workflows[i]->uses);
    }
    buffer_printf (out, "%s\n", self->action_count ? "dependencies:" : "dependencies: {}");
    for (size_t i = 0; i < self->action_count; i++)
        put_action (out, self->actions[i]);
    bool full = buffer_full (out);
    *text = arena_strndup (self->arena, buffer_text (out), buffer_size (out));
    buffer_destroy (&out);
    return full ? turn_fail (turn, TOO_LARGE, ACTION_LOCK_PATH " would have more than %d bytes", YAML_BYTES)
                : OK;
}
