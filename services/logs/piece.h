/* piece.h - a part of a log that is read as one: a packed chunk, a frame of a segment, or the tail. */

#ifndef OPENCICD_LOGS_PIECE_H
#define OPENCICD_LOGS_PIECE_H

#include "common/blob/blob.h"

#include <stdbool.h>

#define PIECE_MAX (256 << 10) // Bytes of one

typedef struct {
    int64_t start;    // Of its first byte in the log
    int64_t before;   // Newlines before it
    size_t raw;       // Bytes
    size_t newlines;  // In them
    size_t packed;    // Bytes as they are stored; equal to raw: not packed
    const void *data; // NULL: in the blob
    const char *blob; // Key
    uint64_t at;      // Where in the blob
} piece_t;

typedef struct {
    piece_t *items;
    size_t count;
    size_t capacity;
    bool in_blobs; // Is at least one in a blob? Then reading takes time
} pieces_t;

// Its bytes, in the turn's arena or where they are. Safe in any thread.
MUST_USE fault_t piece_read (const piece_t *self, blob_t *blob, turn_t *turn, const char **bytes);

size_t count_newlines (const void *data, size_t size);
// Where the line after newline number `nth` (from 1) begins; `size` where there are fewer.
size_t after_newline (const char *data, size_t size, size_t nth);

#endif
