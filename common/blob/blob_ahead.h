/* blob_ahead.h - ranges of blobs in the order in which they are wanted, of which the next ones are fetched together.
 *
 * Neighbours in one blob become one request, and a far store has as many requests under way as are worth it: what is read at 50 ms a request otherwise
 * takes 50 ms for each. At most AHEAD_ROUND bytes are in memory, of a near store one request's. For helper threads.
 *
 *     blob_ahead_t ahead = blob_ahead_begin (blob, ranges, count);
 *     while (... blob_ahead_next (&ahead, turn, &bytes) == OK)
 *         ...
 *     blob_ahead_end (&ahead); */

#ifndef OPENCICD_BLOB_AHEAD_H
#define OPENCICD_BLOB_AHEAD_H

#include "common/blob/blob.h"

#include <stdbool.h>

#define AHEAD_REQUEST (1 << 20) // Bytes of neighbours that are asked for at once
#define AHEAD_ROUND   (8 << 20)

typedef struct {
    blob_t *blob;
    const blob_range_t *ranges; // Their key, offset and size
    size_t count;
    size_t at;   // The next to be given
    size_t upto; // Of those that were fetched
    const char *bytes;
    arena_t *arena; // Of one round; NULL before the first
} blob_ahead_t;

blob_ahead_t blob_ahead_begin (blob_t *blob, const blob_range_t *ranges, size_t count); // Borrows them
// All of the next range's bytes, until the next call. BROKEN where the store does not have them; NOT_FOUND past the last.
MUST_USE fault_t blob_ahead_next (blob_ahead_t *self, turn_t *turn, const char **bytes);
void blob_ahead_end (blob_ahead_t *self);

#endif
