/* bytes.c - see bytes.h. */

#include "common/base/bytes.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

uint32_t bytes_get32 (const void *from)
{
    const unsigned char *at = from;
    return (uint32_t) at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24;
}

void bytes_put32 (void *into, uint32_t number)
{
    unsigned char *at = into;
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char) (number >> (i * 8));
}

static const char *encode (arena_t *arena, const void *bytes, size_t size, int variant)
{
    size_t room = sodium_base64_encoded_len (size, variant);
    return sodium_bin2base64 (arena_alloc (arena, room), room, bytes, size, variant);
}

const char *bytes_base64 (arena_t *arena, const void *bytes, size_t size)
{
    return encode (arena, bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

const char *bytes_base64url (arena_t *arena, const void *bytes, size_t size)
{
    return encode (arena, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool bytes_write (int fd, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t wrote = write (fd, at, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        size -= (size_t) wrote;
    }
    return true;
}
