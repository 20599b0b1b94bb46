/* builtin.c - the table of actions, and what they share. */

#include "agent/engine/builtin/builtin.h"

#include "common/base/clock.h"
#include "common/os/git_bundle.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

static const builtin_t builtins[] = {
    {.name = "actions/checkout",
     .inputs = builtin_checkout_inputs,
     .run = builtin_checkout,
     .secrets = builtin_checkout_secrets,
     .outside = true},
    {.name = "actions/upload-artifact", .inputs = builtin_upload_inputs, .run = builtin_upload},
    {.name = "actions/download-artifact", .inputs = builtin_download_inputs, .run = builtin_download},
    {.name = "actions/cache",
     .inputs = builtin_cache_inputs,
     .run = builtin_cache,
     .post = builtin_cache_post,
     .post_on_success = true},
    {.name = "actions/cache/restore", .inputs = builtin_restore_inputs, .run = builtin_restore},
    {.name = "actions/cache/save", .inputs = builtin_save_inputs, .run = builtin_save},
};

#define RETRY_LEAST MILLISECONDS (100)
#define RETRY_MOST  SECONDS (5)

#define BUILTIN_COUNT (sizeof (builtins) / sizeof (builtins[0]))

// Is it in the list of those that are to be the originals?
static bool is_listed (const char *list, const char *name, size_t size)
{
    for (; list && *list; list += strspn (list, ", ")) {
        size_t length = strcspn (list, ", ");
        if ((length == size && strncasecmp (list, name, size) == 0) ||
            (length == 3 && strncasecmp (list, "all", 3) == 0))
            return true;
        list += length;
    }
    return false;
}

bool builtin_is_trial (const char *ref)
{
    return ref && strncmp (ref, TRIAL_REF, sizeof TRIAL_REF - 1) == 0;
}

// Of the public servers that have GitHub's own actions under the names that they have there.
static const char *without_mirror (const char *uses)
{
    static const char *const mirrors[] = {"https://github.com/", "https://gitea.com/",
                                          "https://code.forgejo.org/", "https://data.forgejo.org/"};
    for (size_t i = 0; i < sizeof mirrors / sizeof mirrors[0]; i++)
        if (strncasecmp (uses, mirrors[i], strlen (mirrors[i])) == 0)
            return uses + strlen (mirrors[i]);
    return uses;
}

const builtin_t *builtin_find (const char *uses, const char *originals, const char *ref)
{
    uses = without_mirror (uses);
    size_t size = strcspn (uses, "@");
    if (!uses[size]) // No version: refused with the others
        return NULL;
    const builtin_t *found = NULL;
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        if (strlen (builtins[i].name) == size && strncasecmp (builtins[i].name, uses, size) == 0)
            found = builtins + i;
    bool ours = found && found->run == builtin_checkout && builtin_is_trial (ref);
    return ours || !is_listed (originals, uses, size) ? found : NULL;
}

const char *builtin_names (arena_t *arena)
{
    const char *names = builtins[0].name;
    for (size_t i = 1; i < BUILTIN_COUNT; i++)
        names = arena_printf (arena, "%s, %s", names, builtins[i].name);
    return names;
}

void builtin_log (const builtin_call_t *call, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    call->log (call->self, arena_vprintf (call->arena, format, args));
    va_end (args);
}

bool builtin_fail (const builtin_call_t *call, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    call->fail (call->self, arena_vprintf (call->arena, format, args));
    va_end (args);
    return false;
}

bool builtin_retry (const builtin_call_t *call, const turn_t *turn, fault_t fault, builtin_retry_t *retry)
{
    if (!fault_is_transient (fault) && fault != NO_SPACE)
        return false;
    int64_t now = clock_monotonic_us ();
    if (!retry->until_us) {
        retry->backoff = (backoff_t){.least_us = RETRY_LEAST, .most_us = RETRY_MOST};
        retry->until_us = now + SECONDS (retry->away_seconds ? retry->away_seconds : BUILTIN_AWAY_SECONDS);
        builtin_log (call, "##[warning]%s; trying again",
                     turn->detail ? turn->detail : fault_own_text (fault));
    }
    if (fault != NO_SPACE && now >= retry->until_us)
        return false;
    call->wait (call->self, backoff_next_us (&retry->backoff));
    return !call->stopped (call->self);
}

bool builtin_flag (const builtin_call_t *call, const char *name, bool fallback, bool *out)
{
    const char *text = call->input (call->self, name);
    *out = *text ? strcasecmp (text, "true") == 0 : fallback;
    if (!*text || strcasecmp (text, "true") == 0 || strcasecmp (text, "false") == 0)
        return true;
    return builtin_fail (call, "`%s: %s` must be true or false", name, text);
}

static bool escapes_workspace (const char *path)
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

const char *builtin_path (const builtin_call_t *call, const char *path)
{
    size_t size = strlen (call->workspace);
    if (strncmp (path, call->workspace, size) == 0 && (!path[size] || path[size] == '/'))
        path += size + (path[size] == '/');
    if (path[0] == '/' || escapes_workspace (path)) {
        builtin_fail (call, "\"%s\" is not in the workspace", path);
        return NULL;
    }
    return *path ? arena_printf (call->arena, "%s/%s", call->workspace, path)
                 : arena_strdup (call->arena, call->workspace);
}
