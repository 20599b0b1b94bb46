/* git_bundle.h - the header of a git bundle: the commits that it requires, and the one that it contains. A pack follows.
 *
 * Source: git's documentation (gitformat-bundle), versions 2 and 3, here with one ref. Git itself writes bundles with thin packs, whose bases a mirror
 * without blobs lacks: so the header is written here, and the pack by `git pack-objects`. */

#ifndef OPENCICD_GIT_BUNDLE_H
#define OPENCICD_GIT_BUNDLE_H

#include "common/base/turn.h"

// The ref in bundles of `opencicd run --remote`, and of their runs: followed by the trial's id. No repository has it.
#define TRIAL_REF "refs/opencicd/try/"

#define BUNDLE_BASES 64         // Commits that one requires
#define BUNDLE_HEAD  (16 << 10) // Bytes of a head

typedef struct {
    const char *bases[BUNDLE_BASES]; // Hex
    size_t base_count;
    const char *tip, *ref; // Hex; "refs/..."
    size_t size;           // Of the head: the pack begins there
} git_bundle_t;

// Parses the first bytes of a bundle: all of it, or BUNDLE_HEAD. INVALID.
MUST_USE fault_t git_bundle_read (turn_t *turn, const void *data, size_t size, git_bundle_t *out);
// The length of `tip` tells which hash it is.
const char *git_bundle_head (arena_t *arena, const git_bundle_t *bundle);

#endif
