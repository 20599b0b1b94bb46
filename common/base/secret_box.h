/* secret_box.h - secrets as they are stored: encrypted and authenticated, each bound to its place.
 *
 * XChaCha20-Poly1305 (libsodium crypto_aead_xchacha20poly1305_ietf) with a random nonce before the ciphertext. The place (scope and name) is
 * authenticated with it, so that whoever can write the database cannot make one secret pass for another. The keys are derived from those of
 * the key file (job_token.h), the newest of which encrypts: what signs tokens encrypts nothing. */

#ifndef OPENCICD_SECRET_BOX_H
#define OPENCICD_SECRET_BOX_H

#include "common/base/bytes.h"
#include "common/base/job_token.h"

#define SECRET_BOX_NAME 8 // Characters that name a key

typedef struct {
    unsigned char keys[SECRET_KEYS][SECRET_KEY_SIZE]; // The newest first
    char names[SECRET_KEYS][SECRET_BOX_NAME + 1];
    size_t count;
} secret_box_t;

void secret_box_init (secret_box_t *self, const secret_key_t *from);
void secret_box_clear (secret_box_t *self);
// By the newest key.
bytes_t secret_box_seal (const secret_box_t *self, arena_t *arena, const char *place, const char *text);
// NULL where the key is not among ours, or these are not the bytes that were sealed for this place.
const char *secret_box_open (const secret_box_t *self, arena_t *arena, const char *place,
                             const char *key_name, bytes_t sealed);

#endif
