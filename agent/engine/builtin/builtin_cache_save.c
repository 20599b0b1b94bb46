/* builtin_cache_save.c - actions/cache/save, and the post of actions/cache: tar makes the archive in RUNNER_TEMP, and it goes, packed in pieces, to where caches are.
 *
 * Nothing that goes wrong fails the step: the next job makes the content again. What the patterns name is looked for as the original
 * does, which gives tar folders, not the files in them. */

#include "agent/engine/builtin/builtin_cache_pieces.h"
#include "agent/engine/folder/glob.h"
#include "common/base/bytes.h"
#include "common/os/rooted.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const builtin_save_inputs[] = {"path", "key", "upload-chunk-size", "enableCrossOsArchive", NULL};

// Without the times at which a restore touched the files, and the number of tar's process: what did not change has the same bytes again.
#define STABLE "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime"

typedef struct {
    caching_t of;
    const char *key;
    glob_result_t found;
    const char *manifest; // The file that lists for tar what it is to take
} saving_t;

static bool warn (const saving_t *self, const char *text)
{
    builtin_log (self->of.call, "##[warning]%s", text);
    return false;
}

static bool find (saving_t *self)
{
    const caching_t *of = &self->of;
    const builtin_call_t *call = of->call;
    const char *error;
    const glob_stop_t stop = {.asked = call->stopped, .self = call->self};
    const glob_query_t query = {.root = call->view,
                                .base = call->workspace,
                                .home = call->home,
                                .patterns = of->paths,
                                .count = of->path_count,
                                .flags = GLOB_NAMED | GLOB_HIDDEN | GLOB_FOLLOW,
                                .stop = &stop};
    if (glob_find (call->arena, &query, &self->found, &error) != OK)
        return warn (self, error);
    return self->found.count > 0 ||
           warn (self, "Path Validation Error: Path(s) specified in the action for caching do(es) not exist, "
                       "hence no cache is being saved.");
}

// A name with a line end would be two, and one that begins with - an option of tar: "./" goes before it.
static bool write_manifest (saving_t *self)
{
    const builtin_call_t *call = self->of.call;
    self->manifest = arena_printf (call->arena, "%s.txt", self->of.archive);
    int fd = rooted_open (call->view, self->manifest, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
    bool good = fd >= 0;
    for (size_t i = 0; i < self->found.count && good; i++) {
        const char *name = cache_relative (call->arena, call->workspace, self->found.items[i].path);
        const char *line = arena_printf (call->arena, "%s%s\n", *name == '-' ? "./" : "", name);
        good = !strchr (name, '\n') && bytes_write (fd, line, strlen (line));
    }
    if (fd >= 0)
        close (fd);
    return good || warn (self, "Failed to save: the list of paths for tar cannot be written");
}

// Where the steps have zstd the archive is packed here, piece by piece.
static bool pack (const saving_t *self)
{
    const caching_t *of = &self->of;
    const builtin_call_t *call = of->call;
    const char *name = strrchr (of->archive, '/') + 1;
    if (!of->tar)
        return warn (self, "Failed to save: there is no tar where the steps run");
    const char *arguments[] = {of->tar,
                               "--posix",
                               "--sort=name",
                               STABLE,
                               "-cf",
                               of->archive,
                               "--exclude",
                               name,
                               "--exclude",
                               arena_printf (call->arena, "%s.txt", name),
                               "-P",
                               "-C",
                               call->workspace,
                               "--files-from",
                               self->manifest,
                               of->packer ? NULL : "-z",
                               NULL};
    return call->run (call->self, (char *const *) arguments, call->workspace, NULL) ||
           warn (self, "Failed to save: tar cannot make the archive");
}

static void show_size (const saving_t *self, const cache_sent_t *sent)
{
    const builtin_call_t *call = self->of.call;
    builtin_log (call, "Cache Size: ~%lld MB (%lld B)", (long long) ((sent->size + (1 << 19)) >> 20),
                 (long long) sent->size);
    if (sent->base)
        builtin_log (call, "%lld B were sent: the rest is in the cache %s", (long long) sent->sent,
                     sent->base);
}

static fault_t send (saving_t *self, int fd)
{
    caching_t *of = &self->of;
    const cache_port_t *port = of->call->caches;
    const char *place;
    cache_sent_t sent;
    fault_t fault;
    builtin_retry_t retry = {.until_us = 0};
    do
        fault = port->reserve (port->self, &of->turn, self->key, of->version, &place);
    while (caching_retry (of, fault, &retry));
    if (fault)
        return fault;
    fault = cache_pieces_send (of, fd, place, of->packer != NULL, &sent);
    retry = (builtin_retry_t){.until_us = 0};
    if (!fault) {
        show_size (self, &sent);
        do
            fault = port->commit (port->self, &of->turn, place, sent.starts, sent.count, sent.size);
        while (caching_retry (of, fault, &retry));
    }
    free (sent.starts);
    return fault;
}

static void upload (saving_t *self)
{
    caching_t *of = &self->of;
    int fd = rooted_open_plain (of->call->view, of->archive);
    if (fd < 0) {
        warn (self, "Failed to save: the archive of tar is not there");
        return;
    }
    fault_t fault = send (self, fd);
    close (fd);
    if (fault == CONFLICT) // Another job was faster: as the original has it, not even a warning
        builtin_log (of->call,
                     "Failed to save: Unable to reserve cache with key %s, another job may be creating this "
                     "cache. More details: %s",
                     self->key, of->turn.detail ? of->turn.detail : "");
    else if (fault)
        caching_warn (of, "Failed to save", fault);
    else
        builtin_log (of->call, "Cache saved with key: %s", self->key);
}

static void save (saving_t *self)
{
    if (find (self) && write_manifest (self) && pack (self))
        upload (self);
    caching_close (&self->of);
    if (self->manifest)
        (void) rooted_unlink (self->of.call->view, self->manifest);
}

// `key` is that of the step that restored, if there was one: the input may name another one by now.
static bool run (const builtin_call_t *call, const char *key, const char *found)
{
    saving_t self = {.key = key};
    if (!call->caches) {
        builtin_log (call, "##[warning]There are no caches here: nothing is saved.");
        return true;
    }
    if (!*key) {
        builtin_log (call, "##[warning]Key is not specified.");
        return true;
    }
    if (caching_same_key (key, found)) {
        builtin_log (call, "Cache hit occurred on the primary key %s, not saving cache.", key);
        return true;
    }
    if (caching_open (&self.of, call) && caching_check_key (&self.of, key))
        save (&self);
    else
        warn (&self, self.of.error);
    return true;
}

bool builtin_save (const builtin_call_t *call)
{
    return run (call, call->input (call->self, "key"), "");
}

bool builtin_cache_post (const builtin_call_t *call)
{
    const char *key = call->state (call->self, CACHE_KEY_STATE);
    return run (call, *key ? key : call->input (call->self, "key"),
                call->state (call->self, CACHE_HIT_STATE));
}
