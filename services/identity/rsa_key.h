/* rsa_key.h - RSA keys of 2048 bits, and what RS256 signs with them. Sources: RFC 7518, 3.3 and 6.3; libcrypto does the arithmetic. */

#ifndef OPENCICD_IDENTITY_RSA_KEY_H
#define OPENCICD_IDENTITY_RSA_KEY_H

#include "common/base/arena.h"

#include <stdbool.h>

typedef struct {
    const char *pem;                // The private key
    const char *modulus, *exponent; // base64url
} rsa_key_t;

// Takes up to a second: not in an actor's thread. False where libcrypto fails.
bool rsa_key_make (arena_t *arena, rsa_key_t *out);
// RSASSA-PKCS1-v1_5 with SHA-256 over the text, in base64url; NULL where the key cannot be read.
const char *rsa_key_sign (arena_t *arena, const char *pem, const char *text);

#endif
