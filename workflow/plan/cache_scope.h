/* cache_scope.h - whose caches a run writes, and whose it sees. Pure.
 *
 * A run writes the caches of one ref and sees its own, those of the branch that it is to be merged into, and those of the default branch.
 * Whatever is about a pull request writes refs/pull/N/merge, which only that pull request sees: also pull_request_target, and a comment on
 * it, which have the default branch as their ref and all the same often run what the request changes. So nobody whose change was not
 * merged can leave something that other refs restore. Source: GitHub's "Restrictions for accessing a cache". */

#ifndef OPENCICD_WORKFLOW_CACHE_SCOPE_H
#define OPENCICD_WORKFLOW_CACHE_SCOPE_H

#include "workflow/expression/value.h"

#define CACHE_REFS 3

typedef struct {
    const char *write; // "" where the run has no ref: it saves nothing
    const char *read[CACHE_REFS];
    size_t count; // The nearest first, each once
} cache_scope_of_t;

// `ref` is the run's, `default_branch` a name without refs/heads/.
cache_scope_of_t cache_scope_of (arena_t *arena, const char *ref, const char *default_branch,
                                 const value_t *payload);

#endif
