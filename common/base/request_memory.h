/* request_memory.h - what a service remembers of requests that must run only once.
 *
 * A request that wrote something leaves a row in the same transaction: the row shows that it was done, to the host whose commit
 * was cut off, to another replica that receives the same request, and to a client that repeats it. The answer is stored
 * with it, so that a repeated request gets the answer of the first. */

#ifndef OPENCICD_REQUEST_MEMORY_H
#define OPENCICD_REQUEST_MEMORY_H

#include "common/base/turn.h"

#include <stdbool.h>

#define REQUEST_KEY    33          // Characters of a key with its NUL
#define REQUEST_ANSWER (64 << 10)  // Bytes of a stored answer; of a longer one only the fact is stored
#define REQUEST_KEPT_S (24 * 3600) // After this time a repeated request is a new one

typedef struct {
    const char *key;
    int64_t asked; // Hash of the request: a key stands for one request only
    bool kept;     // The answer was stored
    const void *answer;
    size_t size;
} remembered_t;

// `self` is the service's; see db_unit.h for one in a database.
typedef struct {
    // In the open unit of work. CONFLICT, of this or of its commit: there is one with this key.
    fault_t (*remember) (void *self, turn_t *turn, const remembered_t *request);
    fault_t (*recall) (void *self, turn_t *turn, const char *key, remembered_t *request); // NOT_FOUND
    bool (*certain) (void *self); // It is always known whether a commit took effect
} request_memory_t;

#endif
