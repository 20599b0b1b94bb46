/* builtin_download.c - actions/download-artifact: one artifact by its name, several by their ids, or those whose names match a pattern; of this
 * run, or of another run of the project.
 *
 * Where one artifact is asked for, by name or by id, its files go right into the folder; else each artifact has a folder of its own in it, unless
 * they are to be merged. */

#include "agent/engine/builtin/builtin.h"
#include "agent/engine/builtin/builtin_files.h"
#include "common/base/clock.h"
#include "common/base/path.h"
#include "proto/messages.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *const builtin_download_inputs[] = {
    "name",         "pattern",    "path",   "merge-multiple",  "artifact-ids",
    "github-token", "repository", "run-id", "digest-mismatch", NULL};

#define PAGES_MAX 1000 // Of a run's artifacts
#define IDS_MAX   1000 // That one step names

typedef struct {
    const builtin_call_t *call;
    const char *name, *pattern, *run, *folder;
    const char **ids;
    size_t id_count;
    bool merge;
    turn_t turn;
    char *bytes; // MAX_CHUNK of them
    size_t taken;
} download_t;

static bool refused (download_t *self, const char *what, fault_t fault)
{
    return builtin_fail (self->call, "%s: %s", what,
                         self->turn.detail ? self->turn.detail : fault_own_text (fault));
}

static bool take_artifact (download_t *self, const char *id)
{
    const artifact_port_t *port = self->call->artifacts;
    bool apart = !*self->name && !self->merge && self->id_count != 1;
    artifact_t artifact = {.id = NULL};
    builtin_retry_t retry = {.until_us = 0};
    fault_t fault;
    do
        fault = port->show (port->self, &self->turn, id, &artifact);
    while (builtin_retry (self->call, &self->turn, fault, &retry));
    if (fault)
        return refused (self, id, fault);
    const char *folder = self->folder;
    if (apart && (!path_is_inside (artifact.name) || strchr (artifact.name, '/')))
        return builtin_fail (self->call, "\"%s\" is not a name for a folder", artifact.name);
    if (apart)
        folder = arena_printf (self->call->arena, "%s/%s", folder, artifact.name);
    if (!builtin_write_files (self->call, &self->turn, &artifact, folder, self->bytes))
        return false;
    builtin_log (self->call, "The artifact %s, %zu file%s, %lld bytes, is in %s", artifact.name,
                 artifact.files.count, artifact.files.count == 1 ? "" : "s", (long long) artifact.size,
                 folder);
    self->taken++;
    return true;
}

static bool is_wanted (const download_t *self, const artifact_t *artifact)
{
    if (!artifact->complete)
        return false;
    if (*self->name)
        return strcmp (self->name, artifact->name) == 0;
    return !*self->pattern || fnmatch (self->pattern, artifact->name, 0) == 0;
}

static bool take_page (download_t *self, const artifact_page_t *page)
{
    for (size_t i = 0; i < page->items.count; i++)
        if (is_wanted (self, &page->items.items[i]) && !take_artifact (self, page->items.items[i].id))
            return false;
    return true;
}

static bool take_listed (download_t *self)
{
    const artifact_port_t *port = self->call->artifacts;
    const char *cursor = "";
    for (int pages = 0; pages < PAGES_MAX && cursor; pages++) {
        artifact_page_t page = {.next = NULL};
        builtin_retry_t retry = {.until_us = 0};
        fault_t fault;
        do
            fault = port->list (port->self, &self->turn, self->run, self->name, cursor, &page);
        while (builtin_retry (self->call, &self->turn, fault, &retry));
        if (fault)
            return refused (self, "the artifacts of the run", fault);
        if (!take_page (self, &page))
            return false;
        cursor = page.next && *page.next ? page.next : NULL;
    }
    if (!self->taken && *self->name)
        return builtin_fail (self->call, "the run has no artifact \"%s\"", self->name);
    if (!self->taken)
        builtin_log (self->call, "##[warning]the run has no such artifacts");
    return true;
}

static bool take_named (download_t *self)
{
    for (size_t i = 0; i < self->id_count; i++)
        if (!take_artifact (self, self->ids[i]))
            return false;
    return true;
}

// "12, 13": numbers, separated by commas.
static bool read_ids (download_t *self, const char *text)
{
    arena_t *arena = self->call->arena;
    self->ids = arena_array (arena, IDS_MAX, sizeof (char *));
    while (*text) {
        size_t size = strcspn (text, ",");
        const char *from = text + strspn (text, " \t\r\n");
        size_t digits = strspn (from, "0123456789");
        const char *rest = from + digits + strspn (from + digits, " \t\r\n");
        if (rest != text + size || (digits == 0 && from != text + size))
            return builtin_fail (self->call, "`artifact-ids`: \"%.*s\" is not the id of an artifact",
                                 (int) size, text);
        if (digits && self->id_count == IDS_MAX)
            return builtin_fail (self->call, "`artifact-ids` names more than %d artifacts", IDS_MAX);
        if (digits)
            self->ids[self->id_count++] = arena_strndup (arena, from, digits);
        text += size + (text[size] == ',');
    }
    return true;
}

// What is asked for must be one thing, and here.
static bool read_inputs (download_t *self)
{
    const builtin_call_t *call = self->call;
    const char *repository = call->input (call->self, "repository");
    const char *mismatch = call->input (call->self, "digest-mismatch");
    if (!read_ids (self, call->input (call->self, "artifact-ids")) ||
        !builtin_flag (call, "merge-multiple", false, &self->merge))
        return false;
    if (*self->name && self->id_count)
        return builtin_fail (call, "`name` and `artifact-ids` cannot be used together");
    if (*repository && strcmp (repository, call->name) != 0)
        return builtin_fail (call, "`repository: %s`: artifacts are taken from runs of this project, %s",
                             repository, call->name);
    static const char *const ways[] = {"", "ignore", "info", "warn", "error"};
    for (size_t i = 0; i < sizeof (ways) / sizeof (ways[0]); i++)
        if (strcmp (mismatch, ways[i]) == 0)
            return true; // What does not fit is never written: the server and this program check it
    return builtin_fail (call, "`digest-mismatch: %s` must be ignore, info, warn or error", mismatch);
}

static const char *folder_of (const builtin_call_t *call, const char *path)
{
    const char *home = call->home ? call->home : getenv ("HOME");
    if (*path == '~' && (path[1] == '/' || !path[1]) && home)
        return arena_printf (call->arena, "%s%s", home, path + 1);
    return *path == '/' ? path
           : *path      ? arena_printf (call->arena, "%s/%s", call->workspace, path)
                        : call->workspace;
}

bool builtin_download (const builtin_call_t *call)
{
    download_t self = {.call = call,
                       .name = call->input (call->self, "name"),
                       .pattern = call->input (call->self, "pattern"),
                       .run = call->input (call->self, "run-id"),
                       .folder = folder_of (call, call->input (call->self, "path"))};
    if (!call->artifacts)
        return builtin_fail (call, "artifacts need a server");
    if (!read_inputs (&self))
        return false;
    turn_init (&self.turn, call->arena, "", clock_now_us (clock_system ()));
    self.bytes = malloc (MAX_CHUNK);
    if (!self.bytes)
        abort ();
    bool good = self.id_count ? take_named (&self) : take_listed (&self);
    free (self.bytes);
    if (good)
        call->output (call->self, "download-path", self.folder);
    return good;
}
