/* wire.c - see wire.h. */

#include "common/bus/wire.h"

#include "common/base/msgpack_reader.h"

#include <msgpack.h>
#include <string.h>

#define FIELDS   13   // Without grants and audit
#define ALL      16   // With them, and again whether it repeats, which is the last byte
#define TEXT_MAX 6000 // Bytes of a text in the header, which is cut there: all of them must fit WIRE_MAX

static void put_text (msgpack_packer *packer, const char *text)
{
    size_t size = text ? strnlen (text, TEXT_MAX) : 0;
    msgpack_pack_str (packer, size);
    msgpack_pack_str_body (packer, text, size);
}

// A caller with grants may less than its role seems to say to a version that does not know them: such a peer refuses a header with an array
// in it as a whole (of its depth only this one is allowed), so that it cannot overlook them.
static void put_grants (msgpack_packer *packer, const char *grants)
{
    if (!grants) {
        msgpack_pack_nil (packer);
        return;
    }
    msgpack_pack_array (packer, 1);
    put_text (packer, grants);
}

static void put_more (msgpack_packer *packer, const wire_t *self)
{
    put_grants (packer, self->caller.grants);
    put_text (packer, self->audit);
    msgpack_pack_uint8 (packer, self->repeats);
}

size_t wire_pack (const wire_t *self, char into[WIRE_MAX])
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init (&buffer);
    msgpack_packer packer;
    msgpack_packer_init (&packer, &buffer, msgpack_sbuffer_write);
    bool more = self->caller.grants || (self->audit && *self->audit);
    msgpack_pack_array (&packer, more ? ALL : FIELDS);
    msgpack_pack_uint64 (&packer, self->call);
    msgpack_pack_uint16 (&packer, self->number);
    msgpack_pack_uint32 (&packer, self->fault);
    put_text (&packer, self->text);
    msgpack_pack_int64 (&packer, self->left_us);
    msgpack_pack_uint32 (&packer, self->caller.role);
    put_text (&packer, self->caller.subject ? self->caller.subject : "");
    msgpack_pack_uint32 (&packer, self->caller.attempt);
    msgpack_pack_int64 (&packer, self->until_us);
    put_text (&packer, self->key ? self->key : "");
    msgpack_pack_int64 (&packer, self->ends_us);
    msgpack_pack_uint64 (&packer, self->host);
    msgpack_pack_uint8 (&packer, self->repeats);
    if (more)
        put_more (&packer, self);
    size_t size = buffer.size < WIRE_MAX ? buffer.size : 0;
    memcpy (into, buffer.data, size);
    msgpack_sbuffer_destroy (&buffer);
    return size;
}

// The last field, one byte.
void wire_repeats (char *packed, size_t size)
{
    packed[size - 1] = 1;
}

// Those that an older peer does not send are ITEM_NONE.
typedef struct {
    msgpack_item_t items[ALL];
    msgpack_item_t grants; // The text within their array
} header_t;

#define GRANTS_AT  FIELDS
#define AUDIT_AT   (FIELDS + 1)
#define REPEATS_AT (FIELDS + 2)

static uint64_t number_at (const header_t *header, size_t index)
{
    return header->items[index].kind == ITEM_POSITIVE ? header->items[index].number : 0;
}

// Bounded, so that a sum of two cannot overflow.
static int64_t time_at (const header_t *header, size_t index)
{
    uint64_t time = number_at (header, index);
    return time < INT64_MAX / 2 ? (int64_t) time : INT64_MAX / 2;
}

static const char *text_of (const msgpack_item_t *item, arena_t *arena)
{
    return item->kind == ITEM_STR ? arena_copy (arena, item->data, item->size) : "";
}

// NULL where there are none. What is there in another shape is an empty list, which gives nothing.
static const char *grants_of (const header_t *header, arena_t *arena)
{
    msgpack_kind_t kind = header->items[GRANTS_AT].kind;
    return kind == ITEM_NONE || kind == ITEM_NIL ? NULL : text_of (&header->grants, arena);
}

// A newer peer sends more fields, which may be lists, as the grants are.
static bool read_header (header_t *header, const void *data, size_t size)
{
    msgpack_reader_t reader;
    msgpack_reader_init (&reader, data, size);
    const msgpack_item_t all = msgpack_read (&reader);
    if (size >= WIRE_MAX || all.kind != ITEM_ARRAY)
        return false;
    memset (header, 0, sizeof *header);
    for (uint64_t i = 0; i < all.number; i++) {
        const msgpack_item_t item = msgpack_read (&reader);
        msgpack_reader_t within = reader;
        if (!msgpack_pass (&reader, &item, 1))
            return false;
        if (i < ALL)
            header->items[i] = item;
        if (i == GRANTS_AT && item.kind == ITEM_ARRAY && item.number > 0)
            header->grants = msgpack_read (&within);
    }
    return msgpack_at_end (&reader);
}

bool wire_unpack (wire_t *self, arena_t *arena, const void *data, size_t size)
{
    header_t header;
    memset (self, 0, sizeof (*self));
    if (!read_header (&header, data, size))
        return false;
    uint64_t role = number_at (&header, 5);
    self->call = number_at (&header, 0);
    self->number = (uint16_t) number_at (&header, 1);
    self->fault = fault_from_wire ((unsigned) number_at (&header, 2));
    self->text = text_of (&header.items[3], arena);
    self->left_us = time_at (&header, 4);
    self->caller.role = role < ROLE_COUNT ? (role_t) role : ROLE_NOBODY;
    self->caller.subject = text_of (&header.items[6], arena);
    self->caller.attempt = (uint32_t) number_at (&header, 7);
    self->until_us = time_at (&header, 8);
    self->key = text_of (&header.items[9], arena);
    self->ends_us = time_at (&header, 10);
    self->host = number_at (&header, 11);
    self->repeats = number_at (&header, 12) != 0 || number_at (&header, REPEATS_AT) != 0;
    self->caller.grants = grants_of (&header, arena);
    self->audit = text_of (&header.items[AUDIT_AT], arena);
    return true;
}
