/* zone.c - see zone.h. Version 2 of TZif: 64-bit times; a version 1 file is read as it is. */

#include "services/scheduler/time/zone.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "/usr/share/zoneinfo/"

struct zone {
    size_t count;
    const int64_t *times;   // Transitions, rising
    const int32_t *offsets; // Offsets [i] holds from times [i] on
    int32_t first;          // Before the first
};

typedef struct {
    uint32_t times, types, chars, leaps, standards, universals;
    size_t width; // Of a time
} shape_t;

static int64_t big_endian (const unsigned char *at, size_t width)
{
    uint64_t number = at[0] & 0x80 ? ~(uint64_t) 0 : 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | at[i];
    return (int64_t) number;
}

#define HEADER 44

static bool read_shape (const unsigned char *at, size_t size, size_t width, shape_t *out)
{
    if (size < HEADER || memcmp (at, "TZif", 4) != 0)
        return false;
    *out = (shape_t){
        .universals = (uint32_t) big_endian (at + 20, 4),
        .standards = (uint32_t) big_endian (at + 24, 4),
        .leaps = (uint32_t) big_endian (at + 28, 4),
        .times = (uint32_t) big_endian (at + 32, 4),
        .types = (uint32_t) big_endian (at + 36, 4),
        .chars = (uint32_t) big_endian (at + 40, 4),
        .width = width,
    };
    uint32_t most = ZONE_BYTES;
    return out->times < most && out->types < most && out->chars < most && out->leaps < most &&
           out->standards < most && out->universals < most && out->types > 0;
}

static size_t body_size (const shape_t *shape)
{
    return shape->times * (shape->width + 1) + shape->types * 6 + shape->chars +
           shape->leaps * (shape->width + 4) + shape->standards + shape->universals;
}

const zone_t *zone_parse (arena_t *arena, const unsigned char *bytes, size_t size)
{
    shape_t shape;
    if (!read_shape (bytes, size, 4, &shape))
        return NULL;
    if (bytes[4] >= '2') {
        size_t skip = HEADER + body_size (&shape);
        if (size < skip || !read_shape (bytes + skip, size - skip, 8, &shape))
            return NULL;
        bytes += skip;
        size -= skip;
    }
    if (size - HEADER < body_size (&shape))
        return NULL;
    const unsigned char *times = bytes + HEADER, *indices = times + shape.times * shape.width,
                        *types = indices + shape.times;
    int64_t *at = arena_array (arena, shape.times + 1, sizeof *at);
    int32_t *offsets = arena_array (arena, shape.times + 1, sizeof *offsets);
    for (size_t i = 0; i < shape.times; i++) {
        if (indices[i] >= shape.types)
            return NULL;
        at[i] = big_endian (times + i * shape.width, shape.width);
        offsets[i] = (int32_t) big_endian (types + indices[i] * 6, 4);
    }
    zone_t *zone = arena_alloc (arena, sizeof *zone);
    *zone = (zone_t){shape.times, at, offsets, (int32_t) big_endian (types, 4)};
    return zone;
}

// Words of letters, digits, - + _ between slashes: no dot, so no way out of the folder.
static bool is_name (const char *name)
{
    if (!*name || strlen (name) > 64 || *name == '/')
        return false;
    for (; *name; name++)
        if (!isalnum ((unsigned char) *name) && !strchr ("-+_/", *name))
            return false;
    return true;
}

const zone_t *zone_read (arena_t *arena, const char *name)
{
    if (!is_name (name))
        return NULL;
    FILE *file = fopen (arena_printf (arena, FOLDER "%s", name), "rbe");
    if (!file)
        return NULL;
    unsigned char *bytes = arena_alloc (arena, ZONE_BYTES);
    size_t size = fread (bytes, 1, ZONE_BYTES, file);
    fclose (file);
    return zone_parse (arena, bytes, size);
}

int32_t zone_offset (void *self, int64_t utc_seconds)
{
    const zone_t *zone = self;
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= utc_seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? zone->first : zone->offsets[low - 1];
}
