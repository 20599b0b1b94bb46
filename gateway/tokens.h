/* tokens.h - caches tokens that identity has just accepted, so that not every request asks it.
 *
 * Bounded: TOKENS_KEPT slots, each with at most GRANTS_TEXT of roles in projects; a new entry replaces another. Only valid tokens are kept, for
 * TOKENS_SECONDS: for that long one that was revoked elsewhere, or lost a role, may still be accepted here as it was. Keys are hashes; no secret is kept.
 * A credential is the id of the token, or of the session. Thread safe. */

#ifndef OPENCICD_GATEWAY_TOKENS_H
#define OPENCICD_GATEWAY_TOKENS_H

#include "common/base/turn.h"

#include <stdbool.h>

#define TOKENS_KEPT    256
#define TOKENS_SECONDS 3

typedef struct tokens tokens_t;

tokens_t *tokens_new (void);
void tokens_destroy (tokens_t **self_p);

// `hash` as secret_hash gives it; `now_us` monotonic. What it holds is copied into the arena.
bool tokens_find (tokens_t *self, arena_t *arena, const char *hash, int64_t now_us, caller_t *out,
                  const char **credential);
// `now_us`: before identity was asked. Nothing is kept where all were forgotten since: its answer may be of before.
void tokens_keep (tokens_t *self, const char *hash, int64_t now_us, const caller_t *caller,
                  const char *credential);
void tokens_forget (tokens_t *self, int64_t now_us); // Drops all: one was revoked, or may something else

#endif
