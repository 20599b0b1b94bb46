/* msgpack_reader.c - see msgpack_reader.h. */

#include "common/base/msgpack_reader.h"

void msgpack_reader_init (msgpack_reader_t *self, const void *data, size_t size)
{
    self->at = data;
    self->end = self->at + size;
}

bool msgpack_at_end (const msgpack_reader_t *self)
{
    return self->at == self->end;
}

static size_t left (const msgpack_reader_t *self)
{
    return (size_t) (self->end - self->at);
}

// A number of 1 << width bytes, big-endian.
static bool take_number (msgpack_reader_t *self, unsigned width, uint64_t *out)
{
    size_t bytes = (size_t) 1 << width;
    if (left (self) < bytes)
        return false;
    *out = 0;
    while (bytes--)
        *out = *out << 8 | *self->at++;
    return true;
}

static msgpack_item_t none (void)
{
    return (msgpack_item_t){.kind = ITEM_NONE};
}

static msgpack_item_t body (msgpack_reader_t *self, msgpack_kind_t kind, uint64_t size)
{
    if (size > left (self))
        return none ();
    const char *data = (const char *) self->at;
    self->at += size;
    return (msgpack_item_t){.kind = kind, .data = data, .size = (size_t) size};
}

static msgpack_item_t children (const msgpack_reader_t *self, msgpack_kind_t kind, uint64_t count)
{
    return count > left (self) ? none () : (msgpack_item_t){.kind = kind, .number = count};
}

static msgpack_item_t number (int64_t value)
{
    return (msgpack_item_t){.kind = value < 0 ? ITEM_NEGATIVE : ITEM_POSITIVE, .number = (uint64_t) value};
}

// What follows a tag from 0xC0 to 0xDF: a number of 1 << width bytes, which is the value, its size or its count, or so many bytes.
typedef enum { UNKNOWN, NOTHING, SIGNED, UNSIGNED, SIZED, COUNTED, FIXED } follows_t;
static const struct {
    follows_t follows;
    msgpack_kind_t kind;
    unsigned width;
    unsigned more; // SIZED: the byte of an extension's type; COUNTED: a pair's other half; FIXED: the bytes
} tags[32] = {
    [0x00] = {NOTHING, ITEM_NIL, 0, 0},       [0x02] = {NOTHING, ITEM_BOOL, 0, 0},
    [0x03] = {NOTHING, ITEM_BOOL, 0, 1},      [0x04] = {SIZED, ITEM_BIN, 0, 0},
    [0x05] = {SIZED, ITEM_BIN, 1, 0},         [0x06] = {SIZED, ITEM_BIN, 2, 0},
    [0x07] = {SIZED, ITEM_OTHER, 0, 1},       [0x08] = {SIZED, ITEM_OTHER, 1, 1},
    [0x09] = {SIZED, ITEM_OTHER, 2, 1},       [0x0A] = {FIXED, ITEM_OTHER, 0, 4},
    [0x0B] = {FIXED, ITEM_OTHER, 0, 8},       [0x0C] = {UNSIGNED, ITEM_POSITIVE, 0, 0},
    [0x0D] = {UNSIGNED, ITEM_POSITIVE, 1, 0}, [0x0E] = {UNSIGNED, ITEM_POSITIVE, 2, 0},
    [0x0F] = {UNSIGNED, ITEM_POSITIVE, 3, 0}, [0x10] = {SIGNED, ITEM_POSITIVE, 0, 0},
    [0x11] = {SIGNED, ITEM_POSITIVE, 1, 0},   [0x12] = {SIGNED, ITEM_POSITIVE, 2, 0},
    [0x13] = {SIGNED, ITEM_POSITIVE, 3, 0},   [0x14] = {FIXED, ITEM_OTHER, 0, 2},
    [0x15] = {FIXED, ITEM_OTHER, 0, 3},       [0x16] = {FIXED, ITEM_OTHER, 0, 5},
    [0x17] = {FIXED, ITEM_OTHER, 0, 9},       [0x18] = {FIXED, ITEM_OTHER, 0, 17},
    [0x19] = {SIZED, ITEM_STR, 0, 0},         [0x1A] = {SIZED, ITEM_STR, 1, 0},
    [0x1B] = {SIZED, ITEM_STR, 2, 0},         [0x1C] = {COUNTED, ITEM_ARRAY, 1, 0},
    [0x1D] = {COUNTED, ITEM_ARRAY, 2, 0},     [0x1E] = {COUNTED, ITEM_MAP, 1, 1},
    [0x1F] = {COUNTED, ITEM_MAP, 2, 1},
};

static msgpack_item_t read_tagged (msgpack_reader_t *self, unsigned tag)
{
    follows_t follows = tags[tag].follows;
    unsigned width = tags[tag].width, more = tags[tag].more;
    msgpack_kind_t kind = tags[tag].kind;
    uint64_t value = more;
    if (follows == NOTHING)
        return (msgpack_item_t){.kind = kind, .number = value};
    if (follows == FIXED)
        return body (self, kind, more);
    if (follows == UNKNOWN || !take_number (self, width, &value))
        return none ();
    if (follows == SIZED)
        return body (self, kind, value + more);
    if (follows == COUNTED)
        return children (self, kind, value * (more + 1));
    if (follows == UNSIGNED)
        return (msgpack_item_t){.kind = kind, .number = value};
    unsigned above = 64 - (8u << width); // Bits over its sign
    return number ((int64_t) (value << above) >> above);
}

msgpack_item_t msgpack_read (msgpack_reader_t *self)
{
    if (self->at == self->end)
        return none ();
    unsigned char tag = *self->at++;
    if (tag < 0x80 || tag >= 0xE0)
        return number ((signed char) tag);
    if (tag < 0x90)
        return children (self, ITEM_MAP, (tag & 15u) * 2u);
    if (tag < 0xA0)
        return children (self, ITEM_ARRAY, tag & 15u);
    if (tag < 0xC0)
        return body (self, ITEM_STR, tag & 31u);
    return read_tagged (self, tag - 0xC0u);
}

bool msgpack_pass (msgpack_reader_t *self, const msgpack_item_t *item, int depth)
{
    if (item->kind != ITEM_ARRAY && item->kind != ITEM_MAP)
        return item->kind != ITEM_NONE;
    for (uint64_t i = 0; i < item->number; i++) {
        const msgpack_item_t child = msgpack_read (self);
        if (depth == 0 || !msgpack_pass (self, &child, depth - 1))
            return false;
    }
    return true;
}
