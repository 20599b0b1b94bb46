/* transfer.h - sends bytes that are too many for memory: window by window, whole or as a range.
 *
 * The size is known before the first byte; if a window then fails or is missing, the connection is closed, so that no
 * client takes the part for the whole. Sources: RFC 9110 13 and 14. */

#ifndef OPENCICD_GATEWAY_TRANSFER_H
#define OPENCICD_GATEWAY_TRANSFER_H

#include "gateway/request.h"

// Up to `want` bytes from `offset` into *out, which lives in `window`. Fewer lead to another call; none is the end.
typedef fault_t window_fn (request_t *request, arena_t *window, void *source, int64_t offset, uint32_t want,
                           bytes_t *out);

typedef struct {
    window_fn *read;
    void *source;
    int64_t offset; // Where it begins in the source
    int64_t size;
    const char *type;
    const char *etag; // With quotes; NULL where it may still change
} transfer_t;

// Answers with the whole, a range (206), 304 or BAD_RANGE.
MUST_USE fault_t transfer_send (request_t *request, const transfer_t *transfer);
// The same up to the first byte: bytes *first to *end of the whole are to follow, none where they are equal (304, HEAD).
MUST_USE fault_t transfer_begin (request_t *request, const transfer_t *transfer, int64_t *first,
                                 int64_t *end);
// Sends bytes FIRST to END (exclusive) of the source through `take`; after reply_begin.
typedef bool take_fn (void *to, const void *data, size_t size); // False: stop
bool transfer_take (void *request, const void *data,
                    size_t size); // A take_fn that sends the bytes as part of the answer
MUST_USE fault_t transfer_copy (request_t *request, window_fn *read, void *source, int64_t first, int64_t end,
                                take_fn *take, void *to);

#endif
