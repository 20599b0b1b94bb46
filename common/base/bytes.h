/* bytes.h - numbers in bytes, least significant first, and bytes into a file. */

#ifndef OPENCICD_BYTES_H
#define OPENCICD_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint32_t bytes_get32 (const void *from);
void bytes_put32 (void *into, uint32_t number);
// Writes all of them, whatever interrupts it. False with errno.
bool bytes_write (int fd, const void *bytes, size_t size);

#endif
