/* artifact_routes.c - the bytes of artifacts: parts in; the whole, one file, or a zip out.
 *
 * An artifact's bytes are those of its files, one after the other, so a file is a range of them; or they are a zip, as its job made it, and a file
 * is an entry of that. */

#include "gateway/artifact_routes.h"

#include "common/zip/zip_writer.h"
#include "gateway/archive_entry.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/signed.h"
#include "gateway/transfer.h"

#include <string.h>

fault_t artifact_part (request_t *self)
{
    artifact_put_t ask = {0};
    artifact_t answer = {0};
    fault_t fault = request_fields (self, &ask);
    ask.data = (bytes_t){self->body, self->body_size};
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (artifact_put), &ask, &answer, 0);
    return fault == OK ? reply_message (self, self->route->status, MESSAGE (artifact), &answer, false)
                       : fault;
}

static fault_t read_window (request_t *self, arena_t *window, void *source, int64_t offset, uint32_t want,
                            bytes_t *out)
{
    artifact_read_t ask = {.artifact = source, .offset = offset, .size = want};
    artifact_bytes_t answer;
    fault_t fault = gateway_call_in (self, window, MESSAGE (artifact_read), &ask, &answer, 0);
    *out = answer.data;
    return fault;
}

fault_t artifact_find (request_t *self, artifact_t *artifact)
{
    artifact_show_t ask = {.artifact = pairs_get (&self->path, "artifact")};
    *artifact = (artifact_t){0};
    fault_t fault = message_check (MESSAGE (artifact_show), &self->turn, &ask);
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (artifact_show), &ask, artifact, 0);
    if (fault == OK && !artifact->complete)
        fault = turn_fail (&self->turn, CONFLICT, "this artifact is still being uploaded");
    return fault;
}

static const char *etag_of (request_t *self, const char *sha256)
{
    return sha256 && header_id_valid (sha256) ? arena_printf (self->turn.arena, "\"%s\"", sha256) : NULL;
}

// What a name becomes in a quoted header: only what can do no harm; and in full, as RFC 6266 has it.
void artifact_offer_as (request_t *self, const char *name, const char *extension)
{
    char *safe = arena_strdup (self->turn.arena, name);
    buffer_t *full = buffer_new (4 * MAX_TEXT);
    for (char *at = safe; *at; at++) {
        bool plain = (*at >= '0' && *at <= '9') || ((*at | 32) >= 'a' && (*at | 32) <= 'z') ||
                     strchr ("-._~", *at) != NULL;
        buffer_printf (full, plain ? "%c" : "%%%02X", (unsigned char) *at);
        if ((unsigned char) *at < 0x20 || (unsigned char) *at >= 0x7f || strchr ("\"\\/%;", *at))
            *at = '_';
    }
    reply_header (self, "Content-Disposition", "attachment; filename=\"%s%s\"; filename*=UTF-8''%s%s", safe,
                  extension, buffer_text (full), extension);
    buffer_destroy (&full);
}

static transfer_t transfer_of (request_t *self, const artifact_t *artifact)
{
    return (transfer_t){.read = read_window,
                        .source = (char *) (uintptr_t) artifact->id,
                        .size = artifact->size,
                        .type = BYTES_TYPE,
                        .etag = etag_of (self, artifact->sha256)};
}

fault_t artifact_content (request_t *self)
{
    artifact_t artifact;
    fault_t fault = artifact_find (self, &artifact);
    if (fault != OK)
        return fault;
    transfer_t transfer = transfer_of (self, &artifact);
    return transfer_send (self, &transfer);
}

fault_t artifact_file (request_t *self, artifact_t *artifact, const artifact_file_t **file)
{
    artifact_files_t ask = {.artifact = pairs_get (&self->path, "artifact"),
                            .path = pairs_get (&self->path, "path")};
    artifact_file_page_t page = {0};
    TRY (message_check (MESSAGE (artifact_files), &self->turn, &ask));
    TRY (gateway_call (self, MESSAGE (artifact_files), &ask, &page, 0));
    if (!page.complete)
        return turn_fail (&self->turn, CONFLICT, "this artifact is still being uploaded");
    if (page.items.count == 0)
        return turn_fail (&self->turn, NOT_FOUND, "artifact %s has no file %.200s", page.name, ask.path);
    *artifact = (artifact_t){.id = page.id, .name = page.name, .size = page.size, .archive = page.archive};
    *file = &page.items.items[0];
    return OK;
}

