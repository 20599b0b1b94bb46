/* workflow_cache.c - see workflow_cache.h. A commit's id names its files: which project asks makes no difference. */

#include "services/scheduler/api/workflow_cache.h"

#include "common/base/metrics.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    char sha[MAX_ID + 1];
    buffer_t *packed; // NULL: free
    uint64_t used;    // When, by `clock`
} cached_commit_t;

struct workflow_lists {
    cached_commit_t items[CACHED_COMMITS];
    uint64_t clock;
};

static metric_t *looked_up (const char *result)
{
    return metrics_counter ("opencicd_scheduler_workflow_lists_total", "result", result,
                            "Lists of a commit's workflow files, by whether they had been read before");
}

bool workflow_cache_find (scheduler_t *self, turn_t *turn, const scm_tree_t *tree, workflow_files_t *out)
{
    struct workflow_lists *lists = self->workflow_lists;
    for (size_t i = 0; lists && i < CACHED_COMMITS; i++) {
        cached_commit_t *item = &lists->items[i];
        if (!item->packed || !same (item->sha, tree->sha))
            continue;
        size_t size = buffer_size (item->packed);
        const char *bytes = arena_copy (turn->arena, buffer_text (item->packed), size);
        if (message_unpack (MESSAGE (workflow_files), turn, bytes, size, out) != OK)
            break;
        item->used = ++lists->clock;
        out->ref = tree->ref;
        metric_add (looked_up ("kept"), 1);
        return true;
    }
    metric_add (looked_up ("read"), 1);
    return false;
}

void workflow_cache_keep (scheduler_t *self, const workflow_files_t *files)
{
    buffer_t *packed = buffer_new (CACHED_BYTES);
    if (message_pack (MESSAGE (workflow_files), files, packed) != OK) { // It is larger
        buffer_destroy (&packed);
        return;
    }
    if (!self->workflow_lists)
        self->workflow_lists = calloc (1, sizeof *self->workflow_lists);
    if (!self->workflow_lists)
        abort ();
    cached_commit_t *place = &self->workflow_lists->items[0];
    for (size_t i = 1; i < CACHED_COMMITS; i++)
        if (self->workflow_lists->items[i].used < place->used)
            place = &self->workflow_lists->items[i];
    buffer_destroy (&place->packed);
    place->packed = packed;
    place->used = ++self->workflow_lists->clock;
    snprintf (place->sha, sizeof place->sha, "%s", files->sha);
}

void workflow_cache_clear (scheduler_t *self)
{
    for (size_t i = 0; self->workflow_lists && i < CACHED_COMMITS; i++)
        buffer_destroy (&self->workflow_lists->items[i].packed);
    free (self->workflow_lists);
    self->workflow_lists = NULL;
}
