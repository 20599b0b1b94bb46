/* builtin_cache_restore.c - actions/cache/restore, and what actions/cache does first: the archive comes into RUNNER_TEMP, tar unpacks it.
 *
 * A cache that cannot be had is a warning and a miss: the job makes its content again. Only inputs that make no sense, and a miss where
 * `fail-on-cache-miss` is set, fail the step. */

#include "agent/engine/builtin/builtin_cache_pieces.h"

#include "common/base/bytes.h"
#include "common/os/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *const builtin_cache_inputs[] = {"path",
                                            "key",
                                            "restore-keys",
                                            "upload-chunk-size",
                                            "enableCrossOsArchive",
                                            "fail-on-cache-miss",
                                            "lookup-only",
                                            "save-always",
                                            NULL},
                  *const builtin_restore_inputs[] = {
                      "path",        "key", "restore-keys", "enableCrossOsArchive", "fail-on-cache-miss",
                      "lookup-only", NULL};

typedef struct {
    caching_t of;
    const char *key;
    const char *const *others; // restore-keys
    size_t other_count;
    bool only_look;
    int fd;
    int64_t got; // Bytes of the archive
    int error;   // Of the file
} restoring_t;

static bool read_inputs (restoring_t *self, const builtin_call_t *call)
{
    caching_t *of = &self->of;
    if (!caching_open (of, call))
        return false;
    self->key = call->input (call->self, "key");
    of->error = "Input required and not supplied: key";
    if (!*self->key || !caching_lines (of, "restore-keys", &self->others, &self->other_count))
        return false;
    of->error = "Key Validation Error: Keys are limited to a maximum of 10.";
    bool good = self->other_count < CACHE_KEYS && caching_check_key (of, self->key);
    for (size_t i = 0; i < self->other_count && good; i++)
        good = caching_check_key (of, self->others[i]);
    return good;
}

static bool take_piece (void *self_, const char *bytes, size_t size)
{
    restoring_t *self = self_;
    const builtin_call_t *call = self->of.call;
    if (call->stopped (call->self))
        return false;
    if (!bytes_write (self->fd, bytes, size)) {
        self->error = errno;
        return false;
    }
    self->got += (int64_t) size;
    return true;
}

// What broke off goes on where it ended.
static fault_t fetch (restoring_t *self, const cache_hit_t *hit)
{
    caching_t *of = &self->of;
    const cache_port_t *port = of->call->caches;
    builtin_retry_t retry = {.until_us = 0};
    fault_t fault;
    self->fd = rooted_open (of->call->view, of->archive, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    if (self->fd < 0)
        return turn_fail (&of->turn, BROKEN, "%s: %s", of->archive, strerror (errno));
    do
        fault = port->fetch (port->self, &of->turn, hit, self->got, take_piece, self);
    while (!self->error && caching_retry (of, fault, &retry));
    close (self->fd);
    return self->error ? turn_fail (&of->turn, BROKEN, "%s: %s", of->archive, strerror (self->error)) : fault;
}

static bool unpack (const restoring_t *self)
{
    const caching_t *of = &self->of;
    const builtin_call_t *call = of->call;
    if (!of->tar)
        return false;
    const char *arguments[] = {of->tar, "-xf", of->archive, "-P", "-C", call->workspace, "-z", NULL, NULL};
    if (of->packer) {
        arguments[6] = "--use-compress-program";
        arguments[7] = arena_printf (call->arena, "%s -d", of->packer);
    }
    return call->run (call->self, (char *const *) arguments, call->workspace, NULL);
}

// The key under which it was found; NULL for none that could be had.
static const char *restore (restoring_t *self)
{
    caching_t *of = &self->of;
    const builtin_call_t *call = of->call;
    const cache_port_t *port = call->caches;
    cache_hit_t hit;
    builtin_retry_t retry = {.until_us = 0};
    int64_t copied = 0;
    fault_t fault;
    do
        fault =
            port->look (port->self, &of->turn, self->key, self->others, self->other_count, of->version, &hit);
    while (caching_retry (of, fault, &retry));
    if (!fault && !hit.key)
        return NULL;
    if (!fault) {
        builtin_log (call,
                     strcmp (hit.key, self->key) == 0 ? "Cache hit for: %s" : "Cache hit for restore-key: %s",
                     hit.key);
        if (self->only_look) {
            builtin_log (call, "Lookup only - skipping download");
            return hit.key;
        }
        copied = port->copied ? port->copied (port->self) : 0;
        fault = fetch (self, &hit);
    }
    if (fault) {
        caching_warn (of, "Failed to restore", fault);
        return NULL;
    }
    builtin_log (call, "Cache Size: ~%lld MB (%lld B)", (long long) ((self->got + (1 << 19)) >> 20),
                 (long long) self->got);
    if (port->copied && port->copied (port->self) > copied)
        builtin_log (call, "%lld B of it were on this machine",
                     (long long) (port->copied (port->self) - copied));
    cache_pieces_list (of, &hit);
    if (!unpack (self)) {
        builtin_log (call, "##[warning]Failed to restore: %s",
                     of->tar ? "tar cannot unpack the cache" : "there is no tar where the steps run");
        return NULL;
    }
    builtin_log (call, "Cache restored successfully");
    return hit.key;
}

static bool missed (const restoring_t *self)
{
    const builtin_call_t *call = self->of.call;
    const char *keys = self->key;
    if (caching_flag (call, "fail-on-cache-miss"))
        return builtin_fail (
            call, "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: %s",
            self->key);
    for (size_t i = 0; i < self->other_count; i++)
        keys = arena_printf (call->arena, "%s, %s", keys, self->others[i]);
    builtin_log (call, "Cache not found for input keys: %s", keys);
    return true;
}

// The post of actions/cache gets it as state, the steps after actions/cache/restore as outputs.
static void hand_on (const builtin_call_t *call, bool to_steps, const char *state, const char *output,
                     const char *value)
{
    if (to_steps)
        call->output (call->self, output, value);
    else
        call->keep_state (call->self, state, value);
}

static bool run (const builtin_call_t *call, bool to_steps)
{
    restoring_t self = {.fd = -1};
    if (!call->caches) {
        builtin_log (call, "##[warning]There are no caches here: nothing is restored.");
        call->output (call->self, "cache-hit", "false");
        return true;
    }
    if (!read_inputs (&self, call))
        return builtin_fail (call, "%s", self.of.error);
    self.only_look = caching_flag (call, "lookup-only");
    hand_on (call, to_steps, CACHE_KEY_STATE, "cache-primary-key", self.key);
    const char *found = restore (&self);
    caching_close (&self.of);
    if (!found) // `cache-hit` stays unset, as the original leaves it
        return missed (&self);
    hand_on (call, to_steps, CACHE_HIT_STATE, "cache-matched-key", found);
    call->output (call->self, "cache-hit", caching_same_key (self.key, found) ? "true" : "false");
    builtin_log (
        call, self.only_look ? "Cache found and can be restored from key: %s" : "Cache restored from key: %s",
        found);
    return true;
}

bool builtin_restore (const builtin_call_t *call)
{
    return run (call, true);
}

bool builtin_cache (const builtin_call_t *call)
{
    if (*call->input (call->self, "save-always"))
        builtin_log (
            call, "##[warning]`save-always` has no effect: it is deprecated. To save whatever happens, use "
                  "actions/cache/restore and, with `if: always()`, actions/cache/save.");
    return run (call, false);
}
