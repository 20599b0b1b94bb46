/* builtin_upload.c - actions/upload-artifact: files of the workspace go to the server, one after the other, in parts.
 *
 * The files are read twice: once for their checksums, which the server wants before the first byte, and once to send them. One that
 * changes in between is refused by the server at the end. An upload that broke off is taken up where the server says. */

#include "agent/engine/builtin/builtin.h"
#include "agent/engine/folder/glob.h"
#include "agent/engine/folder/hash_files.h"
#include "common/base/clock.h"
#include "common/base/line.h"
#include "common/base/sha256.h"
#include "common/os/rooted.h"
#include "proto/messages.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const builtin_upload_inputs[] = {"name",
                                             "path",
                                             "if-no-files-found",
                                             "retention-days",
                                             "compression-level",
                                             "overwrite",
                                             "include-hidden-files",
                                             "archive",
                                             NULL};

typedef struct {
    const builtin_call_t *call;
    glob_result_t found;
    artifact_begin_t begin;
    artifact_t artifact;
    const char *sha256; // Of all files
    turn_t turn;
    // Where the bytes come from
    size_t file;
    int fd;
} uploading_t;

// The lines of `path`; *count of them.
static const char *const *split_lines (arena_t *arena, const char *text, size_t *count)
{
    const char **lines = arena_array (arena, GLOB_PATTERNS + 1, sizeof (char *));
    *count = 0;
    for (line_t line = line_begin (text, strlen (text)); *count <= GLOB_PATTERNS && line_next (&line);) {
        line_trim (&line);
        if (line.size)
            lines[(*count)++] = arena_strndup (arena, line.text, line.size);
    }
    return lines;
}

// Decides what to do where no file was found.
static bool nothing_found (const uploading_t *self, const char *path)
{
    const builtin_call_t *call = self->call;
    const char *how = call->input (call->self, "if-no-files-found");
    const char *text = arena_printf (call->arena, "no file was found with path: %s", path);
    if (strcmp (how, "error") == 0)
        return builtin_fail (call, "%s", text);
    if (strcmp (how, "ignore") == 0)
        builtin_log (call, "%s", text);
    else if (!*how || strcmp (how, "warn") == 0)
        builtin_log (call, "##[warning]%s", text);
    else
        return builtin_fail (call, "`if-no-files-found: %s` must be warn, error or ignore", how);
    return true;
}

static bool find (uploading_t *self)
{
    const builtin_call_t *call = self->call;
    const char *path = call->input (call->self, "path"), *error;
    size_t count;
    bool hidden;
    if (!*path)
        return builtin_fail (call, "`path` is missing: it names the files to upload");
    if (!builtin_flag (call, "include-hidden-files", false, &hidden))
        return false;
    const char *const *lines = split_lines (call->arena, path, &count);
    const glob_stop_t stop = {.asked = call->stopped, .self = call->self};
    const glob_query_t query = {.root = call->view,
                                .base = call->workspace,
                                .patterns = lines,
                                .count = count,
                                .flags = GLOB_FOLLOW | (hidden ? GLOB_HIDDEN : 0),
                                .stop = &stop,
                                .home = call->home};
    fault_t fault = glob_find (call->arena, &query, &self->found, &error);
    return !fault || builtin_fail (call, "%s", error);
}

// Checksums of each file and of all.
static bool describe (uploading_t *self)
{
    const builtin_call_t *call = self->call;
    sha256_t all, one;
    sha256_init (&all);
    artifact_file_t *files = arena_array (call->arena, self->found.count + 1, sizeof (artifact_file_t));
    bool good = true;
    for (size_t i = 0; i < self->found.count && good && !call->stopped (call->self); i++) {
        const glob_file_t *file = self->found.items + i;
        sha256_init (&one);
        good = hash_file (call->view, file->path, &one, &all) == OK;
        files[i] = (artifact_file_t){.path = glob_relative (&self->found, file->path),
                                     .size = file->size,
                                     .sha256 = sha256_hex (&one, call->arena),
                                     .mode = file->mode};
        if (!good)
            builtin_fail (call, "%s cannot be read", file->path);
    }
    self->sha256 = sha256_hex (&all, call->arena);
    self->begin.files = (artifact_file_items_t){.items = files, .count = self->found.count};
    return good;
}

// Bytes are packed by the server, all in one way; the number is checked because the original does so.
static bool check_level (const builtin_call_t *call)
{
    const char *level = call->input (call->self, "compression-level");
    bool good = !*level || (level[0] >= '0' && level[0] <= '9' && !level[1]);
    return good || builtin_fail (call, "`compression-level: %s` must be a number from 0 to 9", level);
}

// Without `archive` it is one file, and has the file's name.
static bool choose_name (uploading_t *self)
{
    const builtin_call_t *call = self->call;
    const char *name = call->input (call->self, "name");
    bool archive;
    self->begin.name = *name ? name : "artifact";
    if (!builtin_flag (call, "archive", true, &archive))
        return false;
    if (archive)
        return true;
    if (self->found.count != 1)
        return builtin_fail (call, "with `archive: false` one file is uploaded; `path` names %zu",
                             self->found.count);
    self->begin.name = strrchr (self->found.items[0].path, '/') + 1;
    return true;
}

