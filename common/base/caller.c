/* caller.c - see caller.h. */

#include "common/base/caller.h"

#include <string.h>
#include <strings.h>

#define ROLE_ROW(name, text) #name,
static const char *const role_names[ROLE_COUNT] = {ROLES (ROLE_ROW)};

// What is not of people has none.
static const int role_ranks[ROLE_COUNT] = {
    [ROLE_MEMBER] = 1, [ROLE_VIEWER] = 2, [ROLE_DEVELOPER] = 3, [ROLE_MAINTAINER] = 4, [ROLE_ADMIN] = 5};

const char *role_name (role_t role)
{
    return role_names[role];
}

role_t role_from_name (const char *name)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        if (strcasecmp (role_names[role], name) == 0)
            return (role_t) role;
    return ROLE_NOBODY;
}

int role_rank (role_t role)
{
    return role < ROLE_COUNT ? role_ranks[role] : 0;
}

bool role_is_of_project (role_t role)
{
    return role_rank (role) >= role_rank (ROLE_VIEWER) && role_rank (role) <= role_rank (ROLE_MAINTAINER);
}

// A letter that is not known is a newer version's, or damage: it gives nothing.
static role_t role_of_letter (char letter)
{
    return letter == 'V'   ? ROLE_VIEWER
           : letter == 'D' ? ROLE_DEVELOPER
           : letter == 'M' ? ROLE_MAINTAINER
                           : ROLE_NOBODY;
}

bool grants_next (const char **at, granted_role_t *out)
{
    while (*at && **at) {
        const char *begin = *at + strspn (*at, "|"), *end = begin + strcspn (begin, "|");
        const char *sign = memchr (begin, '=', (size_t) (end - begin));
        *at = end;
        if (!sign || sign == begin || end - sign != 2)
            continue;
        *out = (granted_role_t){begin, (int) (sign - begin), role_of_letter (sign[1])};
        if (out->role != ROLE_NOBODY)
            return true;
    }
    return false;
}

role_t grants_role (const char *grants, const char *project)
{
    granted_role_t grant;
    size_t size = project ? strlen (project) : 0;
    role_t role = ROLE_NOBODY;
    while (size && grants_next (&grants, &grant))
        if ((size_t) grant.size == size && memcmp (grant.project, project, size) == 0 &&
            role_rank (grant.role) > role_rank (role))
            role = grant.role;
    return role;
}

static bool is_person (role_t role)
{
    return role_rank (role) > 0;
}

bool caller_may_everywhere (const caller_t *caller, role_t least)
{
    if (caller->role == ROLE_SERVICE)
        return true;
    return role_rank (least) > 0 && role_rank (caller->role) >= role_rank (least);
}

bool caller_may (const caller_t *caller, const char *project, bool is_public, role_t least)
{
    if (caller_may_everywhere (caller, least))
        return true;
    if (role_rank (least) == 0 || (!is_person (caller->role) && caller->role != ROLE_NOBODY))
        return false;
    if (is_public && project && *project && role_rank (least) <= role_rank (ROLE_VIEWER))
        return true;
    return role_rank (caller_role_in (caller, project)) >= role_rank (least);
}

role_t caller_role_in (const caller_t *caller, const char *project)
{
    role_t granted = is_person (caller->role) ? grants_role (caller->grants, project) : ROLE_NOBODY;
    return role_rank (granted) > role_rank (caller->role) ? granted : caller->role;
}

role_t caller_best (const caller_t *caller)
{
    granted_role_t grant;
    const char *at = caller->grants;
    role_t best = caller->role;
    while (is_person (best) && grants_next (&at, &grant))
        if (role_rank (grant.role) > role_rank (best))
            best = grant.role;
    return best;
}
