/* model_read.c - texts, lists, pairs: the parts that all models are made of. */

#include "workflow/model/model_read.h"

#include <string.h>

text_t read_text (arena_t *arena, const node_t *node)
{
    if (!node)
        return (text_t){0};
    return (text_t){.text = node_text (arena, node),
                    .expression = node->condition ? node->condition : node->template,
                    .node = node,
                    .line = node->line,
                    .column = node->column};
}

text_t read_key (arena_t *arena, const node_t *map, const char *key)
{
    return read_text (arena, node_get (map, key));
}

texts_t read_texts (arena_t *arena, const node_t *node)
{
    texts_t self = {0};
    if (!node || node->kind == NODE_NULL || node->kind == NODE_MAP)
        return self;
    size_t count = node->kind == NODE_LIST ? node->count : 1;
    text_t *items = arena_array (arena, count, sizeof (text_t));
    for (size_t i = 0; i < count; i++)
        items[i] = read_text (arena, node->kind == NODE_LIST ? node->items[i] : node);
    if (node->kind != NODE_LIST && node->template)
        self.whole = items[0];
    else {
        self.items = items;
        self.count = count;
    }
    return self;
}

pairs_t read_pairs (arena_t *arena, const node_t *node)
{
    pairs_t self = {0};
    if (node && node_is_scalar (node) && node->kind != NODE_NULL)
        self.whole = read_text (arena, node);
    if (!node || node->kind != NODE_MAP)
        return self;
    pair_t *items = arena_array (arena, node->count, sizeof (pair_t));
    for (size_t i = 0; i < node->count; i++)
        items[i] = (pair_t){.key = read_text (arena, node->keys[i]),
                            .value = read_text (arena, node->items[i]),
                            .insert = node->keys[i]->insert};
    self.items = items;
    self.count = node->count;
    return self;
}

bool read_bool (const node_t *map, const char *key)
{
    const node_t *node = node_get (map, key);
    return node && node->kind == NODE_BOOL && node->boolean;
}

concurrency_t read_concurrency (arena_t *arena, const node_t *node)
{
    if (!node || node->kind != NODE_MAP)
        return (concurrency_t){.group = read_text (arena, node)};
    return (concurrency_t){.group = read_key (arena, node, "group"),
                           .cancel_in_progress = read_key (arena, node, "cancel-in-progress"),
                           .queue = read_key (arena, node, "queue")};
}

defaults_t read_defaults (arena_t *arena, const node_t *node, const defaults_t *outer)
{
    const node_t *run = node_get (node, "run");
    defaults_t self = {read_key (arena, run, "shell"), read_key (arena, run, "working-directory")};
    if (!self.shell.text && outer)
        self.shell = outer->shell;
    if (!self.working_directory.text && outer)
        self.working_directory = outer->working_directory;
    return self;
}
