/* routes_roles.h - the rows of routes.h about roles in projects and everywhere, groups of people, and who may see a project. */

#ifndef OPENCICD_GATEWAY_ROUTES_ROLES_H
#define OPENCICD_GATEWAY_ROUTES_ROLES_H

#define ROLE_SCOPE(R, where, of, may)                                                            \
    R (GET, where "/roles", role_list, may, 0, 200, api_call, "who was given which role in " of) \
    R (PUT, where "/roles/{subject}", role_set, may, 4 * KIB, 200, api_call,                     \
       "give a person, or `group:NAME`, a role in " of)                                          \
    R (DELETE, where "/roles/{subject}", role_drop, may, 0, 204, api_call, "take it away")

#define ROLE_ROUTES(R)                                                                                     \
    ROLE_SCOPE (R, "", "all projects", MAY_ADMIN)                                                          \
    ROLE_SCOPE (R, "/projects/{project}", "a project", MAY_MAINTAIN)                                       \
    R (GET, "/groups", group_list, MAY_ADMIN, 0, 200, api_call, "the groups of people, by name")           \
    R (PUT, "/groups/{group}", group_set, MAY_ADMIN, 32 * KIB, 200, api_call,                              \
       "make a group, or replace its members")                                                             \
    R (DELETE, "/groups/{group}", group_set, MAY_ADMIN, 0, 204, api_call, "remove a group, and its roles") \
    R (PATCH, "/projects/{project}", project_set, MAY_MAINTAIN, 4 * KIB, 200, api_call,                    \
       "change who may see a project")

#endif
