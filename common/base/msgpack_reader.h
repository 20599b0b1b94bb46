/* msgpack_reader.h - msgpack from outside, value by value, with no memory of its own.
 *
 * msgpack-c, which packs, would make a tree of what it reads, by counts that it does not check: a list of a thousand jobs took a fifth of
 * the time that it takes to answer it. Here the caller follows what it expects, and what it takes points into the bytes. Every child
 * needs at least one byte, so that a count is at most what is left. Source: the msgpack specification. */

#ifndef OPENCICD_MSGPACK_READER_H
#define OPENCICD_MSGPACK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    ITEM_NONE, // Not msgpack, or cut off
    ITEM_NIL,
    ITEM_BOOL,
    ITEM_POSITIVE, // From 0, however it was packed
    ITEM_NEGATIVE,
    ITEM_STR,
    ITEM_BIN,
    ITEM_ARRAY, // Its values follow
    ITEM_MAP,   // Likewise: its keys and values in turns
    ITEM_OTHER  // Floats and extensions: passed over
} msgpack_kind_t;

typedef struct {
    msgpack_kind_t kind;
    uint64_t number;  // Of BOOL, POSITIVE; of NEGATIVE its int64_t; of ARRAY and MAP how many values follow
    const char *data; // Of STR and BIN, in the reader's bytes, without a NUL after them
    size_t size;
} msgpack_item_t;

typedef struct {
    const unsigned char *at, *end;
} msgpack_reader_t;

// Borrows the bytes.
void msgpack_reader_init (msgpack_reader_t *self, const void *data, size_t size);
msgpack_item_t msgpack_read (msgpack_reader_t *self);
// Passes over all that is in `item`, which was read last. False where that is not msgpack, or nests deeper than `depth`.
bool msgpack_pass (msgpack_reader_t *self, const msgpack_item_t *item, int depth);
bool msgpack_at_end (const msgpack_reader_t *self);

#endif
