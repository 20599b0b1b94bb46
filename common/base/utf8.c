/* utf8.c - the table of well-formed byte sequences of the Unicode Standard (3.9, table 3-7). */

#include "common/base/utf8.h"

#include <stdint.h>
#include <string.h>

// Lead bytes least..most start a sequence of `more` further bytes, the first of which is within low..high.
static const struct {
    unsigned char least, most, more, low, high;
} leads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf}, {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

// Of a sequence that does not begin with an ASCII byte.
static size_t sequence (const unsigned char *at, size_t left)
{
    for (size_t i = 0; i < sizeof (leads) / sizeof (leads[0]); i++) {
        if (*at < leads[i].least || *at > leads[i].most)
            continue;
        if (left <= leads[i].more || at[1] < leads[i].low || at[1] > leads[i].high)
            return 0;
        for (size_t k = 2; k <= leads[i].more; k++)
            if ((at[k] & 0xc0) != 0x80)
                return 0;
        return (size_t) leads[i].more + 1;
    }
    return 0;
}

size_t utf8_length (const char *text, size_t size)
{
    if (size == 0)
        return 0;
    return (unsigned char) *text < 0x80 ? 1 : sequence ((const unsigned char *) text, size);
}

bool utf8_valid (const char *text, size_t size)
{
    const unsigned char *at = (const unsigned char *) text, *end = at + size;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8 && (memcpy (&eight, at, 8), !(eight & 0x8080808080808080))) {
            at += 8;
            continue;
        }
        size_t step = *at < 0x80 ? 1 : sequence (at, (size_t) (end - at));
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

const char *utf8_repair (arena_t *arena, const char *text, size_t size, size_t most)
{
    char *out = arena_alloc (arena, most + 1);
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t length = text[at] ? utf8_length (text + at, size - at) : 0;
        const char *from = length ? text + at : "\xef\xbf\xbd"; // U+FFFD
        size_t bytes = length ? length : 3;
        if (used + bytes > most)
            break;
        memcpy (out + used, from, bytes);
        used += bytes;
        at += length ? length : 1;
    }
    return arena_strndup (arena, out, used);
}
