/* wire.c - see wire.h. */

#include "common/bus/wire.h"

#include "common/base/msgpack_scan.h"

#include <msgpack.h>
#include <string.h>

#define FIELDS    13
#define MAX_ITEMS 100  // Of a newer peer's header
#define TEXT_MAX  6000 // Bytes of a text in the header, which is cut there: all of them must fit WIRE_MAX

static void put_text (msgpack_packer *packer, const char *text)
{
    size_t size = text ? strnlen (text, TEXT_MAX) : 0;
    msgpack_pack_str (packer, size);
    msgpack_pack_str_body (packer, text, size);
}

size_t wire_pack (const wire_t *self, char into[WIRE_MAX])
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init (&buffer);
    msgpack_packer packer;
    msgpack_packer_init (&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_array (&packer, FIELDS);
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

static uint64_t number_at (const msgpack_object_array *fields, uint32_t index)
{
    if (index >= fields->size || fields->ptr[index].type != MSGPACK_OBJECT_POSITIVE_INTEGER)
        return 0;
    return fields->ptr[index].via.u64;
}

// Bounded, so that a sum of two cannot overflow.
static int64_t time_at (const msgpack_object_array *fields, uint32_t index)
{
    uint64_t time = number_at (fields, index);
    return time < INT64_MAX / 2 ? (int64_t) time : INT64_MAX / 2;
}

static const char *text_at (const msgpack_object_array *fields, uint32_t index, arena_t *arena)
{
    if (index >= fields->size || fields->ptr[index].type != MSGPACK_OBJECT_STR)
        return "";
    return arena_copy (arena, fields->ptr[index].via.str.ptr, fields->ptr[index].via.str.size);
}

bool wire_unpack (wire_t *self, arena_t *arena, const void *data, size_t size)
{
    memset (self, 0, sizeof (*self));
    msgpack_unpacked unpacked;
    msgpack_unpacked_init (&unpacked);
    size_t offset = 0;
    bool good = size < WIRE_MAX && msgpack_is_bounded (data, size, MAX_ITEMS, 1) &&
                msgpack_unpack_next (&unpacked, data, size, &offset) == MSGPACK_UNPACK_SUCCESS &&
                unpacked.data.type == MSGPACK_OBJECT_ARRAY;
    if (good) {
        const msgpack_object_array *fields = &unpacked.data.via.array;
        uint64_t role = number_at (fields, 5);
        self->call = number_at (fields, 0);
        self->number = (uint16_t) number_at (fields, 1);
        self->fault = fault_from_wire ((unsigned) number_at (fields, 2));
        self->text = text_at (fields, 3, arena);
        self->left_us = time_at (fields, 4);
        self->caller.role = role < ROLE_COUNT ? (role_t) role : ROLE_NOBODY;
        self->caller.subject = text_at (fields, 6, arena);
        self->caller.attempt = (uint32_t) number_at (fields, 7);
        self->until_us = time_at (fields, 8);
        self->key = text_at (fields, 9, arena);
        self->ends_us = time_at (fields, 10);
        self->host = number_at (fields, 11);
        self->repeats = number_at (fields, 12) != 0;
    }
    msgpack_unpacked_destroy (&unpacked);
    return good;
}
