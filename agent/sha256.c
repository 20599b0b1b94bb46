/* sha256.c - libcrypto's, which uses what the processor offers. */

#include "agent/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct sha256 {
    EVP_MD_CTX *context, *copy;
};

sha256_t *sha256_new (void)
{
    sha256_t *self = calloc (1, sizeof (sha256_t));
    if (!self || !(self->context = EVP_MD_CTX_new ()) || !(self->copy = EVP_MD_CTX_new ()))
        abort ();
    sha256_reset (self);
    return self;
}

void sha256_destroy (sha256_t **self_p)
{
    if (!*self_p)
        return;
    EVP_MD_CTX_free ((*self_p)->context);
    EVP_MD_CTX_free ((*self_p)->copy);
    free (*self_p);
    *self_p = NULL;
}

void sha256_reset (sha256_t *self)
{
    if (EVP_DigestInit_ex (self->context, EVP_sha256 (), NULL) != 1)
        abort ();
}

void sha256_add (sha256_t *self, const void *data, size_t size)
{
    EVP_DigestUpdate (self->context, data, size);
}

void sha256_bytes (const sha256_t *self, unsigned char out[SHA256_SIZE])
{
    EVP_MD_CTX_copy_ex (self->copy, self->context);
    EVP_DigestFinal_ex (self->copy, out, NULL);
}

void sha256_text (const sha256_t *self, char out[SHA256_TEXT])
{
    unsigned char bytes[SHA256_SIZE];
    sha256_bytes (self, bytes);
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        out[i * 2] = "0123456789abcdef"[bytes[i] >> 4];
        out[i * 2 + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[SHA256_TEXT - 1] = 0;
}
