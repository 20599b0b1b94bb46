/* compare.h - what differs between the refs of a repository and what was dealt with: as events, which no webhook brought. Pure. */

#ifndef OPENCICD_SCM_COMPARE_H
#define OPENCICD_SCM_COMPARE_H

#include "common/base/turn.h"
#include "services/scm/hooks/delivery_store.h"

#define COMPARE_PULLS 20 // Pull requests of one comparison that the forge is asked about

// What `git ls-remote` printed: branches, tags (as what they are peeled to) and heads of pull requests ("refs/pull/7/head", wherever the
// forge keeps them), by name. TOO_LARGE past REFS_MAX branches and tags.
MUST_USE fault_t compare_read (turn_t *turn, const char *text, size_t size, const char *pull_refs,
                               ref_rows_t *out);

typedef struct {
    const char *ref, *before, *after; // before "": it is new; after "": it is gone
    int64_t pull;                     // Of a pull request's head: its number
} ref_change_t;

typedef struct {
    ref_change_t *items;
    size_t count;
    int64_t largest; // Number of a pull request
} ref_changes_t;

// Both by name. Of pull requests, whose refs outlive them: those that are known and moved, and those with a number above `pulls_seen`.
void compare_refs (arena_t *arena, const ref_rows_t *there, const ref_rows_t *known, int64_t pulls_seen,
                   ref_changes_t *out);

#endif
