/* github.c - GitHub and GitHub Enterprise Server, by a token. Source: GitHub's REST API documentation, 2022-11-28. */

#include "services/scm/forges/forge_rest.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_read.h"

static const char *const events[] = {"push",
                                     "create",
                                     "delete",
                                     "pull_request",
                                     "pull_request_review",
                                     "pull_request_review_comment",
                                     "issue_comment",
                                     "issues",
                                     "label",
                                     "release",
                                     "merge_group",
                                     "repository",
                                     NULL};

static const forge_rest_t rest = {"name", "web", events, "per_page=100"};

static fault_t list (forge_call_t *call, uint32_t page, forge_repositories_t *out)
{
    return forge_rest_list (call, &rest, page, out);
}

static fault_t hook (forge_call_t *call, forge_hook_t *wanted)
{
    return forge_rest_hook (call, &rest, wanted);
}

const forge_t forge_github = {.kind = "github",
                              .api = "/api/v3",
                              .verify = hook_proof_hub,
                              .read = hook_read_github,
                              .git_user = "x-access-token",
                              .pull_refs = "refs/pull/",
                              .find = forge_rest_find,
                              .list = list,
                              .hook = hook,
                              .unhook = forge_rest_unhook,
                              .pull = forge_rest_pull,
                              .status = forge_rest_status};
