/* blob_engine.h - the interface of a store. Private to common/blob*.c.
 *
 * Keys are checked before an engine sees them. To add an engine: fill a blob_engine_t and add its URL's scheme to the
 * table in blob.c. */

#ifndef OPENCICD_BLOB_ENGINE_H
#define OPENCICD_BLOB_ENGINE_H

#include "common/blob/blob.h"

typedef struct blob_engine {
    fault_t (*open) (void **state, const char *url, turn_t *turn);
    void (*close) (void *state);
    fault_t (*put) (void *state, turn_t *turn, const char *key, const void *data, size_t size);
    fault_t (*get) (void *state, turn_t *turn, const char *key, uint64_t offset, void *into, size_t size,
                    size_t *got);
    fault_t (*size) (void *state, turn_t *turn, const char *key, uint64_t *size);
    fault_t (*remove) (void *state, turn_t *turn, const char *key);
} blob_engine_t;

extern const blob_engine_t blob_dir;

#endif
