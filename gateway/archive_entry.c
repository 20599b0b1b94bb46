/* archive_entry.c - see archive_entry.h. A stored entry is a range of the archive, and is sent as one; a packed one has no ranges. */

#include "gateway/archive_entry.h"

#include "common/zip/zip_inflate.h"
#include "gateway/inside.h"
#include "gateway/reply.h"

#include <string.h>

static fault_t damaged (request_t *request, const artifact_file_t *entry)
{
    return turn_fail (&request->turn, INVALID, "the archive's entry \"%.200s\" is damaged", entry->path);
}

typedef struct {
    unsigned char bytes[ZIP_HEADER];
    size_t size;
} header_t;

static bool take_header (void *to, const void *data, size_t size)
{
    header_t *self = to;
    size_t room = sizeof (self->bytes) - self->size;
    memcpy (self->bytes + self->size, data, size < room ? size : room);
    self->size += size;
    return true;
}

// Where its data begin: what is said in front of them may differ from the directory.
static fault_t find_data (request_t *request, const transfer_t *archive, const artifact_file_t *entry,
                          int64_t *out)
{
    header_t header = {.size = 0};
    uint64_t offset = 0;
    TRY (transfer_copy (request, archive->read, archive->source, entry->offset, entry->offset + ZIP_HEADER,
                        take_header, &header));
    if (zip_data_offset (header.bytes, (uint64_t) entry->offset, &offset) != OK ||
        (int64_t) offset > archive->size || entry->packed > archive->size - (int64_t) offset)
        return damaged (request, entry);
    *out = (int64_t) offset;
    return OK;
}

typedef struct {
    request_t *request;
    zip_inflate_t *inflate;
    fault_t fault;
} unpacking_t;

static bool send_piece (void *to, const void *data, size_t size)
{
    return reply_more (to, data, size);
}

static bool unpack_piece (void *to, const void *data, size_t size)
{
    unpacking_t *self = to;
    self->fault = zip_inflate_feed (self->inflate, data, size, send_piece, self->request);
    return self->fault == OK;
}

static fault_t send_packed (request_t *request, const transfer_t *archive, const artifact_file_t *entry,
                            int64_t from)
{
    TRY (request_stay (request, SLOT_DOWNLOAD));
    if (!reply_begin (request, 200, archive->type, entry->size))
        return OK;
    unpacking_t unpacking = {
        .request = request,
        .inflate = zip_inflate_new ((uint16_t) entry->method, (uint64_t) entry->size, entry->crc32)};
    fault_t fault = transfer_copy (request, archive->read, archive->source, from, from + entry->packed,
                                   unpack_piece, &unpacking);
    if (fault == OK && unpacking.fault == OK)
        unpacking.fault = zip_inflate_end (unpacking.inflate);
    zip_inflate_destroy (&unpacking.inflate);
    if (fault == OK && unpacking.fault == INVALID)
        fault = damaged (request, entry);
    return fault; // GONE: the client is, and knows
}

fault_t archive_entry_send (request_t *request, const transfer_t *archive, const artifact_file_t *entry)
{
    int64_t from = 0;
    TRY (find_data (request, archive, entry, &from));
    if (entry->method != ZIP_STORED)
        return send_packed (request, archive, entry, from);
    transfer_t part = *archive;
    part.offset = from;
    part.size = entry->size;
    return transfer_send (request, &part);
}
