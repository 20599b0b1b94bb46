/* routes_forges.h - the rows of routes.h about forges, projects at them, and their webhooks (docs/forges.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_FORGES_H
#define OPENCICD_GATEWAY_ROUTES_FORGES_H

#define FORGE_ROUTE_HANDLERS(H) H (hook_take, JSON_TYPE, JSON_TYPE, "*", PLAIN | STREAMS)

#define FORGE_ROUTES(R)                                                                               \
    R (POST, "/hooks/{forge}/{hook}", hook_post, MAY_SIGNED, MAX_HOOK_BODY, 202, hook_take,           \
       "a forge calls: its webhook's secret signs the body")                                          \
    R (POST, "/forges", forge_add, MAY_ADMIN, 16 * KIB, 201, api_call,                                \
       "add a forge, or give one that is there another credential")                                   \
    R (GET, "/forges", forge_list, MAY_VIEW, 0, 200, api_call, "the forges, by name")                 \
    R (GET, "/forges/{forge}", forge_show, MAY_VIEW, 0, 200, api_call, "one forge")                   \
    R (DELETE, "/forges/{forge}", forge_remove, MAY_ADMIN, 0, 204, api_call,                          \
       "remove a forge without projects")                                                             \
    R (GET, "/forges/{forge}/repositories", forge_repository_list, MAY_ADMIN, 0, 200, api_call,       \
       "the repositories that its credential sees, to pick one")                                      \
    R (POST, "/forges/{forge}/projects", forge_connect, MAY_ADMIN, 16 * KIB, 201, api_call,           \
       "register a repository of it as a project, and make its webhook")                              \
    R (GET, "/projects/{project}/forge", forge_project_show, MAY_VIEW, 0, 200, api_call,              \
       "the project's repository at its forge, and how its webhook is")                               \
    R (POST, "/projects/{project}/forge", forge_project_set, MAY_MAINTAIN, 4 * KIB, 200, api_call,    \
       "whose pull requests run, and how often refs are compared")                                    \
    R (POST, "/projects/{project}/forge/check", forge_check, MAY_DEVELOP, 4 * KIB, 200, api_call,     \
       "look at its webhook now, and repair it")                                                      \
    R (POST, "/projects/{project}/forge/compare", forge_compare, MAY_DEVELOP, 4 * KIB, 200, api_call, \
       "compare its refs now: what no webhook brought becomes an event")                              \
    R (GET, "/projects/{project}/forge/statuses", forge_status_list, MAY_VIEW, 0, 200, api_call,      \
       "what the forge shows of the project's runs, and what it has not taken; latest commit first")  \
    R (GET, "/projects/{project}/forge/hook", forge_hook_show, MAY_MAINTAIN, 0, 200, api_call,        \
       "a post-receive hook for a plain repository; it contains a secret")                            \
    R (GET, "/deliveries", delivery_list, MAY_DEVELOP, 0, 200, api_call,                              \
       "what webhooks delivered, latest first")                                                       \
    R (GET, "/deliveries/{delivery}", delivery_show, MAY_DEVELOP, 0, 200, api_call,                   \
       "one delivery, with its payload and the body that the forge sent")                             \
    R (POST, "/deliveries/{delivery}/resend", delivery_resend, MAY_DEVELOP, 4 * KIB, 200, api_call,   \
       "work it off once more")                                                                       \
    R (POST, "/deliveries/{delivery}/approve", delivery_approve, MAY_DEVELOP, 4 * KIB, 200, api_call, \
       "let this head of a fork's pull request run; with `reject` not")

#endif
