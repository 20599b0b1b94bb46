/* tokens.h - tokens that identity vouched for a moment ago, so that not every request asks it.
 *
 * Bounded: TOKENS_KEPT places, a newcomer takes the place of another. Only good tokens are kept, for TOKENS_SECONDS: so long may
 * one that was revoked elsewhere still be good here. Keys are hashes; no secret is kept. Thread safe. */

#ifndef OPENCICD_GATEWAY_TOKENS_H
#define OPENCICD_GATEWAY_TOKENS_H

#include "common/turn.h"

#include <stdbool.h>

#define TOKENS_KEPT    256
#define TOKENS_SECONDS 3

typedef struct tokens tokens_t;

tokens_t *tokens_new (void);
void tokens_destroy (tokens_t **self_p);

// `hash` as secret_hash gives it; `now_us` monotonic. The subject is copied into the arena.
bool tokens_find (tokens_t *self, arena_t *arena, const char *hash, int64_t now_us, caller_t *out);
void tokens_keep (tokens_t *self, const char *hash, int64_t now_us, const caller_t *caller);
void tokens_forget (tokens_t *self); // All: one was revoked

#endif
