/* action_lock.h - the lock file of a repository: .github/workflows/actions.lock, in the form of `gh actions-lock`.
 *
 *     version: 'v0.0.2'
 *     workflows:      {'.github/workflows/ci.yml': ['owner/repo@v1']}
 *     dependencies:   {'owner/repo@v1': {ref: 'v1', commit: 'sha1-0123...', owner_id: 1, repo_id: 2, uses: ['other/one@v2']}}
 *
 * A workflow that is listed runs the commits that are written here, and no action that is not here, even below others.
 * Source: github.com/github/gh-actions-lock and GitHub's "Workflow dependency lockfiles", 2026. */

#ifndef OPENCICD_WORKFLOW_ACTION_LOCK_H
#define OPENCICD_WORKFLOW_ACTION_LOCK_H

#include "workflow/yaml/yaml.h"

#define ACTION_LOCK_PATH    ".github/workflows/actions.lock"
#define ACTION_LOCK_ENTRIES 2000 // Actions, and workflows, of one file

typedef struct {
    const char *key;    // "owner/repo@ref" as in action_ref_t
    const char *commit; // Hexadecimal
} action_lock_pin_t;

typedef struct {
    const action_lock_pin_t *pins;
    size_t pin_count;
    const char **workflows; // Paths
    size_t workflow_count;
} action_lock_t;

// INVALID with findings: a lock that is only half understood locks nothing, and *out must not be asked then.
MUST_USE fault_t action_lock_load (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                                   const action_lock_t **out);
bool action_lock_lists (const action_lock_t *self, const char *workflow);
const char *action_lock_commit (const action_lock_t *self, const char *key); // NULL where it is not there

#endif
