/* call_permissions.c - see call_permissions.h. Where a job declares permissions, what it does not name is none. */

#include "workflow/plan/call_permissions.h"

#include "workflow/schema/schema.h"

#include <string.h>

static const char *const levels[] = {"none", "read", "write"};
#define LEVEL_COUNT (sizeof (levels) / sizeof (levels[0]))

static size_t level_of (const char *text)
{
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        if (strcmp (levels[i], text) == 0)
            return i;
    return 0;
}

static size_t level_in (const pairs_t *permissions, const char *scope)
{
    const char *whole = permissions->whole.text;
    if (whole)
        return strcmp (whole, "write-all") == 0 ? 2 : strcmp (whole, "read-all") == 0;
    for (size_t i = 0; i < permissions->count; i++)
        if (strcmp (permissions->items[i].key.text, scope) == 0)
            return level_of (permissions->items[i].value.text ? permissions->items[i].value.text : "");
    return 0;
}

const char *permission_raised (arena_t *arena, const job_t *caller, const job_t *called)
{
    if (!caller->has_permissions || !called->has_permissions)
        return NULL;
    for (size_t i = 0; i < schema_permissions.count; i++) {
        const char *scope = schema_permissions.rows[i].key;
        size_t asks = level_in (&called->permissions, scope), has = level_in (&caller->permissions, scope);
        if (asks > has)
            return arena_printf (arena, "%s: %s, but its caller has %s: %s", scope, levels[asks], scope,
                                 levels[has]);
    }
    return NULL;
}
