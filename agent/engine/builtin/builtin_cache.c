/* builtin_cache.c - see builtin_cache.h. */

#include "agent/engine/builtin/builtin_cache.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/line.h"
#include "common/base/sha256.h"
#include "common/os/rooted.h"

#include <string.h>
#include <strings.h>

#define SALT "1.0" // Of the original, until it changes its archives

const char *cache_version (arena_t *arena, const char *const *paths, size_t count, const char *method)
{
    sha256_t sum;
    sha256_init (&sum);
    for (size_t i = 0; i < count; i++) {
        sha256_add (&sum, paths[i], strlen (paths[i]));
        sha256_add (&sum, "|", 1);
    }
    sha256_add (&sum, method, strlen (method));
    sha256_add (&sum, "|" SALT, sizeof ("|" SALT) - 1);
    return sha256_hex (&sum, arena);
}

const char *cache_relative (arena_t *arena, const char *from, const char *path)
{
    size_t same = 0, i = 0; // Bytes of whole segments that both have
    while (from[i] && from[i] == path[i]) {
        i++;
        if (from[i - 1] == '/')
            same = i;
    }
    if ((!from[i] || from[i] == '/') && (!path[i] || path[i] == '/'))
        same = i + (from[i] == '/' || path[i] == '/');
    const char *left = same < strlen (from) ? from + same : "";
    const char *down = same < strlen (path) ? path + same : "", *up = "";
    for (; *left; left += strcspn (left, "/"), left += strspn (left, "/"))
        up = arena_printf (arena, "%s../", up);
    const char *all = arena_printf (arena, "%s%s", up, down);
    size_t size = strlen (all);
    while (size && all[size - 1] == '/')
        size--;
    return size ? arena_strndup (arena, all, size) : ".";
}

// "! x" is "!x", as the original takes it.
static const char *line_of (arena_t *arena, const line_t *line)
{
    const char *text = arena_strndup (arena, line->text, line->size);
    return text[0] == '!' ? arena_printf (arena, "!%s", text + 1 + strspn (text + 1, " \t")) : text;
}

static bool wrong (caching_t *self, const char *text)
{
    self->error = text;
    return false;
}

bool caching_lines (caching_t *self, const char *name, const char *const **lines, size_t *count)
{
    const builtin_call_t *call = self->call;
    const char *text = call->input (call->self, name);
    const char **list = arena_array (call->arena, CACHE_LINES, sizeof (char *));
    *lines = list;
    *count = 0;
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);) {
        line_trim (&line);
        if (line.size && *count == CACHE_LINES)
            return wrong (self, arena_printf (call->arena, "`%s` has more than %d lines", name, CACHE_LINES));
        if (line.size)
            list[(*count)++] = line_of (call->arena, &line);
    }
    return true;
}

// Whatever is not `true` is false for the original, which says nothing about it.
bool caching_flag (const builtin_call_t *call, const char *name)
{
    const char *text = call->input (call->self, name);
    bool yes = strcasecmp (text, "true") == 0;
    if (*text && !yes && strcasecmp (text, "false") != 0)
        builtin_log (call, "##[warning]`%s: %s` is neither true nor false: it is taken as false", name, text);
    return yes;
}

bool caching_check_key (caching_t *self, const char *key)
{
    arena_t *arena = self->call->arena;
    size_t characters = 0;
    for (const char *at = key; *at; at++)
        characters += (*at & 0xc0) != 0x80;
    if (characters > CACHE_CHARACTERS)
        return wrong (self,
                      arena_printf (arena, "Key Validation Error: %s cannot be larger than %d characters.",
                                    key, CACHE_CHARACTERS));
    if (strchr (key, ','))
        return wrong (self, arena_printf (arena, "Key Validation Error: %s cannot contain commas.", key));
    return true;
}

bool caching_same_key (const char *key, const char *other)
{
    return strcasecmp (key, other) == 0;
}

bool caching_open (caching_t *self, const builtin_call_t *call)
{
    *self = (caching_t){.call = call};
    turn_init (&self->turn, call->arena, "", clock_now_us (clock_system ()));
    if (!caching_lines (self, "path", &self->paths, &self->path_count))
        return false;
    if (self->path_count == 0)
        return wrong (self, "Input required and not supplied: path");
    self->tar = call->program (call->self, "tar");
    self->packer = call->program (call->self, "zstd");
    self->version = cache_version (call->arena, self->paths, self->path_count,
                                   self->packer ? "zstd-without-long" : "gzip");
    self->archive =
        arena_printf (call->arena, "%s/cache-%s.%s", call->temp, id_new (call->arena, 'c', self->turn.now_us),
                      self->packer ? "tzst" : "tgz");
    return true;
}

void caching_close (const caching_t *self)
{
    (void) rooted_unlink (self->call->view, self->archive);
}

bool caching_retry (const caching_t *self, fault_t fault, builtin_retry_t *retry)
{
    retry->away_seconds = CACHE_AWAY_SECONDS;
    return fault != NO_SPACE && builtin_retry (self->call, &self->turn, fault, retry);
}

void caching_warn (const caching_t *self, const char *what, fault_t fault)
{
    builtin_log (self->call, "##[warning]%s: %s", what,
                 self->turn.detail ? self->turn.detail : fault_own_text (fault));
}
