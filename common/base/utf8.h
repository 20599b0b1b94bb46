/* utf8.h - is this text UTF-8? Without overlong forms, surrogates, or anything past U+10FFFF. */

#ifndef OPENCICD_UTF8_H
#define OPENCICD_UTF8_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid (const char *text, size_t size);
size_t utf8_length (const char *text,
                    size_t size); // Bytes of the first sequence, 1 to 4; 0 if it is malformed
// A copy of at most `most` bytes that ends at a whole character. NUL and what is not UTF-8 become U+FFFD.
const char *utf8_repair (arena_t *arena, const char *text, size_t size, size_t most);

#endif
