/* git.c - repositories that a git server has and nothing beside it: no API, no webhooks but those that our post-receive hook sends, and what
 * comparing refs finds. Its credential is "user:password". */

#include "services/scm/forges/forge.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_read.h"

const forge_t forge_git = {.kind = "git", .verify = hook_proof_hub, .read = hook_read_git, .pull_refs = ""};
