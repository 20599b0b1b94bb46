/* message_unpack.c - messages from msgpack, straight into their structs, by their descriptors: every limit is checked before anything is
 * allocated for it. message_pack.c writes them. */

#include "common/base/msgpack_reader.h"
#include "proto/message_limit.h"
#include "proto/messages.h"

#include <string.h>

#define UNKNOWN_DEPTH 16 // Lists in lists of what only a newer peer knows

typedef struct {
    turn_t *turn;
    msgpack_reader_t bytes;
} unpacker_t;

static fault_t not_msgpack (unpacker_t *self)
{
    return turn_fail (self->turn, BAD_INPUT, "the bytes are not msgpack, or nest too deep");
}

static fault_t wrong_type (unpacker_t *self, const field_t *field, const msgpack_item_t *item)
{
    if (item->kind == ITEM_NONE)
        return not_msgpack (self);
    return turn_fail (self->turn, BAD_INPUT, "%s: has the wrong type", field->name);
}

static fault_t unpack_message (unpacker_t *self, const message_t *message, void *into);

static fault_t unpack_text (unpacker_t *self, const field_t *field, const char **into)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    if (item.kind != ITEM_STR)
        return wrong_type (self, field, &item);
    if (item.size > (size_t) field->limit)
        return message_too_much (self->turn, BAD_INPUT, field, item.size);
    // A C string would end at the NUL: one reader would check the whole text, and another use its beginning
    if (item.size && memchr (item.data, 0, item.size))
        return turn_fail (self->turn, BAD_INPUT, "%s: contains a NUL", field->name);
    *into = item.size ? arena_copy (self->turn->arena, item.data, item.size) : "";
    return OK;
}

static fault_t unpack_number (unpacker_t *self, const field_t *field, int64_t *into)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    uint64_t limit = field->kind == KIND_TIME ? INT64_MAX : (uint64_t) field->limit;
    if (item.kind != ITEM_POSITIVE && item.kind != ITEM_NEGATIVE)
        return wrong_type (self, field, &item);
    if (item.kind == ITEM_POSITIVE && item.number > limit)
        return message_too_much (self->turn, BAD_INPUT, field, item.number);
    *into = (int64_t) item.number;
    return OK;
}

// A state that only a newer peer knows keeps its number; see states.h.
static fault_t unpack_small (unpacker_t *self, const field_t *field, uint32_t *into)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    uint64_t limit = field->kind == KIND_ENUM ? UINT32_MAX : (uint64_t) field->limit;
    if (item.kind != ITEM_POSITIVE)
        return wrong_type (self, field, &item);
    if (item.number > limit)
        return message_too_much (self->turn, BAD_INPUT, field, item.number);
    *into = (uint32_t) item.number;
    return OK;
}

static fault_t unpack_bool (unpacker_t *self, const field_t *field, bool *into)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    if (item.kind != ITEM_BOOL)
        return wrong_type (self, field, &item);
    *into = item.number != 0;
    return OK;
}

static fault_t unpack_bytes (unpacker_t *self, const field_t *field, bytes_t *into)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    if (item.kind != ITEM_BIN)
        return wrong_type (self, field, &item);
    if (item.size > (uint64_t) field->limit)
        return message_too_much (self->turn, BAD_INPUT, field, item.size);
    *into = (bytes_t){item.data, item.size}; // In the frame: megabytes of a log are not copied again
    return OK;
}

// How many entries follow; refused before anything is allocated for them.
static fault_t count_entries (unpacker_t *self, const field_t *field, size_t *count)
{
    const msgpack_item_t item = msgpack_read (&self->bytes);
    if (item.kind != ITEM_ARRAY)
        return wrong_type (self, field, &item);
    *count = item.number;
    return *count > (size_t) field->limit ? message_too_much (self->turn, BAD_INPUT, field, *count) : OK;
}

static fault_t unpack_strs (unpacker_t *self, const field_t *field, strs_t *into)
{
    TRY (count_entries (self, field, &into->count));
    const field_t item = {.name = field->name, .kind = KIND_STR, .limit = MESSAGE_STR_MAX};
    into->items = arena_array (self->turn->arena, into->count, sizeof (char *));
    for (size_t i = 0; i < into->count; i++)
        TRY (unpack_text (self, &item, &into->items[i]));
    return OK;
}

static fault_t unpack_list (unpacker_t *self, const field_t *field, list_t *into)
{
    TRY (count_entries (self, field, &into->count));
    into->items = arena_array (self->turn->arena, into->count, field->of->size);
    for (size_t i = 0; i < into->count; i++) {
        fault_t fault = unpack_message (self, field->of, (char *) into->items + i * field->of->size);
        if (fault != OK)
            return message_in_row (self->turn, fault, field, i);
    }
    return OK;
}

static fault_t unpack_field (unpacker_t *self, const field_t *field, void *at)
{
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: return unpack_text (self, field, at);
    case KIND_BYTES: return unpack_bytes (self, field, at);
    case KIND_ENUM:
    case KIND_U32: return unpack_small (self, field, at);
    case KIND_TIME:
    case KIND_I64: return unpack_number (self, field, at);
    case KIND_BOOL: return unpack_bool (self, field, at);
    case KIND_STRS: return unpack_strs (self, field, at);
    case KIND_LIST: return unpack_list (self, field, at);
    }
    return turn_fail (self->turn, BROKEN, "%s: is of no kind", field->name);
}

// What is not on the wire gets its default: texts of a message are never NULL.
static void set_defaults (const message_t *message, size_t from, void *into)
{
    for (size_t i = from; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        if (field->kind == KIND_KEY || field->kind == KIND_STR || field->kind == KIND_JSON)
            *(const char **) ((char *) into + field->offset) = "";
    }
}

static fault_t pass_unknown (unpacker_t *self, uint64_t count)
{
    for (; count > 0; count--) {
        const msgpack_item_t item = msgpack_read (&self->bytes);
        if (!msgpack_pass (&self->bytes, &item, UNKNOWN_DEPTH))
            return not_msgpack (self);
    }
    return OK;
}

static fault_t unpack_message (unpacker_t *self, const message_t *message, void *into)
{
    const msgpack_item_t all = msgpack_read (&self->bytes);
    if (all.kind != ITEM_ARRAY)
        return all.kind == ITEM_NONE
                   ? not_msgpack (self)
                   : turn_fail (self->turn, BAD_INPUT, "is not an array of the fields of %s", message->name);
    // An older peer's array is shorter, a newer one's longer: the fields that both know come first
    size_t count = all.number < message->count ? (size_t) all.number : message->count;
    memset (into, 0, message->size);
    for (size_t i = 0; i < count; i++) {
        const field_t *field = &message->fields[i];
        TRY (unpack_field (self, field, (char *) into + field->offset));
    }
    set_defaults (message, count, into);
    return pass_unknown (self, all.number - count);
}

fault_t message_unpack (const message_t *message, turn_t *turn, const void *data, size_t size, void *into)
{
    unpacker_t self = {.turn = turn};
    msgpack_reader_init (&self.bytes, data, size);
    fault_t fault = size > MESSAGE_MAX ? turn_fail (turn, BAD_INPUT, "more than %d bytes", MESSAGE_MAX)
                                       : unpack_message (&self, message, into);
    if (fault == OK && !msgpack_at_end (&self.bytes))
        fault = turn_fail (turn, BAD_INPUT, "more follows it");
    return fault == OK ? OK : turn_fail (turn, fault, "%s.%s", message->name, turn->detail);
}
