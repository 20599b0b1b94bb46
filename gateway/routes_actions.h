/* routes_actions.h - the rows of routes.h about actions of other repositories (docs/actions.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_ACTIONS_H
#define OPENCICD_GATEWAY_ROUTES_ACTIONS_H

#define ACTION_ROUTES(R)                                                                               \
    R (GET, "/projects/{project}/actions", action_list, MAY_VIEW, 0, 200, api_call,                    \
       "the actions that the project uses by tag or branch, and the commits that these are locked to") \
    R (POST, "/projects/{project}/actions/accept", action_accept, MAY_DEVELOP, 4 * KIB, 200, api_call, \
       "accept that an action's tag or branch has moved: lock it to the commit that it names now")     \
    R (POST, "/jobs/{job}/actions", action_look, MAY_JOB, 4 * KIB, 200, api_call,                      \
       "an agent asks what a tag or branch of an action is locked to, or locks it")

#endif
