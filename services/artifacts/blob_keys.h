/* blob_keys.h - keys for blobs that are going to be written: each fresh, used once, and listed as garbage before anything is under it.
 *
 * They are reserved several at a time, so that not every part costs a commit of its own. Those left when the process ends are
 * removed when their time has come, like a blob whose part was never committed. */

#ifndef OPENCICD_BLOB_KEYS_H
#define OPENCICD_BLOB_KEYS_H

#include "services/artifacts/upload_store.h"

#define KEYS_RESERVED 64 // At a time
#define KEYS_KEPT     192

typedef struct {
    struct {
        char key[32];
        int64_t until_us; // Not to be taken after that
    } items[KEYS_KEPT];
    size_t count;
} blob_keys_t;

// A key, in `arena`. LATER if some had to be reserved first: the handler runs again once that is committed.
MUST_USE fault_t blob_keys_take (blob_keys_t *self, db_t *db, turn_t *turn, arena_t *arena, const char **key);

typedef struct {
    const char **items;
    size_t count;
    int64_t until_us; // Of the first that ends
} blob_keys_taken_t;

// So many, at most KEYS_RESERVED: all or none. Those that were not used may be given back.
MUST_USE fault_t blob_keys_take_some (blob_keys_t *self, db_t *db, turn_t *turn, arena_t *arena, size_t count,
                                      blob_keys_taken_t *out);
void blob_keys_give_back (blob_keys_t *self, const blob_keys_taken_t *taken, size_t used);

#endif
