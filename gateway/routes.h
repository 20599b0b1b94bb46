/* routes.h - every route of the public API, declared once.
 *
 * A row without a role, a body limit or a status does not compile. Path parameters, query parameters and the JSON body fill the
 * fields of `ask` by name; its service answers (proto/calls.h). All rows are served under /api/v1 as well. HEAD is GET without
 * the body. From these rows come dispatch, authorization, 404 and 405, the names that a query may use, what is recorded in the
 * audit (all that people change, unless a row says UNAUDITED), and OpenAPI.
 *
 * Columns: method, path, ask, who may (route.h), most bytes of the body, status on success, handler, meaning. */

#ifndef OPENCICD_GATEWAY_ROUTES_H
#define OPENCICD_GATEWAY_ROUTES_H

#include "gateway/routes_actions.h"
#include "gateway/routes_artifacts.h"
#include "gateway/routes_badges.h"
#include "gateway/routes_bulk.h"
#include "gateway/routes_caches.h"
#include "gateway/routes_findings.h"
#include "gateway/routes_forges.h"
#include "gateway/routes_logs.h"
#include "gateway/routes_oidc.h"
#include "gateway/routes_queue.h"
#include "gateway/routes_roles.h"
#include "gateway/routes_secrets.h"
#include "gateway/routes_session.h"
#include "gateway/routes_toolkit.h"
#include "gateway/routes_trials.h"
#include "gateway/routes_types.h"
#include "gateway/routes_workflow.h"
#include "proto/limits.h"

#define KIB 1024
// Handlers: types of body and answer (NULL: none), query parameters that are no fields ("*": any, as they are signed), differences.
// clang-format off
#define HANDLERS(H)                                 \
    H (api_call, JSON_TYPE, JSON_TYPE, NULL, 0)     \
    H (api_show, NULL, JSON_TYPE, NULL, 0)          \
    H (api_next, NULL, JSON_TYPE, NULL, 0)          \
    H (api_search, NULL, JSON_TYPE, NULL, 0)        \
    H (api_register, JSON_TYPE, JSON_TYPE, NULL, 0) \
    H (events_follow, NULL, SSE_TYPE, NULL, 0)      \
    LOG_HANDLERS (H) ARTIFACT_HANDLERS (H) TOOLKIT_HANDLERS (H) CACHE_HANDLERS (H) SESSION_HANDLERS (H) \
    TRIAL_HANDLERS (H) OIDC_HANDLERS (H) FORGE_ROUTE_HANDLERS (H) BADGE_HANDLERS (H) \
    H (probe_alive, NULL, JSON_TYPE, NULL, PLAIN)   \
    H (probe_ready, NULL, JSON_TYPE, NULL, PLAIN)   \
    H (probe_version, NULL, JSON_TYPE, NULL, PLAIN) \
    H (probe_metrics, NULL, TEXT_TYPE, NULL, PLAIN) \
    H (openapi_show, NULL, JSON_TYPE, NULL, PLAIN)

