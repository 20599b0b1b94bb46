/* utf8.h - is this text UTF-8? Without overlong forms, surrogates, or anything past U+10FFFF. */

#ifndef OPENCICD_UTF8_H
#define OPENCICD_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid (const char *text, size_t size);
size_t utf8_length (const char *text, size_t size); // Bytes of the first sequence, 1 to 4; 0 where it is none

#endif
