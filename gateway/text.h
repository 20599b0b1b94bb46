/* text.h - UTF-8 that arrives in pieces. */

#ifndef OPENCICD_GATEWAY_TEXT_H
#define OPENCICD_GATEWAY_TEXT_H

#include <stddef.h>

#define TEXT_TAIL 3 // Most bytes of a character that has begun and not ended

// How many bytes come before a character that begins at the end and may go on in the next piece.
size_t text_whole (const char *data, size_t size);

#endif