#define ROUTES(R)                                                                                            \
    R (GET, "/healthz", done, MAY_ANYBODY, 0, 200, probe_alive, "is this process alive?")                    \
    R (GET, "/readyz", done, MAY_ANYBODY, 0, 200, probe_ready, "can it serve? 503 if not")                   \
    R (GET, "/version", done, MAY_ANYBODY, 0, 200, probe_version, "the program and its version")             \
    R (GET, "/metrics", done, MAY_VIEW | EVERYWHERE, 0, 200, probe_metrics, "counters for Prometheus")       \
    R (GET, "/openapi.json", done, MAY_SIGN_IN, 0, 200, openapi_show, "this API, as OpenAPI 3.1")            \
    R (POST, "/register", agent_register, MAY_REGISTER, 16 * KIB, 201, api_register, "register an agent")    \
    R (GET, "/agents", agent_list, MAY_VIEW, 0, 200, api_call, "the agents, by name")                        \
    R (GET, "/agents/{agent}", agent_show, MAY_VIEW, 0, 200, api_show, "one agent")                          \
    R (DELETE, "/agents/{agent}", agent_remove, MAY_ADMIN, 0, 204, api_call, "remove an agent")              \
    R (POST, "/agents/{agent}/drain", agent_drain, MAY_ADMIN, 4 * KIB, 200, api_call,                        \
       "give it no other job; the one it has goes on")                                                       \
    R (POST, "/agents/{agent}/resume", agent_resume, MAY_ADMIN, 4 * KIB, 200, api_call,                      \
       "give it jobs again")                                                                                 \
    R (POST, "/agents/{agent}/heartbeat", agent_heartbeat, MAY_AGENT, 4 * KIB, 200, api_call, "it is alive") \
    R (GET, "/agents/{agent}/next", agent_next, MAY_AGENT, 0, 200, api_next,                                 \
       "wait for a job; 204: none came in time")                                                             \
    R (POST, "/projects", project_add, MAY_DEVELOP, 16 * KIB, 201, api_call, "register a repository")        \
    R (GET, "/projects", project_list, MAY_READ, 0, 200, api_call, "the projects, by name")                  \
    R (GET, "/projects/{project}", project_show, MAY_READ, 0, 200, api_show, "one project")                  \
    R (DELETE, "/projects/{project}", project_remove, MAY_MAINTAIN, 0, 204, api_call,                        \
       "remove a project and its runs")                                                                      \
    R (POST, "/projects/{project}/runs", run_trigger, MAY_DEVELOP, 1024 * KIB, 201, api_call,                \
       "run a workflow")                                                                                     \
    R (GET, "/projects/{project}/runs", run_list, MAY_READ, 0, 200, api_call,                                \
       "the project's runs, latest first")                                                                   \
    R (POST, "/projects/{project}/events", event_post, MAY_DEVELOP, 1024 * KIB, 201, api_call,               \
       "report an event of the repository")                                                                  \
    ACTION_ROUTES (R)                                                                                        \
    TRIAL_ROUTES (R)                                                                                         \
    BADGE_ROUTES (R)                                                                                         \
    WORKFLOW_ROUTES (R)                                                                                      \
    R (GET, "/runs", run_list, MAY_READ, 0, 200, api_call, "the runs, latest first")                         \
        R (GET, "/runs/{run}", run_show, MAY_READ, 0, 200, api_show, "one run with its jobs")                \
            FINDING_ROUTES (R) R (POST, "/runs/{run}/cancel", run_cancel, MAY_DEVELOP, 4 * KIB, 200,         \
                                  api_call, "ask it to stop")                                                \
                R (POST, "/runs/{run}/rerun", run_rerun, MAY_DEVELOP, 4 * KIB, 200, api_call,                \
                   "run it again: all, what failed, or one job") BULK_ROUTES (R)                             \
                    R (POST, "/jobs", job_submit, MAY_DEVELOP, 1024 * KIB, 201, api_call,                    \
                       "run one job without a workflow file") R (GET, "/jobs", job_list, MAY_READ, 0, 200,   \
                                                                 api_call, "the jobs, latest first")         \
                        R (GET, "/jobs/{job}", job_show, MAY_READ | MAY_JOB, 0, 200, api_show, "one job")    \
                            R (GET, "/jobs/{job}/attempts", job_attempts, MAY_READ, 0, 200, api_call,        \
                               "every try at a job") R (POST, "/jobs/{job}/cancel", job_cancel, MAY_DEVELOP, \
                                                        4 * KIB, 200, api_call, "ask it to stop")            \
                                R (POST, "/jobs/{job}/status", job_status, MAY_JOB | MAY_AGENT, 8192 * KIB,  \
                                   200, api_call, "an agent reports its progress") QUEUE_ROUTES (R)          \
                                    LOG_ROUTES (R) ARTIFACT_ROUTES (R) TOOLKIT_ROUTES (R) CACHE_ROUTES (R)   \
                                        R (GET, "/events", events_read, MAY_READ, 0, 200, events_follow,     \
                                           "what changes, as it changes") SECRET_ROUTES (R) OIDC_ROUTES (R)  \
                                            ROLE_ROUTES (R) FORGE_ROUTES (R) SESSION_ROUTES (R)              \
                                                R (POST, "/tokens", token_issue, MAY_ADMIN, 4 * KIB, 201,    \
                                                   api_call, "make a token")                                 \
                                                    R (GET, "/tokens", token_list, MAY_ADMIN, 0, 200,        \
                                                       api_call, "the tokens, without their secrets")        \
                                                        R (DELETE, "/tokens/{token}", token_revoke,          \
                                                           MAY_ADMIN, 0, 204, api_call, "revoke it")
// clang-format on

#endif
