/* caller.h - who asks, and what it may: the one function that decides it, for every service. Pure.
 *
 * A caller has a role that holds everywhere, and roles in single projects (grants). The gateway derives them from the request's token,
 * and every message carries them. What is asked for belongs to a project, or to the whole instance (project ""), for which a grant is
 * no help. A service that owns the thing knows its project, and asks caller_may(). */

#ifndef OPENCICD_CALLER_H
#define OPENCICD_CALLER_H

#include <stdbool.h>
#include <stdint.h>

// They travel as numbers, and an older version takes one that it does not know for NOBODY: a new one goes to the end.
//     name      meaning
#define ROLES(X)                                                                   \
    X (NOBODY, "no valid token")                                                   \
    X (JOB, "one attempt of one job; subject is the job's id, attempt its number") \
    X (AGENT, "an agent; subject is its id")                                       \
    X (REGISTRAR, "may register agents, nothing else")                             \
    X (VIEWER, "reads everything but secrets")                                     \
    X (DEVELOPER, "triggers, cancels, reruns")                                     \
    X (ADMIN, "everything")                                                        \
    X (SERVICE, "another service of this control plane")                           \
    X (MEMBER, "is signed in, and may what its roles in single projects say")      \
    X (MAINTAINER, "a developer that also has a project's settings, environments and roles")

#define ROLE_ENUM(name, text) ROLE_##name,
typedef enum { ROLES (ROLE_ENUM) ROLE_COUNT } role_t;
#undef ROLE_ENUM

const char *role_name (role_t role);      // "ADMIN"
role_t role_from_name (const char *name); // Ignores case; ROLE_NOBODY for an unknown name
// Roles of people, in order: MEMBER 1, VIEWER 2, DEVELOPER 3, MAINTAINER 4, ADMIN 5. 0 for any other: they have rights of their own.
int role_rank (role_t role);
// Can it be somebody's role in a single project? VIEWER, DEVELOPER, MAINTAINER.
bool role_is_of_project (role_t role);

#define GRANTS_MOST 128  // Projects in which one caller has a role
#define GRANTS_TEXT 4000 // Bytes of all of them

// Roles in projects as a text, "|p01k9..=D|p01k8..=V|": it is copied and sent as it is. NULL where the caller's role is all that counts; "" for no
// project. D is the first letter of its role.
typedef struct {
    role_t role;
    const char *subject;
    uint32_t attempt; // ROLE_JOB only
    const char *grants;
} caller_t;

// May the caller do in this project what takes this role? `project` is an id; "": in the whole instance. `is_public`: everybody may see
// it, which is of use for VIEWER alone. Always true for a service, never for agents, jobs and registrars.
bool caller_may (const caller_t *caller, const char *project, bool is_public, role_t least);
// May it do so in every project, also in one that is still to come? Then nobody need find out which one is meant.
bool caller_may_everywhere (const caller_t *caller, role_t least);
// Its role in a project: its own, or what the grants give where that is more.
role_t caller_role_in (const caller_t *caller, const char *project);
// The highest of its roles, in whichever project; its own where that is not one of people.
role_t caller_best (const caller_t *caller);
// The role in a project that the grants give; NOBODY for none.
role_t grants_role (const char *grants, const char *project);
// The next of them: `at` begins as the text and moves on. False after the last; what is no grant is passed over.
typedef struct {
    const char *project;
    int size; // Characters of its id
    role_t role;
} granted_role_t;
bool grants_next (const char **at, granted_role_t *out);

#endif
