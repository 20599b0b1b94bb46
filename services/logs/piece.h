/* piece.h - a part of a log that is read as one: a packed chunk, a frame of a segment, or the tail. */

#ifndef OPENCICD_LOGS_PIECE_H
#define OPENCICD_LOGS_PIECE_H

#include "common/blob/blob_ahead.h"

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

// Reads pieces in their order, whether they are in blobs or not. Safe in any thread.
typedef struct {
    blob_ahead_t ahead;
} pieces_reader_t;

pieces_reader_t pieces_read_begin (const pieces_t *pieces, blob_t *blob, arena_t *arena); // Borrows all
// The bytes of the next one, in the turn's arena, where it is, or until the next call.
MUST_USE fault_t pieces_read_next (pieces_reader_t *self, const piece_t *piece, turn_t *turn,
                                   const char **bytes);
void pieces_read_end (pieces_reader_t *self);

size_t count_newlines (const void *data, size_t size);
// Where the line after newline number `nth` (from 1) begins; `size` where there are fewer.
size_t after_newline (const char *data, size_t size, size_t nth);

#endif
