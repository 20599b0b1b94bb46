/* needs.c - see needs.h. A key of `needs` is compared as GitHub does, without regard to case. */

#include "services/scheduler/needs.h"

#include <string.h>
#include <strings.h>

static bool names (const char *needs, const char *key)
{
    size_t size = strlen (key);
    for (const char *at = needs; *at;) {
        size_t length = strcspn (at, "\n");
        if (length == size && strncasecmp (at, key, size) == 0)
            return true;
        at += length + (at[length] == '\n');
    }
    return false;
}

bool needs_done (const node_rows_t *nodes, const node_row_t *node)
{
    if (!*node->needs)
        return true;
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].state != NODE_FINISHED && names (node->needs, nodes->items[i].key))
            return false;
    return true;
}

const char *needs_missing (arena_t *arena, const node_rows_t *nodes, const node_row_t *node)
{
    const char *text = "";
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].state != NODE_FINISHED && names (node->needs, nodes->items[i].key))
            text = arena_printf (arena, "%s%s%s", text, *text ? ", " : "", nodes->items[i].key);
    return text;
}

bool needs_all_finished (const node_rows_t *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].state != NODE_FINISHED)
            return false;
    return true;
}

static bool follows (const node_rows_t *nodes, const bool *marks, const node_row_t *node)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (marks[i] && names (node->needs, nodes->items[i].key))
            return true;
    return false;
}

void needs_mark_followers (const node_rows_t *nodes, bool *marks)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < nodes->count; i++)
            if (!marks[i] && follows (nodes, marks, &nodes->items[i]))
                more = marks[i] = true;
    }
}

result_t needs_result (const result_t *results, size_t count, bool cancelled)
{
    size_t found[result_count] = {0};
    for (size_t i = 0; i < count; i++)
        found[results[i] < result_count ? results[i] : result_failure]++;
    if (cancelled && found[result_cancelled] > 0)
        return result_cancelled;
    if (found[result_failure] > 0)
        return result_failure;
    if (found[result_cancelled] > 0)
        return result_cancelled;
    return count > 0 && found[result_skipped] == count ? result_skipped : result_success;
}
