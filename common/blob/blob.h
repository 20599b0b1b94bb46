/* blob.h - the blob store: bytes under a key, written once and never changed.
 *
 * A key is [a-z0-9._/-]{1,512} without empty, "." or ".." segments; anything else is BAD_INPUT. A blob is there whole or not
 * at all: a directory store writes to a temporary file, syncs, renames and syncs the folder. URLs: dir:PATH. Thread safe. */

#ifndef OPENCICD_BLOB_H
#define OPENCICD_BLOB_H

#include "common/base/turn.h"

typedef struct blob blob_t;

MUST_USE fault_t blob_open (blob_t **out, const char *url, turn_t *turn);
void blob_close (blob_t **self_p);

// Store `size` bytes (at most BLOB_PUT_MAX). Putting the same key again with the same bytes is harmless.
#define BLOB_PUT_MAX (8 << 20)
MUST_USE fault_t blob_put (blob_t *self, turn_t *turn, const char *key, const void *data, size_t size);
// Read up to `size` bytes from `offset` into `into`; *got < size only at the end. NOT_FOUND.
MUST_USE fault_t blob_get (blob_t *self, turn_t *turn, const char *key, uint64_t offset, void *into,
                           size_t size, size_t *got);
MUST_USE fault_t blob_size (blob_t *self, turn_t *turn, const char *key, uint64_t *size);
MUST_USE fault_t blob_delete (blob_t *self, turn_t *turn, const char *key); // OK if there is none

#endif
