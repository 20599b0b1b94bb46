/* block_put.h - bytes that a request brings, as a block of an upload, and the list that gives blocks their place: for all protocols of
 * GitHub's toolkit. `upload` is the id of an artifact or a cache. */

#ifndef OPENCICD_GATEWAY_BLOCK_PUT_H
#define OPENCICD_GATEWAY_BLOCK_PUT_H

#include "gateway/request.h"

#define SIZE_UNKNOWN (-1)

// The body, piece by piece: a request holds MAX_PART bytes, however large its block is. BAD_INPUT where it has not `size` bytes: then
// there is no such block.
MUST_USE fault_t block_put (request_t *self, const char *upload, const char *name, int64_t size);
// The same with bytes that a cache has: no body comes.
MUST_USE fault_t block_copy (request_t *self, const char *upload, const char *name, const char *cache,
                             int64_t from, int64_t size);
// It may take minutes: every byte is read once more for the checksum. In steps of `most` blocks, each of which has a deadline.
MUST_USE fault_t block_gather (request_t *self, const char *upload, const strs_t *names, size_t most);

#endif
