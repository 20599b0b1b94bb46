/* json.h - the two things about JSON that are needed below any message: printing a string, and how deep a text is.
 *
 * Parsing is jansson's; ask json_nesting() first, because it recurses. Source: RFC 8259. */

#ifndef OPENCICD_JSON_H
#define OPENCICD_JSON_H

#include "common/buffer.h"

#define JSON_DEPTH 32 // Nesting that is accepted from outside

// "text" with quotes and escapes; bytes that are not UTF-8 become U+FFFD.
void json_put (buffer_t *into, const char *text, size_t size);
// Deepest nesting of [ and { outside strings, whether or not the text is well formed.
size_t json_nesting (const char *text, size_t size);

#endif
