/* json.c - see json.h. */

#include "common/base/json.h"

#include "common/base/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool plain (unsigned char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

// Escapes the one character at `text` that needs it; returns how many bytes it took.
static size_t escape (buffer_t *into, const char *text, size_t size)
{
    static const char letters[] = "\b\f\n\r\t\"\\", escapes[] = "bfnrt\"\\";
    unsigned char c = (unsigned char) text[0];
    const char *letter = c ? strchr (letters, c) : NULL;
    size_t length = utf8_length (text, size);
    if (letter)
        buffer_printf (into, "\\%c", escapes[letter - letters]);
    else if (c < 0x20)
        buffer_printf (into, "\\u%04x", c);
    else if (length)
        buffer_add (into, text, length);
    else
        buffer_puts (into, "\xEF\xBF\xBD");
    return length ? length : 1;
}

void json_put (buffer_t *into, const char *text, size_t size)
{
    buffer_putc (into, '"');
    for (size_t at = 0; at < size;) {
        size_t run = at;
        while (run < size && plain ((unsigned char) text[run]))
            run++;
        buffer_add (into, text + at, run - at);
        at = run;
        if (at < size)
            at += escape (into, text + at, size - at);
    }
    buffer_putc (into, '"');
}

// Each value but the first of its container follows a comma, and the first follows its bracket.
json_shape_t json_shape (const char *text, size_t size)
{
    json_shape_t shape = {.values = 1};
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"')
            quoted = true;
        else if (c == ',')
            shape.values++;
        else if (c == '[' || c == '{') {
            shape.values += i + 1 >= size || (text[i + 1] != ']' && text[i + 1] != '}');
            if (++depth > shape.depth)
                shape.depth = depth;
        } else if ((c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return shape;
}

size_t json_nesting (const char *text, size_t size)
{
    return json_shape (text, size).depth;
}

bool json_digits (const char *text, size_t size, size_t *at)
{
    size_t start = *at;
    while (*at < size && text[*at] >= '0' && text[*at] <= '9')
        ++*at;
    return *at > start;
}
