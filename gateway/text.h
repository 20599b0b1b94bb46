/* text.h - UTF-8 that arrives in pieces. */

#ifndef OPENCICD_GATEWAY_TEXT_H
#define OPENCICD_GATEWAY_TEXT_H

#include <stddef.h>

#define TEXT_TAIL 3 // Bytes of an incomplete character, at most

// How many bytes precede a character that is incomplete at the end and may continue in the next piece.
size_t text_whole (const char *data, size_t size);

#endif
