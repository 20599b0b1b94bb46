/* xml.c - see xml.h. Source: XML 1.0, 2.2 Characters. */

#include "gateway/xml.h"

#include "common/base/utf8.h"

#include <string.h>

static const char *escape_of (char c)
{
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return (unsigned char) c < ' ' && !strchr ("\t\n\r", c) ? "\xEF\xBF\xBD" : NULL;
    }
}

void xml_put (buffer_t *into, const char *text)
{
    for (size_t left = strlen (text), size; left; text += size, left -= size) {
        size = utf8_length (text, left);
        const char *escape = size == 1 ? escape_of (*text) : size == 0 ? "\xEF\xBF\xBD" : NULL;
        bool none =
            size == 3 && (memcmp (text, "\xEF\xBF\xBE", 3) == 0 || memcmp (text, "\xEF\xBF\xBF", 3) == 0);
        if (none)
            escape = "\xEF\xBF\xBD";
        size = size ? size : 1;
        if (escape)
            buffer_puts (into, escape);
        else
            buffer_add (into, text, size);
    }
}
