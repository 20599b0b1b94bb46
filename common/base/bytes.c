/* bytes.c - see bytes.h. */

#include "common/base/bytes.h"

#include <errno.h>
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
