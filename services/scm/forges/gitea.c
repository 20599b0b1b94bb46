/* gitea.c - Gitea and Forgejo, by a token. Source: their API, /api/swagger. */

#include "services/scm/forges/forge_rest.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_read.h"

// `pull_request` brings those of its labels, comments and new commits with it.
static const char *const events[] = {
    "push", "create", "delete", "pull_request", "issues", "issue_comment", "release", "repository", NULL};

static const forge_rest_t rest = {"type", "gitea", events, "limit=50"};

static fault_t list (forge_call_t *call, uint32_t page, forge_repositories_t *out)
{
    return forge_rest_list (call, &rest, page, out);
}

static fault_t hook (forge_call_t *call, forge_hook_t *wanted)
{
    return forge_rest_hook (call, &rest, wanted);
}

const forge_t forge_gitea = {.kind = "gitea",
                             .api = "/api/v1",
                             .verify = hook_proof_gitea,
                             .read = hook_read_gitea,
                             .git_user = "opencicd", // Any name
                             .pull_refs = "refs/pull/",
                             .find = forge_rest_find,
                             .list = list,
                             .hook = hook,
                             .unhook = forge_rest_unhook,
                             .pull = forge_rest_pull,
                             .status = forge_rest_status};