fault_t artifact_send_file (request_t *self, const artifact_t *artifact, const artifact_file_t *file,
                            const char *type)
{
    transfer_t transfer = transfer_of (self, artifact);
    transfer.type = type;
    transfer.etag = etag_of (self, file->sha256);
    if (artifact->archive)
        return archive_entry_send (self, &transfer, file);
    transfer.offset = file->offset;
    transfer.size = file->size;
    return transfer_send (self, &transfer);
}

fault_t artifact_one (request_t *self)
{
    artifact_t artifact;
    const artifact_file_t *file;
    TRY (artifact_file (self, &artifact, &file));
    const char *slash = strrchr (file->path, '/');
    artifact_offer_as (self, slash ? slash + 1 : file->path, "");
    return artifact_send_file (self, &artifact, file, BYTES_TYPE);
}

// ---- zip ----

typedef struct {
    zip_t *zip;
    bool taken; // The client still reads
} entry_sink_t;

static bool add_piece (void *to, const void *data, size_t size)
{
    entry_sink_t *sink = to;
    return sink->taken = zip_data (sink->zip, data, size);
}

static fault_t send_files (request_t *self, const artifact_t *artifact)
{
    zip_t zip;
    entry_sink_t sink = {.zip = &zip, .taken = true};
    int64_t offset = 0;
    zip_begin (&zip, self->turn.arena, artifact->created_at, transfer_take, self);
    for (size_t i = 0; i < artifact->files.count; i++) {
        const artifact_file_t *file = &artifact->files.items[i];
        if (!zip_entry (&zip, file->path, (uint64_t) file->size, file->mode))
            return OK;
        fault_t fault = transfer_copy (self, read_window, (char *) (uintptr_t) artifact->id, offset,
                                       offset + file->size, add_piece, &sink);
        if (fault != OK || !sink.taken || !zip_entry_end (&zip))
            return fault;
        offset += file->size;
    }
    (void) zip_end (&zip);
    return OK;
}

static fault_t send_archive (request_t *self, const artifact_t *artifact)
{
    transfer_t transfer = transfer_of (self, artifact);
    transfer.type = ZIP_TYPE;
    artifact_offer_as (self, artifact->name, ".zip");
    return transfer_send (self, &transfer);
}

static fault_t send_made (request_t *self, const artifact_t *artifact)
{
    TRY (request_stay (self, SLOT_DOWNLOAD));
    zip_entry_t *entries = arena_array (self->turn.arena, artifact->files.count, sizeof (zip_entry_t));
    for (size_t i = 0; i < artifact->files.count; i++)
        entries[i] = (zip_entry_t){.name = artifact->files.items[i].path,
                                   .size = (uint64_t) artifact->files.items[i].size};
    artifact_offer_as (self, artifact->name, ".zip");
    int64_t size = (int64_t) zip_size (self->turn.arena, entries, artifact->files.count);
    return reply_begin (self, 200, ZIP_TYPE, size) ? send_files (self, artifact) : OK;
}

fault_t artifact_zip (request_t *self)
{
    artifact_t artifact;
    TRY (artifact_find (self, &artifact));
    return artifact.archive ? send_archive (self, &artifact) : send_made (self, &artifact);
}

// ---- for GitHub's toolkit ----

static bool is_one_file (const artifact_t *artifact)
{
    return !artifact->archive && artifact->type && *artifact->type;
}

fault_t artifact_send_whole (request_t *self, const artifact_t *artifact)
{
    if (artifact->archive)
        return send_archive (self, artifact);
    if (!is_one_file (artifact))
        return send_made (self, artifact);
    transfer_t transfer = transfer_of (self, artifact);
    transfer.type = header_type_valid (artifact->type) ? artifact->type : BYTES_TYPE;
    artifact_offer_as (self, artifact->name, "");
    return transfer_send (self, &transfer);
}

const char *artifact_digest (arena_t *arena, const artifact_t *artifact)
{
    bool known = (artifact->archive || is_one_file (artifact)) && artifact->sha256 && *artifact->sha256;
    return known ? arena_printf (arena, "sha256:%s", artifact->sha256) : "";
}

const char *artifact_signed_url (request_t *self, const artifact_t *artifact)
{
    return signed_download_url (self, artifact->id, is_one_file (artifact) ? "file" : "artifact.zip");
}
