/* hashing.h - passwords as they are stored: Argon2id of libsodium, 64 MiB and three passes, computed by helper threads.
 *
 * At most HASHES_AT_ONCE at a time, which bounds their memory, and HASHES_WAITING in all; past that OVERLOADED. A handler that asks is run
 * again when the answer is there. Where nobody has the name, a password of nobody is compared: it takes as long. */

#ifndef OPENCICD_IDENTITY_HASHING_H
#define OPENCICD_IDENTITY_HASHING_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASHES_AT_ONCE    2
#define HASHES_WAITING    24 // With those at work
#define HASHES_LAST       8  // That of addresses with failures at most: they leave room for others
#define HASHING_MEMORY    (64u << 20)
#define HASHING_PASSES    3
#define HASHING_OF_NOBODY "" // As `stored`

typedef struct hashing hashing_t;

typedef struct {
    const char *stored;   // To compare with; NULL: nothing is compared
    const char *password; // With what
    const char *
        renewed; // Where that is right, make a hash of this; NULL: of the password itself, where the parameters have changed
} hashing_ask_t;

typedef struct {
    bool right;       // True where nothing was compared
    const char *made; // NULL: nothing had to be made. Lives as long as the turn
} hashing_answer_t;

hashing_t *hashing_new (void);
void hashing_set_cost (hashing_t *self, uint64_t passes, size_t memory); // Of the tests of other things
void hashing_stop (hashing_t *self); // In the actor's thread, as its last act
void hashing_destroy (hashing_t **self_p);

// Is there an answer? LATER while there is not; NOT_FOUND where nobody asked: hashing_begin does.
MUST_USE fault_t hashing_find (hashing_t *self, turn_t *turn, const hashing_ask_t *ask,
                               hashing_answer_t *out);
// LATER, or OVERLOADED: more than `most` are waiting.
MUST_USE fault_t hashing_begin (hashing_t *self, turn_t *turn, const hashing_ask_t *ask, int most);

#endif
