/* action.c - the table of actions, and what they share. */

#include "agent/action.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

static const action_t actions[] = {
    {"actions/checkout", action_checkout_inputs, action_checkout},
    {"actions/upload-artifact", action_upload_inputs, action_upload},
    {"actions/download-artifact", action_download_inputs, action_download},
};

#define ACTION_COUNT (sizeof (actions) / sizeof (actions[0]))

const action_t *action_find (const char *uses)
{
    size_t size = strcspn (uses, "@");
    for (size_t i = 0; i < ACTION_COUNT; i++)
        if (strlen (actions[i].name) == size && strncasecmp (actions[i].name, uses, size) == 0)
            return actions + i;
    return NULL;
}

const char *action_names (arena_t *arena)
{
    const char *names = actions[0].name;
    for (size_t i = 1; i < ACTION_COUNT; i++)
        names = arena_printf (arena, "%s, %s", names, actions[i].name);
    return names;
}

void action_say (const action_call_t *call, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    call->say (call->self, arena_vprintf (call->arena, format, args));
    va_end (args);
}

bool action_fail (const action_call_t *call, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    call->fail (call->self, arena_vprintf (call->arena, format, args));
    va_end (args);
    return false;
}

bool action_flag (const action_call_t *call, const char *name, bool fallback, bool *out)
{
    const char *text = call->input (call->self, name);
    *out = *text ? strcasecmp (text, "true") == 0 : fallback;
    if (!*text || strcasecmp (text, "true") == 0 || strcasecmp (text, "false") == 0)
        return true;
    return action_fail (call, "`%s: %s` must be true or false", name, text);
}

static bool leads_out (const char *path)
{
    long depth = 0;
    while (*path && depth >= 0) {
        size_t size = strcspn (path, "/");
        if (size == 2 && strncmp (path, "..", 2) == 0)
            depth--;
        else if (size && !(size == 1 && *path == '.'))
            depth++;
        path += size;
        path += strspn (path, "/");
    }
    return depth < 0;
}

const char *action_path (const action_call_t *call, const char *path)
{
    size_t size = strlen (call->workspace);
    if (strncmp (path, call->workspace, size) == 0 && (!path[size] || path[size] == '/'))
        path += size + (path[size] == '/');
    if (path[0] == '/' || leads_out (path)) {
        action_fail (call, "\"%s\" is not in the workspace", path);
        return NULL;
    }
    return *path ? arena_printf (call->arena, "%s/%s", call->workspace, path)
                 : arena_strdup (call->arena, call->workspace);
}
