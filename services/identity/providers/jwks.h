/* jwks.h - the public keys of a provider, and what is signed by them. Pure; libcrypto does the arithmetic.
 *
 * RS256 (RSA of 2048 to 8192 bits), ES256 (P-256) and EdDSA (Ed25519), each by a key of its kind alone: no `none`, and nothing by which a
 * public key would be a shared secret. Sources: RFC 7517; RFC 7518, 3.3, 3.4, 6.2, 6.3; RFC 8037. */

#ifndef OPENCICD_PROVIDERS_JWKS_H
#define OPENCICD_PROVIDERS_JWKS_H

#include "common/base/bytes.h"
#include "common/base/turn.h"

#define JWKS_MAX  (256 << 10) // Bytes of the document
#define JWKS_KEYS 64          // What is past it is not looked at

typedef struct {
    const char *kty, *kid, *alg, *use, *crv; // NULL where it does not say
    const char *n, *e, *x, *y;               // base64url
} jwk_t;

typedef struct {
    jwk_t *items;
    size_t count;
} jwks_t;

MUST_USE fault_t jwks_parse (turn_t *turn, const char *text, size_t size, jwks_t *out); // INVALID
bool jwks_alg_is (const char *alg);                                                     // One of ours
// The key that a token with this head is signed by; without a `kid` the only one that fits. NULL where there is none.
const jwk_t *jwks_find (const jwks_t *self, const char *alg, const char *kid);
bool jwk_signed (const jwk_t *self, const char *alg, bytes_t text, bytes_t signature);
// The bytes of base64url without padding, at most `most`. False where it is none.
bool jwks_decode (arena_t *arena, const char *text, size_t size, size_t most, bytes_t *out);

#endif
