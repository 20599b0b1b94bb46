/* msgpack_scan.c - see msgpack_scan.h. */

#include "common/base/msgpack_scan.h"

typedef struct {
    const unsigned char *at, *end;
    size_t items; // Still allowed
    int depth;    // Likewise
} scan_t;

static bool take_number (scan_t *scan, size_t bytes, size_t *out)
{
    if ((size_t) (scan->end - scan->at) < bytes)
        return false;
    *out = 0;
    while (bytes--)
        *out = *out << 8 | *scan->at++;
    return true;
}

static bool skip (scan_t *scan, size_t bytes)
{
    if ((size_t) (scan->end - scan->at) < bytes)
        return false;
    scan->at += bytes;
    return true;
}

static bool scan_value (scan_t *scan, int depth);

static bool scan_values (scan_t *scan, size_t count, int depth)
{
    if (count > (size_t) (scan->end - scan->at) || depth >= scan->depth)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!scan_value (scan, depth + 1))
            return false;
    return true;
}

// A length of 1 << width bytes precedes the body.
static bool scan_sized (scan_t *scan, unsigned width, size_t more)
{
    size_t size;
    return take_number (scan, (size_t) 1 << width, &size) && skip (scan, size + more);
}

static bool scan_counted (scan_t *scan, unsigned width, size_t each, int depth)
{
    size_t count;
    return take_number (scan, (size_t) 1 << width, &count) && scan_values (scan, count * each, depth);
}

static bool scan_tagged (scan_t *scan, unsigned char tag, int depth)
{
    static const unsigned char fixed[] = {
        [0xCA - 0xC0] = 4, [0xCB - 0xC0] = 8, [0xCC - 0xC0] = 1, [0xCD - 0xC0] = 2, [0xCE - 0xC0] = 4,
        [0xCF - 0xC0] = 8, [0xD0 - 0xC0] = 1, [0xD1 - 0xC0] = 2, [0xD2 - 0xC0] = 4, [0xD3 - 0xC0] = 8,
        [0xD4 - 0xC0] = 2, [0xD5 - 0xC0] = 3, [0xD6 - 0xC0] = 5, [0xD7 - 0xC0] = 9, [0xD8 - 0xC0] = 17};
    if (tag >= 0xC4 && tag <= 0xC6)
        return scan_sized (scan, tag - 0xC4u, 0); // bin
    if (tag >= 0xC7 && tag <= 0xC9)
        return scan_sized (scan, tag - 0xC7u, 1); // ext
    if (tag >= 0xD9 && tag <= 0xDB)
        return scan_sized (scan, tag - 0xD9u, 0); // str
    if (tag == 0xDC || tag == 0xDD)
        return scan_counted (scan, tag - 0xDCu + 1, 1, depth); // array
    if (tag == 0xDE || tag == 0xDF)
        return scan_counted (scan, tag - 0xDEu + 1, 2, depth); // map
    return tag != 0xC1 && skip (scan, fixed[tag - 0xC0]);
}

static bool scan_value (scan_t *scan, int depth)
{
    if (scan->at == scan->end || scan->items-- == 0)
        return false;
    unsigned char tag = *scan->at++;
    if (tag < 0x80 || tag >= 0xE0)
        return true; // Small integers
    if (tag < 0x90)
        return scan_values (scan, (tag & 15u) * 2, depth); // Small map
    if (tag < 0xA0)
        return scan_values (scan, tag & 15u, depth); // Small array
    if (tag < 0xC0)
        return skip (scan, tag & 31u); // Small str
    return scan_tagged (scan, tag, depth);
}

bool msgpack_is_bounded (const void *data, size_t size, size_t items, int depth)
{
    scan_t scan = {.at = data, .end = (const unsigned char *) data + size, .items = items, .depth = depth};
    return scan_value (&scan, 0) && scan.at == scan.end;
}
