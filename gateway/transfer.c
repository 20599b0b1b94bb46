/* transfer.c - see transfer.h. */

#include "gateway/transfer.h"

#include "gateway/inside.h"
#include "gateway/reply.h"

#include <inttypes.h>
#include <string.h>

fault_t transfer_copy (request_t *request, window_fn *read, void *source, int64_t first, int64_t end,
                       take_fn *take, void *to)
{
    arena_t *window = arena_new ();
    fault_t fault = OK;
    while (fault == OK && first < end) {
        int64_t want = end - first < MAX_CHUNK ? end - first : MAX_CHUNK;
        bytes_t bytes = {0};
        fault = read (request, window, source, first, (uint32_t) want, &bytes);
        if (fault != OK)
            break;
        size_t size = bytes.size < (size_t) want ? bytes.size : (size_t) want;
        if (size == 0)
            fault = turn_fail (&request->turn, BROKEN, "bytes are missing from %" PRId64 " on", first);
        else if (!take (to, bytes.data, size))
            break; // The client has gone
        first += (int64_t) size;
    }
    arena_destroy (&window);
    return fault;
}

bool transfer_take (void *request, const void *data, size_t size)
{
    return reply_more (request, data, size);
}

// A range counts only while it is about the same bytes (If-Range). Azure's clients name it in a header of their own.
static range_t requested_range (request_t *request, const transfer_t *transfer, int64_t *first, int64_t *last)
{
    const char *same = http_head_get (request->info, "If-Range");
    if (same && (!transfer->etag || strcmp (same, transfer->etag) != 0))
        return RANGE_NONE;
    const char *range = http_head_get (request->info, "x-ms-range");
    return header_range (range ? range : http_head_get (request->info, "Range"), transfer->size, first, last);
}

fault_t transfer_begin (request_t *request, const transfer_t *transfer, int64_t *first, int64_t *end)
{
    int64_t last = transfer->size - 1;
    *first = *end = 0;
    reply_header (request, "Accept-Ranges", "bytes");
    if (transfer->etag) {
        reply_header (request, "ETag", "%s", transfer->etag);
        reply_header (request, "Cache-Control", "private, no-cache");
        if (http_head_has (request->info, "If-None-Match", transfer->etag)) {
            reply_bytes (request, 304, NULL, "", 0);
            return OK;
        }
    }
    range_t range = requested_range (request, transfer, first, &last);
    if (range == RANGE_BAD) {
        reply_header (request, "Content-Range", "bytes */%" PRId64, transfer->size);
        return turn_fail (&request->turn, BAD_RANGE, "there are %" PRId64 " bytes", transfer->size);
    }
    if (range == RANGE_NONE) {
        *first = 0;
        last = transfer->size - 1;
    } else
        reply_header (request, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64, *first, last,
                      transfer->size);
    TRY (request_stay (request, SLOT_DOWNLOAD));
    bool wanted = reply_begin (request, range == RANGE_GOOD ? 206 : 200, transfer->type, last - *first + 1);
    *end = wanted ? last + 1 : *first;
    return OK;
}

fault_t transfer_send (request_t *request, const transfer_t *transfer)
{
    int64_t first, end;
    TRY (transfer_begin (request, transfer, &first, &end));
    return transfer_copy (request, transfer->read, transfer->source, transfer->offset + first,
                          transfer->offset + end, transfer_take, request);
}
