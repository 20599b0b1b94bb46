/* json.h - prints a JSON string, and measures a text before it is read: its depth and its number of values.
 *
 * json_reader.h reads it. Source: RFC 8259. */

#ifndef OPENCICD_JSON_H
#define OPENCICD_JSON_H

#include "common/base/buffer.h"

#define JSON_DEPTH 32 // Deepest nesting accepted from outside

// "text" with quotes and escapes; bytes that are not UTF-8 become U+FFFD.
void json_put (buffer_t *into, const char *text, size_t size);

// Moves *at past the digits there; false if there are none.
bool json_digits (const char *text, size_t size, size_t *at);

// Measured in one pass, without allocating, also if the text is malformed.
typedef struct {
    size_t depth;  // Deepest nesting of [ and { outside strings
    size_t values; // At least as many as there are
} json_shape_t;
json_shape_t json_shape (const char *text, size_t size);
size_t json_nesting (const char *text, size_t size); // The depth alone

#endif
