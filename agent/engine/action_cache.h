/* action_cache.h - actions of other repositories, kept by commit between jobs, shared by agents and threads.
 *
 *     CACHE/trees/OWNER/REPO/COMMIT/{tree,size}   whole; made elsewhere and renamed into its place
 *     CACHE/refs/SHA256                           what a tag or branch of one address was, when it was looked up last
 *     CACHE/locks/NN                              a commit's lock: exclusive to make or remove it, shared to read it
 *     CACHE/new/XXXXXX                            being fetched; what a killed agent left there is removed after an hour
 *
 * What was used last stays longest; a commit's folder is dated by its use. */

#ifndef OPENCICD_AGENT_ENGINE_ACTION_CACHE_H
#define OPENCICD_AGENT_ENGINE_ACTION_CACHE_H

#include "common/base/turn.h"

#include <stdbool.h>

struct cancel;

typedef struct {
    const char *folder;
    uint32_t max_mib, max_count, max_days; // 0: no bound
} action_cache_t;

// Makes its folders.
MUST_USE fault_t action_cache_open (turn_t *turn, const action_cache_t *self);

// The commit's lock, until the descriptor is closed. UNAVAILABLE where it is cancelled, or not free for as long as a fetch may take.
MUST_USE fault_t action_cache_lock (turn_t *turn, const action_cache_t *self, const char *commit,
                                    bool exclusive, struct cancel *cancel, int *fd);
// The exclusive lock where it is free now; CONFLICT where it is not.
MUST_USE fault_t action_cache_try (turn_t *turn, const action_cache_t *self, const char *commit, int *fd);

// With the lock: the folder of the commit's files, and it is dated; NULL where it is not there.
const char *action_cache_tree (arena_t *arena, const action_cache_t *self, const char *repository,
                               const char *commit);
// A folder to fetch into, and its end: with the exclusive lock it becomes the commit's where `keep`, else it is removed.
MUST_USE fault_t action_cache_begin (turn_t *turn, const action_cache_t *self, const char **folder);
MUST_USE fault_t action_cache_end (turn_t *turn, const action_cache_t *self, const char *folder,
                                   const char *repository, const char *commit, bool keep);

// What that ref was less than `seconds` ago; NULL where it is not known.
const char *action_cache_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                              uint32_t seconds);
void action_cache_set_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                           const char *commit);

// Removes what is past the bounds, the longest unused first, never what somebody has the lock of. How many it removed.
size_t action_cache_prune (turn_t *turn, const action_cache_t *self);

#endif
