/* called.h - scm_called: workflow files of a repository that is not a project here, for a workflow that calls them (`jobs.<id>.uses`).
 *
 * They come from where actions come from (action_sources, common/os/git_source.h) and from nowhere else: what the operator lists is reached with
 * an administrator's permissions, `forge` with those of the calling project. A folder of this machine is read where it is, and no git
 * runs in it; from anywhere else one commit is fetched, without its history and, where the server can, without other files, into a
 * folder that is gone afterwards. Its workflow files are kept (called_cache.h). All of it in threads of its own: a source that does
 * not answer delays only calls. */

#ifndef OPENCICD_SCM_CALLED_H
#define OPENCICD_SCM_CALLED_H

#include "common/base/turn.h"
#include "proto/messages.h"
#include "services/scm/scm.h"

#define CALLED_THREADS   2
#define CALLED_SECONDS   300         // For one answer: look-ups, and one fetch
#define CALLED_GIT_BYTES (128 << 20) // Of what is fetched; more ends the fetch

// LATER until it is done: the handler is run again. NOT_FOUND, FORBIDDEN, INVALID or TOO_LARGE, with what each source said.
MUST_USE fault_t called_read (scm_t *scm, turn_t *turn, const scm_called_t *ask, scm_called_files_t *out);

#endif
