/* fork.h - does a run execute code of a fork? Then it gets no secret, whatever its workflow says. Pure.
 *
 * Sources: the payloads of GitHub, Gitea and Forgejo for pull requests. What is not known for certain counts as a fork. */

#ifndef OPENCICD_WORKFLOW_FORK_H
#define OPENCICD_WORKFLOW_FORK_H

#include "workflow/expression/value.h"

// `github`: the run's context. pull_request_target runs what the base repository has, and is none.
bool fork_is (const value_t *github);

#endif
