/* secret_box.c - see secret_box.h. */

#include "common/base/secret_box.h"

#include <sodium.h>
#include <string.h>

#define DERIVED "open-cicd: secrets at rest"
#define NAMED   "open-cicd: the name of a key of secrets"
#define NONCE   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG     crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a derived key is one");

static void add_key (secret_box_t *self, const unsigned char *from)
{
    unsigned char name[crypto_generichash_BYTES_MIN];
    unsigned char *key = self->keys[self->count];
    crypto_generichash (key, SECRET_KEY_SIZE, (const unsigned char *) DERIVED, strlen (DERIVED), from,
                        SECRET_KEY_SIZE);
    crypto_generichash (name, sizeof (name), (const unsigned char *) NAMED, strlen (NAMED), key,
                        SECRET_KEY_SIZE);
    sodium_bin2hex (self->names[self->count], SECRET_BOX_NAME + 1, name, SECRET_BOX_NAME / 2);
    self->count++;
}

void secret_box_init (secret_box_t *self, const secret_key_t *from)
{
    *self = (secret_box_t){0};
    add_key (self, from->bytes);
    for (size_t i = 0; i < from->older_count; i++)
        add_key (self, from->older[i]);
}

void secret_box_clear (secret_box_t *self)
{
    sodium_memzero (self, sizeof (*self));
}

bytes_t secret_box_seal (const secret_box_t *self, arena_t *arena, const char *place, const char *text)
{
    size_t size = strlen (text);
    unsigned char *sealed = arena_alloc (arena, NONCE + size + TAG);
    randombytes_buf (sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + NONCE, NULL, (const unsigned char *) text, size,
                                                (const unsigned char *) place, strlen (place), NULL, sealed,
                                                self->keys[0]);
    return (bytes_t){sealed, NONCE + size + TAG};
}

const char *secret_box_open (const secret_box_t *self, arena_t *arena, const char *place,
                             const char *key_name, bytes_t sealed)
{
    size_t at = 0;
    while (at < self->count && strcmp (self->names[at], key_name) != 0)
        at++;
    if (at == self->count || sealed.size < NONCE + TAG)
        return NULL;
    const unsigned char *bytes = sealed.data;
    char *text = arena_alloc (arena, sealed.size - NONCE - TAG + 1);
    bool ours = crypto_aead_xchacha20poly1305_ietf_decrypt (
                    (unsigned char *) text, NULL, NULL, bytes + NONCE, sealed.size - NONCE,
                    (const unsigned char *) place, strlen (place), bytes, self->keys[at]) == 0;
    text[sealed.size - NONCE - TAG] = '\0';
    return ours ? text : NULL;
}
