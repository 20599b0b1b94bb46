/* blob_engine.h - the interface of a store. For common/blob/ and common/s3/ alone.
 *
 * Keys, sizes and counts are checked before an engine sees them. To add an engine: fill a blob_engine_t, and let whoever opens stores
 * (common/s3/store.h) give its state to blob_new(). */

#ifndef OPENCICD_BLOB_ENGINE_H
#define OPENCICD_BLOB_ENGINE_H

#include "common/base/sha256.h"
#include "common/blob/blob.h"

typedef struct blob_engine {
    void (*close) (void *state);
    fault_t (*check) (void *state, turn_t *turn); // NULL: nothing to check
    fault_t (*ready) (void *state, turn_t *turn); // NULL: always
    void (*leave) (void *state);                  // NULL: its calls are short
    size_t parallel;
    fault_t (*put) (void *state, turn_t *turn, const char *key, const void *data, size_t size);
    fault_t (*read) (void *state, turn_t *turn, blob_range_t *ranges, size_t count); // All have `got` 0
    fault_t (*size) (void *state, turn_t *turn, const char *key, uint64_t *size);
    fault_t (*remove) (void *state, turn_t *turn, const char *const *keys, size_t count, fault_t *faults);
    // A blob in pieces. `end` and `drop` free the writing; `end` in any case.
    fault_t (*begin) (void **writing, void *state, turn_t *turn, const char *key);
    fault_t (*write) (void *writing, turn_t *turn, const void *data, size_t size);
    fault_t (*end) (void *writing, turn_t *turn, const char *sha256);
    void (*drop) (void *writing);
    fault_t (*link) (void *state, turn_t *turn, const blob_link_t *link,
                     const char **url); // NULL: it has none
} blob_engine_t;

blob_t *blob_new (const blob_engine_t *engine, void *state); // Takes the state

MUST_USE fault_t blob_dir_open (blob_t **out, const char *path, turn_t *turn);

#endif
