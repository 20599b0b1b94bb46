/* workflow_cache.h - what was said of the workflow files of a commit: files of a commit never change, and reading a hundred takes a while.
 *
 * A hint in memory, like all that a process keeps: the latest CACHED_COMMITS that were asked for. */

#ifndef OPENCICD_SCHEDULER_WORKFLOW_CACHE_H
#define OPENCICD_SCHEDULER_WORKFLOW_CACHE_H

#include "services/scheduler/unit/self.h"

#define CACHED_COMMITS 16
#define CACHED_BYTES   (128 << 10) // Of one answer; larger ones are not kept

// In the turn's memory, with the ref that this request names. False where it is not known.
bool workflow_cache_find (scheduler_t *self, turn_t *turn, const scm_tree_t *tree, workflow_files_t *out);
void workflow_cache_keep (scheduler_t *self, const workflow_files_t *files);
void workflow_cache_clear (scheduler_t *self);

#endif
