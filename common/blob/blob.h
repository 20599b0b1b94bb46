/* blob.h - the blob store: bytes under a key, written once and never changed.
 *
 * A key is [a-z0-9._/-]{1,512} without empty, "." or ".." segments; anything else is BAD_INPUT. A blob is there whole or not
 * at all. Stores: a directory (dir:PATH, here) and a bucket (s3://BUCKET, common/s3/store.h). Thread safe.
 *
 * A call waits for the store, which may be far away: actors call it from helper threads (common/actor/background.h), never from their own. What
 * needs many blobs asks for them in one call, which has blob_parallel() requests under way at once: one after the other a bucket 50 ms away serves
 * 20 a second. */

#ifndef OPENCICD_BLOB_H
#define OPENCICD_BLOB_H

#include "common/base/turn.h"

#define BLOB_PUT_MAX  (8 << 20) // Bytes of one put; what is larger is written by a blob_writer_t
#define BLOB_MANY_MAX 1000      // Ranges or keys of one call

typedef struct blob blob_t;
typedef struct blob_writer blob_writer_t;

MUST_USE fault_t blob_open (blob_t **out, const char *url, turn_t *turn); // A directory
void blob_close (blob_t **self_p);
// Can it be used? Asks the store, and removes what unfinished writes have left. The detail says what is wrong and what to do.
MUST_USE fault_t blob_check (blob_t *self, turn_t *turn);
// Did its last request fail for its own fault, and does it still? Asks at most every few seconds, and never while all goes well.
MUST_USE fault_t blob_ready (blob_t *self, turn_t *turn);
// From any thread: the process ends. Nothing is tried again, and calls return within seconds.
void blob_leave (blob_t *self);
size_t
blob_parallel (const blob_t *self); // Requests that are worth having at once; 1 where the store is near

// Store `size` bytes (at most BLOB_PUT_MAX). Putting the same key again with the same bytes is harmless.
MUST_USE fault_t blob_put (blob_t *self, turn_t *turn, const char *key, const void *data, size_t size);
// Read up to `size` bytes from `offset` into `into`; *got < size only at the end. NOT_FOUND.
MUST_USE fault_t blob_get (blob_t *self, turn_t *turn, const char *key, uint64_t offset, void *into,
                           size_t size, size_t *got);
MUST_USE fault_t blob_size (blob_t *self, turn_t *turn, const char *key, uint64_t *size);
MUST_USE fault_t blob_delete (blob_t *self, turn_t *turn, const char *key); // OK if there is none

// As blob_get: all are read, and each has its fault. Returns the first of them, with its detail.
typedef struct {
    const char *key;
    uint64_t offset;
    void *into;
    size_t size;
    size_t got;
    fault_t fault;
} blob_range_t;
MUST_USE fault_t blob_get_many (blob_t *self, turn_t *turn, blob_range_t *ranges, size_t count);
// As blob_delete: each key has its fault. Returns the first of them, with its detail.
MUST_USE fault_t blob_delete_many (blob_t *self, turn_t *turn, const char *const *keys, size_t count,
                                   fault_t *faults);

// One blob of any size, in pieces, of which at most BLOB_WRITER_MEMORY bytes are in memory. The key is fresh. Nothing is there before the end,
// nothing stays where there is none.
#define BLOB_WRITER_MEMORY (32 << 20)
MUST_USE fault_t blob_writer_new (blob_writer_t **out, blob_t *blob, turn_t *turn, const char *key);
MUST_USE fault_t blob_write (blob_writer_t *self, turn_t *turn, const void *data, size_t size);
// INVALID where the bytes do not have this SHA-256, in hex.
MUST_USE fault_t blob_writer_end (blob_writer_t *self, turn_t *turn, const char *sha256);
void blob_writer_destroy (blob_writer_t **self_p); // Without blob_writer_end() nothing stays

// An address under which everybody can read the blob for that many seconds, as a file of that name and type. NULL: this store has none.
typedef struct {
    const char *key, *name, *type;
    uint32_t seconds;
} blob_link_t;
MUST_USE fault_t blob_link (blob_t *self, turn_t *turn, const blob_link_t *link, const char **url);

#endif
