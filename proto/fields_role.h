/* fields_role.h - fields of roles in projects, groups of people, and who may see a project. */

#ifndef OPENCICD_FIELDS_ROLE_H
#define OPENCICD_FIELDS_ROLE_H

#include "proto/limits.h"

#define MAX_GROUP_MEMBERS 200

#define PROJECT_SET(F, T)                       \
    F (T, KEY, project, MAX_NAME, "id or name") \
    F (T, STR, visibility, 32, "private, or public: everybody may see its runs, logs and artifacts")

// Somebody's role, by grant; the roles of tokens are no such rows.
#define ROLE_ROW_OF(F, T)                                                             \
    F (T, STR, subject, MAX_ID, "who: a person, or `group:NAME`")                     \
    F (T, STR, project_id, MAX_ID, "where; empty: in all projects")                   \
    F (T, STR, role, 32, "VIEWER, DEVELOPER, MAINTAINER; in all projects also ADMIN") \
    F (T, TIME, granted_at, 0, "when")                                                \
    F (T, STR, granted_by, MAX_ID, "by whom")                                         \
    F (T, STR, project, MAX_NAME, "the project's name, where it is known")
#define ROLE_LIST(F, T)                                                      \
    PAGE (F, T)                                                              \
    F (T, STR, project, MAX_NAME, "id or name: only roles in this project")  \
    F (T, STR, subject, MAX_ID, "only those of this person or `group:NAME`") \
    F (T, BOOL, everywhere, 1, "only roles in all projects")
#define ROLE_PAGE(F, T) PAGE_OF (F, T, role_row)
#define ROLE_SET(F, T)                                                  \
    F (T, KEY, subject, MAX_ID, "a person, or `group:NAME`")            \
    F (T, STR, project, MAX_NAME, "id or name; empty: in all projects") \
    F (T, KEY, role, 32, "VIEWER, DEVELOPER, MAINTAINER; in all projects also ADMIN")
#define ROLE_DROP(F, T)                                      \
    F (T, KEY, subject, MAX_ID, "a person, or `group:NAME`") \
    F (T, STR, project, MAX_NAME, "id or name; empty: the role in all projects")

#define PEOPLE_GROUP(F, T)                                                \
    F (T, KEY, name, MAX_ID, "letters, digits, . _ -")                    \
    F (T, STRS, members, MAX_GROUP_MEMBERS, "subjects of people, sorted") \
    F (T, TIME, updated_at, 0, "when it was changed last")                \
    F (T, STR, updated_by, MAX_ID, "by whom")                             \
    F (T, STRS, provided, MAX_GROUP_MEMBERS,                              \
       "beside these, members whom providers put into it at their sign-in")
#define GROUP_LIST(F, T) PAGE (F, T)
#define GROUP_PAGE(F, T) PAGE_OF (F, T, people_group)
#define GROUP_SET(F, T)                   \
    F (T, KEY, group, MAX_ID, "its name") \
    F (T, STRS, members, MAX_GROUP_MEMBERS, "all of them; none: there is no such group, and its roles end")

#define ROLE_MESSAGES(M)                                                        \
    M (490, project_set, PROJECT_SET, "change who may see a project")           \
    M (491, role_row, ROLE_ROW_OF, "somebody's role in a project, or in all")   \
    M (492, role_list, ROLE_LIST, "who has which role")                         \
    M (493, role_page, ROLE_PAGE, "roles, by subject")                          \
    M (494, role_set, ROLE_SET, "give somebody a role in a project, or in all") \
    M (495, role_drop, ROLE_DROP, "take it away")                               \
    M (496, people_group, PEOPLE_GROUP, "people who have roles together")       \
    M (497, group_list, GROUP_LIST, "the groups")                               \
    M (498, group_page, GROUP_PAGE, "groups, by name")                          \
    M (499, group_set, GROUP_SET, "make a group, change its members, or remove it")

#define ROLE_CALLS(C)                           \
    C (project_set, scheduler, project, AGAIN)  \
    C (role_list, identity, role_page, AGAIN)   \
    C (role_set, identity, role_row, AGAIN)     \
    C (role_drop, identity, done, AGAIN)        \
    C (group_list, identity, group_page, AGAIN) \
    C (group_set, identity, people_group, AGAIN)

#endif
