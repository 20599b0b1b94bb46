/* archive_entry.c - see archive_entry.h. A stored entry is a range of the archive, and is sent as one; of a
 * packed one all is unpacked up to the end of the range that was asked for, and sent from its beginning on. */

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
    int64_t at, first, end; // Of the unpacked bytes: how far it is, and what is sent
    bool inflate_all;       // To its end, where its checksum is
    fault_t fault;
} unpacking_t;

// False ends it: the client has gone, or has what it asked for.
static bool send_piece (void *to, const void *data, size_t size)
{
    unpacking_t *self = to;
    int64_t from = self->first > self->at ? self->first - self->at : 0, upto = self->end - self->at;
    if (upto > (int64_t) size)
        upto = (int64_t) size;
    self->at += (int64_t) size;
    if (from < upto && !reply_more (self->request, (const char *) data + from, (size_t) (upto - from)))
        return false;
    return self->at < self->end || self->inflate_all;
}

static bool unpack_piece (void *to, const void *data, size_t size)
{
    unpacking_t *self = to;
    self->fault = zip_inflate_feed (self->inflate, data, size, send_piece, self);
    return self->fault == OK;
}

static fault_t send_packed (request_t *request, const transfer_t *archive, const artifact_file_t *entry,
                            int64_t from)
{
    int64_t first, end;
    transfer_t unpacked = *archive;
    unpacked.size = entry->size;
    TRY (transfer_begin (request, &unpacked, &first, &end));
    if (first == end)
        return OK;
    unpacking_t unpacking = {
        .request = request,
        .first = first,
        .end = end,
        .inflate_all = end == entry->size,
        .inflate = zip_inflate_new ((uint16_t) entry->method, (uint64_t) entry->size, entry->crc32)};
    fault_t fault = transfer_copy (request, archive->read, archive->source, from, from + entry->packed,
                                   unpack_piece, &unpacking);
    if (fault == OK && unpacking.fault == OK && unpacking.inflate_all)
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
