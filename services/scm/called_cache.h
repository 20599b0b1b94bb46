/* called_cache.h - workflow files of commits that were called, one small file a commit, so that a commit is fetched once.
 *
 * A commit never changes, so nothing here can be out of date; what was not used for the longest time goes first. For threads. */

#ifndef OPENCICD_SCM_CALLED_CACHE_H
#define OPENCICD_SCM_CALLED_CACHE_H

#include "proto/messages.h"

#define CALLED_FILES 200         // Commits that are kept
#define CALLED_BYTES (256 << 20) // Of all of them

// NOT_FOUND without words where it is not kept, or cannot be read any more.
MUST_USE fault_t called_cache_get (turn_t *turn, const char *folder, const char *url, const char *commit,
                                   scm_called_files_t *out);
MUST_USE fault_t called_cache_put (turn_t *turn, const char *folder, const char *url,
                                   const scm_called_files_t *files);

#endif