static bool fill_in (uploading_t *self)
{
    const builtin_call_t *call = self->call;
    const char *days = call->input (call->self, "retention-days");
    char *end;
    if (!choose_name (self) || !check_level (call))
        return false;
    self->begin.retention_days = (uint32_t) strtoul (days, &end, 10);
    if (*end || strlen (days) > 4)
        return builtin_fail (call, "`retention-days: %s` must be a number of days", days);
    return builtin_flag (call, "overwrite", false, &self->begin.overwrite);
}

// Bytes of the files one after the other, from where the last call ended. False where a file ended too early.
static bool read_part (uploading_t *self, char *into, size_t size)
{
    while (size) {
        if (self->fd < 0)
            self->fd = rooted_open_plain (self->call->view, self->found.items[self->file].path);
        ssize_t got = self->fd < 0 ? -1 : read (self->fd, into, size);
        if (got < 0)
            return false;
        into += got;
        size -= (size_t) got;
        if (got == 0) {
            close (self->fd);
            self->fd = -1;
            if (++self->file == self->found.count)
                return size == 0;
        }
    }
    return true;
}

static bool seek (uploading_t *self, int64_t offset)
{
    self->file = 0;
    while (self->file < self->found.count && offset >= self->found.items[self->file].size)
        offset -= self->found.items[self->file++].size;
    if (self->file == self->found.count)
        return true;
    self->fd = rooted_open_plain (self->call->view, self->found.items[self->file].path);
    return self->fd >= 0 && lseek (self->fd, offset, SEEK_SET) == offset;
}

static bool refused (uploading_t *self, fault_t fault)
{
    return builtin_fail (self->call, "the artifact \"%s\" was refused: %s", self->begin.name,
                         self->turn.detail ? self->turn.detail : fault_own_text (fault));
}

static bool send_parts (uploading_t *self, char *bytes, int64_t size)
{
    const artifact_port_t *port = self->call->artifacts;
    int64_t part_size = self->artifact.part_size, part = self->artifact.parts;
    if (!seek (self, part * part_size))
        return builtin_fail (self->call, "the files changed while they were uploaded");
    for (; part * part_size < size; part++) {
        int64_t left = size - part * part_size;
        size_t wanted = (size_t) (left < part_size ? left : part_size);
        if (self->call->stopped (self->call->self))
            return false;
        if (!read_part (self, bytes, wanted))
            return builtin_fail (self->call, "the files changed while they were uploaded");
        builtin_retry_t retry = {.until_us = 0};
        fault_t fault;
        do
            fault = port->put (port->self, &self->turn, self->artifact.id, (uint32_t) part, bytes, wanted);
        while (builtin_retry (self->call, &self->turn, fault, &retry));
        if (fault)
            return refused (self, fault);
    }
    return true;
}

static bool send (uploading_t *self)
{
    const builtin_call_t *call = self->call;
    const artifact_port_t *port = call->artifacts;
    int64_t size = 0;
    for (size_t i = 0; i < self->found.count; i++)
        size += self->found.items[i].size;
    builtin_retry_t retry = {.until_us = 0};
    fault_t fault;
    do
        fault = port->begin (port->self, &self->turn, &self->begin, &self->artifact);
    while (builtin_retry (call, &self->turn, fault, &retry));
    if (fault)
        return refused (self, fault);
    if (self->artifact.part_size == 0 || self->artifact.part_size > MAX_PART)
        return builtin_fail (call, "the server wants parts of %u bytes", self->artifact.part_size);
    char *bytes = malloc (self->artifact.part_size);
    bool good = bytes && send_parts (self, bytes, size);
    free (bytes);
    if (!good)
        return false;
    const char *id = self->artifact.id;
    retry = (builtin_retry_t){.until_us = 0};
    do
        fault = port->finish (port->self, &self->turn, id, self->sha256, &self->artifact);
    while (builtin_retry (call, &self->turn, fault, &retry));
    if (fault)
        return refused (self, fault);
    if (self->artifact.number > 0) // By an older server it has none
        id = arena_printf (call->arena, "%lld", (long long) self->artifact.number);
    builtin_log (call, "The artifact %s has %zu file%s, %lld bytes; its id is %s", self->begin.name,
                 self->found.count, self->found.count == 1 ? "" : "s", (long long) size, id);
    call->output (call->self, "artifact-id", id);
    call->output (call->self, "artifact-digest", self->sha256);
    call->output (call->self, "artifact-url",
                  arena_printf (call->arena, "%s/artifacts/%s/zip", port->url, id));
    return true;
}

bool builtin_upload (const builtin_call_t *call)
{
    uploading_t self = {.call = call, .fd = -1};
    if (!call->artifacts)
        return builtin_fail (call, "artifacts need a server");
    turn_init (&self.turn, call->arena, "", clock_now_us (clock_system ()));
    if (!find (&self))
        return false;
    if (self.found.count == 0)
        return nothing_found (&self, call->input (call->self, "path"));
    bool good = fill_in (&self) && describe (&self) && send (&self);
    if (self.fd >= 0)
        close (self.fd);
    return good;
}
