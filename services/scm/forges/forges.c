/* forges.c - the table of forges, and what is the same for all of them. See forge.h. */

#include "services/scm/forges/forge.h"

#include "common/base/bytes.h"

#include <string.h>

static const forge_t *const forges[] = {&forge_github, &forge_gitlab, &forge_gitea, &forge_git};

#define COUNT (sizeof forges / sizeof forges[0])

const forge_t *forge_of_kind (const char *kind)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp (forges[i]->kind, kind) == 0)
            return forges[i];
    return NULL;
}

const char *forge_kinds (arena_t *arena)
{
    const char *list = "";
    for (size_t i = 0; i < COUNT; i++)
        list = arena_printf (arena, "%s%s%s", list, *list ? ", " : "", forges[i]->kind);
    return list;
}

const char *forge_git_header (arena_t *arena, const forge_t *forge, const char *credential)
{
    if (!*credential)
        return "";
    const char *pair =
        forge->git_user ? arena_printf (arena, "%s:%s", forge->git_user, credential) : credential;
    return arena_printf (arena, "Authorization: Basic %s", bytes_base64 (arena, pair, strlen (pair)));
}
