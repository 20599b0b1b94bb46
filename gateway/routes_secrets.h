/* routes_secrets.h - the rows of routes.h about secrets, variables and environments, and what a job gets of them.
 *
 * The same rows for each scope: all projects, a project, an environment of a project. */

#ifndef OPENCICD_GATEWAY_ROUTES_SECRETS_H
#define OPENCICD_GATEWAY_ROUTES_SECRETS_H

#define VALUE_BODY (320 * KIB) // MAX_VALUE, each character escaped

#define SECRET_SCOPE(R, where, of, may)                                                                 \
    R (GET, where "/secrets", secret_list, MAY_DEVELOP, 0, 200, api_call,                               \
       "the secrets of " of ", by name; never a value")                                                 \
    R (PUT, where "/secrets/{name}", secret_set, may, VALUE_BODY, 200, api_call, "set a secret of " of) \
    R (DELETE, where "/secrets/{name}", secret_remove, may, 0, 204, api_call, "remove a secret of " of) \
    R (GET, where "/variables", variable_list, MAY_VIEW, 0, 200, api_call,                              \
       "the variables of " of ", by name")                                                              \
    R (PUT, where "/variables/{name}", variable_set, may, VALUE_BODY, 200, api_call,                    \
       "set a variable of " of)                                                                         \
    R (DELETE, where "/variables/{name}", variable_remove, may, 0, 204, api_call, "remove a variable of " of)

#define SECRET_ROUTES(R)                                                                                    \
    SECRET_SCOPE (R, "", "all projects", MAY_ADMIN)                                                         \
    SECRET_SCOPE (R, "/projects/{project}", "a project", MAY_DEVELOP)                                       \
    SECRET_SCOPE (R, "/projects/{project}/environments/{environment}", "an environment", MAY_MAINTAIN)      \
    R (GET, "/projects/{project}/environments", environment_list, MAY_VIEW, 0, 200, api_call,               \
       "the environments of a project, by name")                                                            \
    R (GET, "/projects/{project}/environments/{environment}", environment_show, MAY_VIEW, 0, 200, api_show, \
       "one environment, with its rules")                                                                   \
    R (PUT, "/projects/{project}/environments/{environment}", environment_set, MAY_MAINTAIN, 64 * KIB, 200, \
       api_call, "make an environment, or replace its rules")                                               \
    R (DELETE, "/projects/{project}/environments/{environment}", environment_remove, MAY_MAINTAIN, 0, 204,  \
       api_call, "remove an environment with its secrets and variables")                                    \
    R (GET, "/approvals", approval_list, MAY_VIEW, 0, 200, api_call,                                        \
       "the jobs that wait for an approval, oldest first")                                                  \
    R (GET, "/runs/{run}/approvals", run_deployments, MAY_VIEW, 0, 200, api_call,                           \
       "what of a run its environments held back, and who approved it")                                     \
    R (POST, "/runs/{run}/approvals", run_approve, MAY_VIEW, 16 * KIB, 200, api_call,                       \
       "approve or reject what waits for it; for approvers of the environment, and an ADMIN")               \
    R (POST, "/jobs/{job}/secrets", job_secrets, MAY_JOB, 4 * KIB, 200, api_call,                           \
       "what an attempt begins with: its agent alone knows the key")

#endif
