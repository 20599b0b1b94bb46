/* message_pack.c - messages as msgpack: one interpreter over the descriptors, both ways.
 *
 * Bytes from outside are scanned (msgpack_scan.h) before msgpack-c sees them. Source: the msgpack specification. */

#include "common/msgpack_scan.h"
#include "proto/messages.h"

#include <msgpack.h>
#include <string.h>

#define MAX_ITEMS 1000000 // Values in one message
#define MAX_DEPTH (2 * MESSAGE_DEPTH + 1)

static const char *text_of (const char *text)
{
    return text ? text : "";
}

static int write_bytes (void *into, const char *data, size_t size)
{
    buffer_add (into, data, size);
    return 0;
}

static void pack_text (msgpack_packer *packer, const char *text)
{
    size_t size = strlen (text);
    msgpack_pack_str (packer, size);
    msgpack_pack_str_body (packer, text, size);
}

static void pack_message (msgpack_packer *packer, const message_t *message, const void *from);

static void pack_list (msgpack_packer *packer, const message_t *of, const list_t *list)
{
    msgpack_pack_array (packer, list->count);
    for (size_t i = 0; i < list->count; i++)
        pack_message (packer, of, (const char *) list->items + i * of->size);
}

static void pack_strs (msgpack_packer *packer, const strs_t *strs)
{
    msgpack_pack_array (packer, strs->count);
    for (size_t i = 0; i < strs->count; i++)
        pack_text (packer, text_of (strs->items[i]));
}

static void pack_bytes (msgpack_packer *packer, const bytes_t *bytes)
{
    msgpack_pack_bin (packer, bytes->size);
    msgpack_pack_bin_body (packer, bytes->data, bytes->size);
}

static void pack_field (msgpack_packer *packer, const field_t *field, const void *at)
{
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: pack_text (packer, text_of (*(const char *const *) at)); break;
    case KIND_BYTES: pack_bytes (packer, at); break;
    case KIND_ENUM:
    case KIND_U32: msgpack_pack_uint32 (packer, *(const uint32_t *) at); break;
    case KIND_TIME:
    case KIND_I64: msgpack_pack_int64 (packer, *(const int64_t *) at); break;
    case KIND_BOOL: *(const bool *) at ? msgpack_pack_true (packer) : msgpack_pack_false (packer); break;
    case KIND_STRS: pack_strs (packer, at); break;
    case KIND_LIST: pack_list (packer, field->of, at); break;
    }
}

static void pack_message (msgpack_packer *packer, const message_t *message, const void *from)
{
    msgpack_pack_array (packer, message->count);
    for (size_t i = 0; i < message->count; i++)
        pack_field (packer, &message->fields[i], (const char *) from + message->fields[i].offset);
}

fault_t message_pack (const message_t *message, const void *from, buffer_t *into)
{
    msgpack_packer packer;
    msgpack_packer_init (&packer, into, write_bytes);
    pack_message (&packer, message, from);
    return buffer_full (into) ? TOO_LARGE : OK;
}

// ---- unpacking ----

static fault_t wrong (turn_t *turn, const message_t *message, const field_t *field, const char *what)
{
    return turn_fail (turn, BAD_INPUT, "%s.%s %s", message->name, field->name, what);
}

static fault_t unpack_message (const message_t *message, turn_t *turn, const msgpack_object *from,
                               void *into);

static bool unpack_text (turn_t *turn, const field_t *field, const msgpack_object *from, const char **into)
{
    if (from->type != MSGPACK_OBJECT_STR || from->via.str.size > (uint64_t) field->limit ||
        (from->via.str.size && memchr (from->via.str.ptr, 0, from->via.str.size)))
        return false;
    *into = arena_copy (turn->arena, from->via.str.ptr, from->via.str.size);
    return true;
}

static bool unpack_number (const field_t *field, const msgpack_object *from, int64_t *into)
{
    bool positive = from->type == MSGPACK_OBJECT_POSITIVE_INTEGER;
    if ((!positive && from->type != MSGPACK_OBJECT_NEGATIVE_INTEGER) ||
        (positive && from->via.u64 > INT64_MAX))
        return false;
    *into = from->via.i64;
    return field->kind == KIND_TIME || *into <= field->limit;
}

static bool unpack_small (const field_t *field, const msgpack_object *from, uint32_t *into)
{
    if (from->type != MSGPACK_OBJECT_POSITIVE_INTEGER || from->via.u64 > UINT32_MAX)
        return false;
    *into = (uint32_t) from->via.u64;
    // A state that a newer peer knows and we do not: its table has no name for it.
    return field->kind == KIND_ENUM ? *into < field->states->count : *into <= field->limit;
}

