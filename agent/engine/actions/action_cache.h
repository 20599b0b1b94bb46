/* action_cache.h - actions of other repositories, kept by commit between jobs, shared by agents and threads.
 *
 *     CACHE/trees/OWNER/REPO/COMMIT/{tree,size}   complete: made in CACHE/new, then renamed
 *     CACHE/refs/SHA256                           which commit a tag or branch of one address was at the last look-up
 *     CACHE/locks/NN                              a commit's lock: exclusive to make or remove it, shared to read it
 *     CACHE/new/XXXXXX                            being fetched; leftovers of a killed agent are removed after an hour
 *
 * The least recently used commit is removed first; the modification time of a commit's folder is its last use. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_CACHE_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_CACHE_H

#include "common/base/turn.h"

#include <stdbool.h>

struct cancel;

typedef struct {
    const char *folder;
    uint32_t max_mib, max_count, max_days; // 0: no bound
} action_cache_t;

// Makes its folders.
MUST_USE fault_t action_cache_open (turn_t *turn, const action_cache_t *self);

// The commit's lock; closing *fd releases it. UNAVAILABLE if cancelled, or if it is not free within the time that a fetch may take.
MUST_USE fault_t action_cache_lock (turn_t *turn, const action_cache_t *self, const char *commit,
                                    bool exclusive, struct cancel *cancel, int *fd);
// The exclusive lock, without waiting; CONFLICT if somebody has the lock.
MUST_USE fault_t action_cache_try (turn_t *turn, const action_cache_t *self, const char *commit, int *fd);

// The folder of the commit's files, marked as just used; NULL if it is not cached. The caller has the lock.
const char *action_cache_tree (arena_t *arena, const action_cache_t *self, const char *repository,
                               const char *commit);
// A folder to fetch into; then either it becomes the commit's (`keep`; the caller has the exclusive lock) or it is removed.
MUST_USE fault_t action_cache_begin (turn_t *turn, const action_cache_t *self, const char **folder);
MUST_USE fault_t action_cache_end (turn_t *turn, const action_cache_t *self, const char *folder,
                                   const char *repository, const char *commit, bool keep);

// The ref's commit, if it was looked up less than `seconds` ago; else NULL.
const char *action_cache_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                              uint32_t seconds);
void action_cache_set_ref (turn_t *turn, const action_cache_t *self, const char *url, const char *ref,
                           const char *commit);

// Removes commits until the bounds are met, the least recently used first, none that is locked. Returns how many it removed.
size_t action_cache_prune (turn_t *turn, const action_cache_t *self);

#endif
