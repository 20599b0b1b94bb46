/* bytes.h - numbers in bytes, least significant first; bytes as text, and into a file. */

#ifndef OPENCICD_BYTES_H
#define OPENCICD_BYTES_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const void *data;
    size_t size;
} bytes_t;

uint32_t bytes_get32 (const void *from);
void bytes_put32 (void *into, uint32_t number);
const char *bytes_base64 (arena_t *arena, const void *bytes, size_t size); // RFC 4648, 4: + and /, padded
const char *bytes_base64url (arena_t *arena, const void *bytes,
                             size_t size); // RFC 4648, 5: - and _, not padded
// Writes all of them, whatever interrupts it. False with errno.
bool bytes_write (int fd, const void *bytes, size_t size);

#endif
