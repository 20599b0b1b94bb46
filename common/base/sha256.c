/* sha256.c - see sha256.h. libcrypto's EVP hides its state, so this uses its older functions, on a state made from ours. */

#define OPENSSL_API_COMPAT 10101 // SHA256_Update with a state that can be seen; deprecated since 3.0

#include "common/base/sha256.h"

#include <openssl/sha.h>
#include <string.h>

void sha256_init (sha256_t *self)
{
    SHA256_CTX context;
    SHA256_Init (&context);
    *self = (sha256_t){0};
    memcpy (self->words, context.h, sizeof (self->words));
}

static void to_library (const sha256_t *self, SHA256_CTX *context)
{
    *context = (SHA256_CTX){.md_len = SHA256_DIGEST_LENGTH};
    memcpy (context->h, self->words, sizeof (self->words));
    memcpy (context->data, self->block, sizeof (self->block));
    context->Nl = (uint32_t) (self->size << 3);
    context->Nh = (uint32_t) (self->size >> 29);
    context->num = (unsigned int) (self->size % 64);
}

void sha256_add (sha256_t *self, const void *data, size_t size)
{
    SHA256_CTX context;
    to_library (self, &context);
    SHA256_Update (&context, data, size);
    memcpy (self->words, context.h, sizeof (self->words));
    memcpy (self->block, context.data, sizeof (self->block));
    self->size += size;
}

void sha256_sum (const sha256_t *self, unsigned char into[SHA256_SUM])
{
    SHA256_CTX context;
    to_library (self, &context);
    SHA256_Final (into, &context);
}

const char *sha256_hex (const sha256_t *self, arena_t *arena)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA256_SUM];
    sha256_sum (self, sum);
    char *hex = arena_alloc (arena, SHA256_HEX + 1);
    for (size_t i = 0; i < sizeof (sum); i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    return hex;
}

bool sha256_is_hex (const char *text)
{
    return strlen (text) == SHA256_HEX && strspn (text, "0123456789abcdef") == SHA256_HEX;
}

// The stored form does not depend on the machine: big-endian words, the size, the block.
void sha256_save (const sha256_t *self, unsigned char into[SHA256_SAVED])
{
    for (int i = 0; i < 32; i++)
        into[i] = (unsigned char) (self->words[i / 4] >> (24 - i % 4 * 8));
    for (int i = 0; i < 8; i++)
        into[32 + i] = (unsigned char) (self->size >> (56 - i * 8));
    memcpy (into + 40, self->block, sizeof (self->block));
}

fault_t sha256_load (sha256_t *self, const void *data, size_t size)
{
    const unsigned char *from = data;
    *self = (sha256_t){0};
    if (size != SHA256_SAVED)
        return BROKEN;
    for (int i = 0; i < 32; i++)
        self->words[i / 4] = self->words[i / 4] << 8 | from[i];
    for (int i = 0; i < 8; i++)
        self->size = self->size << 8 | from[32 + i];
    memcpy (self->block, from + 40, sizeof (self->block));
    return OK;
}
