/* sha256.h - a checksum that grows with the bytes, and its hex text. */

#ifndef OPENCICD_AGENT_SHA256_H
#define OPENCICD_AGENT_SHA256_H

#include <stddef.h>

#define SHA256_SIZE 32
#define SHA256_TEXT 65 // Hex and the NUL

typedef struct sha256 sha256_t;

sha256_t *sha256_new (void);
void sha256_destroy (sha256_t **self_p);
void sha256_reset (sha256_t *self);
void sha256_add (sha256_t *self, const void *data, size_t size);
void sha256_bytes (const sha256_t *self,
                   unsigned char out[SHA256_SIZE]); // Of what was added; more may follow
void sha256_text (const sha256_t *self, char out[SHA256_TEXT]);

#endif
