/* escape.c - removes terminal escape sequences from a line: colours must not hide a word from a search. */

#include "services/logs/search.h"

#include <string.h>

#define ESCAPE '\x1b'
#define BELL   '\x07'

static bool is_between (char c, int low, int high)
{
    return (unsigned char) c >= low && (unsigned char) c <= high;
}

// ESC [ parameters intermediates final
static size_t control_sequence (const char *at, size_t size)
{
    size_t i = 2;
    while (i < size && is_between (at[i], 0x30, 0x3f))
        i++;
    while (i < size && is_between (at[i], 0x20, 0x2f))
        i++;
    return i < size && is_between (at[i], 0x40, 0x7e) ? i + 1 : i;
}

// ESC ] text, up to BEL or ESC \: a title, a link
static size_t command (const char *at, size_t size)
{
    for (size_t i = 2; i < size; i++) {
        if (at[i] == BELL)
            return i + 1;
        if (at[i] == ESCAPE && i + 1 < size && at[i + 1] == '\\')
            return i + 2;
    }
    return 2; // Without an end it is text
}

// Bytes of the escape sequence that begins here.
static size_t escape_size (const char *at, size_t size)
{
    if (size < 2)
        return size;
    if (at[1] == '[')
        return control_sequence (at, size);
    if (at[1] == ']')
        return command (at, size);
    size_t i = 1;
    while (i < size && is_between (at[i], 0x20, 0x2f))
        i++;
    return i < size && is_between (at[i], 0x30, 0x7e) ? i + 1 : i;
}

size_t without_escapes (char *line, size_t size)
{
    char *first = memchr (line, ESCAPE, size);
    if (!first)
        return size;
    size_t to = (size_t) (first - line);
    for (size_t at = to; at < size;) {
        if (line[at] == ESCAPE)
            at += escape_size (line + at, size - at);
        else
            line[to++] = line[at++];
    }
    return to;
}
