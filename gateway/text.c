/* text.c - see text.h. */

#include "gateway/text.h"

size_t text_whole (const char *data, size_t size)
{
    for (size_t back = 1; back <= TEXT_TAIL && back <= size; back++) {
        unsigned char c = (unsigned char) data[size - back];
        if ((c & 0xc0) == 0x80)
            continue; // In the middle of a character
        size_t length = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
        return c < 0xf5 && length > back ? size - back : size;
    }
    return size;
}
