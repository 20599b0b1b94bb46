/* trial.h - bundles of commits that are in no repository (`opencicd run --remote`): kept as blobs, and unpacked for as long as they are read.
 *
 * Any replica can read one, and none keeps anything of it on its disk: a trial is read once for each of its runs, and an unpacked one would only be
 * one more thing to remove. What is unpacked borrows the objects of the project's repository, into which nothing is written. */

#ifndef OPENCICD_SCM_TRIAL_H
#define OPENCICD_SCM_TRIAL_H

#include "common/blob/blob.h"
#include "common/os/git_bundle.h"
#include "proto/messages.h"

#define TRIAL_INDEX_US SECONDS (60) // For the index of its pack

typedef struct {
    blob_t *blob;       // NULL: trials are not kept here
    const char *folder; // Where they are unpacked
    int stop;           // A descriptor: see git_bounds_t
} trials_t;

// All for a thread that may wait for the disk.
MUST_USE fault_t trial_put (const trials_t *self, turn_t *turn, const char *id, uint32_t part,
                            const bytes_t *data);
// At most `size` bytes of the whole, which has *whole. NOT_FOUND.
MUST_USE fault_t trial_read (const trials_t *self, turn_t *turn, const char *id, int64_t offset, size_t size,
                             trial_bytes_t *out);
MUST_USE fault_t trial_drop (const trials_t *self, turn_t *turn, const char *id);

typedef struct {
    const char *folder, *objects; // To be removed; its folder of that name
    git_bundle_t bundle;
} trial_copy_t;
// Into a new folder, beside the objects in `objects`. `view` is an empty repository of ours. INVALID: it is not a bundle that git can read.
MUST_USE fault_t trial_unpack (const trials_t *self, turn_t *turn, const char *id, const char *view,
                               const char *objects, trial_copy_t *out);
void trial_remove (trial_copy_t *copy); // Nothing, where nothing was unpacked

#endif
