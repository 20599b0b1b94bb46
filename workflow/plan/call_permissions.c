/* call_permissions.c - see call_permissions.h. Where a job declares permissions, what it does not name is none. */

#include "workflow/plan/call_permissions.h"

#include "workflow/schema/schema.h"

#include <string.h>

#define IDENTITY "id-token" // In no repository's defaults: without a declaration it is none

static const char *const levels[] = {"none", "read", "write"};
#define LEVEL_COUNT (sizeof (levels) / sizeof (levels[0]))
#define WRITE       2

static size_t level_of (const char *text)
{
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        if (strcmp (levels[i], text) == 0)
            return i;
    return 0;
}

static size_t level_of_all (const char *whole)
{
    return strcmp (whole, "write-all") == 0 ? WRITE : strcmp (whole, "read-all") == 0;
}

static size_t level_in (const pairs_t *permissions, const char *scope)
{
    if (permissions->whole.text)
        return level_of_all (permissions->whole.text);
    for (size_t i = 0; i < permissions->count; i++)
        if (strcmp (permissions->items[i].key.text, scope) == 0)
            return level_of (permissions->items[i].value.text ? permissions->items[i].value.text : "");
    return 0;
}

const char *permission_raised (arena_t *arena, const job_t *caller, const job_t *called, bool first)
{
    if (!called->has_permissions || (!caller->has_permissions && !first))
        return NULL;
    for (size_t i = 0; i < schema_permissions.count; i++) {
        const char *scope = schema_permissions.rows[i].key;
        if (!caller->has_permissions && strcmp (scope, IDENTITY) != 0)
            continue;
        size_t asks = level_in (&called->permissions, scope), has = level_in (&caller->permissions, scope);
        if (asks > has)
            return arena_printf (arena, "%s: %s, but its caller has %s: %s", scope, levels[asks], scope,
                                 levels[has]);
    }
    return NULL;
}

static size_t level_at (const value_t *permissions, const char *scope)
{
    if (permissions->kind == VALUE_STRING)
        return level_of_all (permissions->string.text);
    return level_of (value_get_text (permissions, scope));
}

const value_t *permissions_below (arena_t *arena, const value_t *declared, const value_t *caller)
{
    bool limited = caller && caller->kind != VALUE_NULL;
    if (!caller || (!declared && !limited))
        return declared;
    if (!declared)
        return caller;
    value_t *lowered = value_object (arena);
    for (size_t i = 0; i < schema_permissions.count; i++) {
        const char *scope = schema_permissions.rows[i].key, *values = schema_permissions.rows[i].values;
        size_t level = level_at (declared, scope);
        size_t most = limited ? level_at (caller, scope) : strcmp (scope, IDENTITY) == 0 ? 0 : WRITE;
        if (level > most)
            level = most;
        while (level > 0 && !strstr (values, levels[level])) // read-all gives `id-token` nothing
            level--;
        if (level > 0)
            value_set (arena, lowered, scope, value_string (arena, levels[level]));
    }
    return lowered;
}

bool permissions_identify (const value_t *permissions)
{
    return permissions && level_at (permissions, IDENTITY) == WRITE;
}