static bool unpack_bytes (const field_t *field, const msgpack_object *from, bytes_t *into)
{
    if (from->type != MSGPACK_OBJECT_BIN || from->via.bin.size > (uint64_t) field->limit)
        return false;
    *into = (bytes_t){from->via.bin.ptr, from->via.bin.size};
    return true;
}

static bool unpack_strs (turn_t *turn, const field_t *field, const msgpack_object *from, strs_t *into)
{
    if (from->type != MSGPACK_OBJECT_ARRAY || from->via.array.size > (uint64_t) field->limit)
        return false;
    static const field_t item = {.limit = MESSAGE_STR_MAX};
    into->count = from->via.array.size;
    into->items = arena_array (turn->arena, into->count, sizeof (char *));
    for (size_t i = 0; i < into->count; i++)
        if (!unpack_text (turn, &item, &from->via.array.ptr[i], &into->items[i]))
            return false;
    return true;
}

static fault_t unpack_list (const message_t *message, const field_t *field, turn_t *turn,
                            const msgpack_object *from, list_t *into)
{
    if (from->type != MSGPACK_OBJECT_ARRAY || from->via.array.size > (uint64_t) field->limit)
        return wrong (turn, message, field, "is not a list within its limit");
    into->count = from->via.array.size;
    into->items = arena_array (turn->arena, into->count, field->of->size);
    fault_t fault = OK;
    for (size_t i = 0; i < into->count && fault == OK; i++)
        fault = unpack_message (field->of, turn, &from->via.array.ptr[i],
                                (char *) into->items + i * field->of->size);
    return fault;
}

static bool unpack_bool (const msgpack_object *from, bool *into)
{
    *into = from->type == MSGPACK_OBJECT_BOOLEAN && from->via.boolean;
    return from->type == MSGPACK_OBJECT_BOOLEAN;
}

static fault_t unpack_field (const message_t *message, const field_t *field, turn_t *turn,
                             const msgpack_object *from, void *at)
{
    bool good = false;
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: good = unpack_text (turn, field, from, at); break;
    case KIND_BYTES: good = unpack_bytes (field, from, at); break;
    case KIND_ENUM:
    case KIND_U32: good = unpack_small (field, from, at); break;
    case KIND_TIME:
    case KIND_I64: good = unpack_number (field, from, at); break;
    case KIND_BOOL: good = unpack_bool (from, at); break;
    case KIND_STRS: good = unpack_strs (turn, field, from, at); break;
    case KIND_LIST: return unpack_list (message, field, turn, from, at);
    }
    return good ? OK : wrong (turn, message, field, "has the wrong kind or passes its limit");
}

// What is not on the wire gets its default: texts are never NULL for those who read a message.
static void set_defaults (const message_t *message, void *into)
{
    for (size_t i = 0; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        if (field->kind == KIND_KEY || field->kind == KIND_STR || field->kind == KIND_JSON)
            *(const char **) ((char *) into + field->offset) = "";
    }
}

static fault_t unpack_message (const message_t *message, turn_t *turn, const msgpack_object *from, void *into)
{
    if (from->type != MSGPACK_OBJECT_ARRAY)
        return turn_fail (turn, BAD_INPUT, "%s is not an array of its fields", message->name);
    size_t count = from->via.array.size < message->count ? from->via.array.size : message->count;
    memset (into, 0, message->size);
    set_defaults (message, into);
    for (size_t i = 0; i < count; i++) {
        const field_t *field = &message->fields[i];
        fault_t fault =
            unpack_field (message, field, turn, &from->via.array.ptr[i], (char *) into + field->offset);
        if (fault != OK)
            return fault;
    }
    return OK;
}

fault_t message_unpack (const message_t *message, turn_t *turn, const void *data, size_t size, void *into)
{
    if (size > MESSAGE_MAX || !msgpack_is_bounded (data, size, MAX_ITEMS, MAX_DEPTH))
        return turn_fail (turn, BAD_INPUT, "%s: the bytes are no bounded msgpack", message->name);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init (&unpacked);
    size_t offset = 0;
    fault_t fault = turn_fail (turn, BAD_INPUT, "%s: the bytes are no msgpack", message->name);
    if (msgpack_unpack_next (&unpacked, data, size, &offset) == MSGPACK_UNPACK_SUCCESS) {
        turn->detail = NULL;
        fault = unpack_message (message, turn, &unpacked.data, into);
    }
    msgpack_unpacked_destroy (&unpacked);
    return fault;
}
