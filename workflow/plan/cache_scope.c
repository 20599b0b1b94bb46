/* cache_scope.c - see cache_scope.h. */

#include "workflow/plan/cache_scope.h"

#include <string.h>

static const char *branch_ref (arena_t *arena, const char *name)
{
    return !*name || strncmp (name, "refs/", 5) == 0 ? name : arena_printf (arena, "refs/heads/%s", name);
}

static void add (cache_scope_of_t *self, const char *ref)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->read[i], ref) == 0)
            return;
    if (*ref)
        self->read[self->count++] = ref;
}

// What the event is about where that is a pull request: it, or the issue that it is too, where somebody comments on it. NULL.
static const value_t *request_of (const value_t *payload)
{
    const value_t *request = value_get (payload, "pull_request"), *issue = value_get (payload, "issue");
    return request ? request : value_get (issue, "pull_request") ? issue : NULL;
}

// "" where its number is not known: then it saves nothing.
static const char *merge_ref (arena_t *arena, const value_t *request)
{
    const value_t *number = value_get (request, "number");
    return number && number->kind == VALUE_NUMBER
               ? arena_printf (arena, "refs/pull/%s/merge", value_to_text (arena, number))
               : "";
}

cache_scope_of_t cache_scope_of (arena_t *arena, const char *ref, const char *default_branch,
                                 const value_t *payload)
{
    cache_scope_of_t self = {.write = ref};
    const value_t *request = request_of (payload);
    if (request && strncmp (ref, "refs/pull/", 10) != 0)
        self.write = merge_ref (arena, request);
    add (&self, self.write);
    add (&self, branch_ref (arena, value_get_text (value_get (request, "base"), "ref")));
    add (&self, branch_ref (arena, default_branch));
    return self;
}
