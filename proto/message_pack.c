/* message_pack.c - messages as msgpack, by their descriptors; message_unpack.c reads them. What is only shown is cut to fit (message.h, ROWS). */

#include "proto/message_limit.h"
#include "proto/messages.h"

#include <msgpack.h>
#include <stdio.h>
#include <string.h>

static const char *text_of (const char *text)
{
    return text ? text : "";
}

static int write_bytes (void *into, const char *data, size_t size)
{
    buffer_add (into, data, size);
    return 0;
}

// How far rows that are shown are cut; NULL for what is packed as it is.
typedef struct {
    size_t text; // Bytes of a text, whatever its field allows
    bool lists;  // Lists within rows are left in
} cut_t;

#define MARK      "..."
#define MARK_ROOM 64

static void pack_str (msgpack_packer *packer, const char *text, size_t size)
{
    msgpack_pack_str (packer, size);
    msgpack_pack_str_body (packer, text, size);
}

// The beginning of a text that is too long, and the mark; never half a character.
static void pack_beginning (msgpack_packer *packer, const char *text, size_t limit)
{
    size_t size = limit > strlen (MARK) ? limit - strlen (MARK) : 0;
    while (size > 0 && ((unsigned char) text[size] & 0xC0) == 0x80)
        size--;
    size_t mark = limit < strlen (MARK) ? limit : strlen (MARK);
    msgpack_pack_str (packer, size + mark);
    msgpack_pack_str_body (packer, text, size);
    msgpack_pack_str_body (packer, MARK, mark);
}

static size_t least (size_t a, size_t b)
{
    return a < b ? a : b;
}

static void pack_text (msgpack_packer *packer, const field_t *field, const cut_t *cut, const char *text)
{
    size_t size = strlen (text);
    size_t limit = cut ? least (cut->text, (size_t) field->limit) : size;
    if (size <= limit) {
        pack_str (packer, text, size);
    } else if (field->kind == KIND_JSON) {
        char mark[MARK_ROOM]; // Half a JSON document could not be parsed: a string in its place can
        snprintf (mark, sizeof mark, "\"" MARK " %zu bytes are too many to be shown here\"", size);
        pack_str (packer, mark, strlen (mark));
    } else {
        pack_beginning (packer, text, limit);
    }
}

static void pack_message (msgpack_packer *packer, const message_t *message, const cut_t *cut,
                          const void *from);

static void pack_rows (msgpack_packer *packer, const message_t *of, const cut_t *cut, const list_t *list,
                       size_t count)
{
    msgpack_pack_array (packer, count);
    for (size_t i = 0; i < count; i++)
        pack_message (packer, of, cut, (const char *) list->items + i * of->size);
}

static void pack_list (msgpack_packer *packer, const field_t *field, const cut_t *cut, const list_t *list)
{
    size_t count = list->count;
    if (cut)
        count = cut->lists ? least (count, (size_t) field->limit) : 0;
    pack_rows (packer, field->of, cut, list, count);
}

static void pack_strs (msgpack_packer *packer, const field_t *field, const cut_t *cut, const strs_t *strs)
{
    static const field_t item = {.kind = KIND_STR, .limit = MESSAGE_STR_MAX};
    bool some = cut && strs->count > (size_t) field->limit;
    // The last one that the limit allows is the mark
    size_t count = some ? (size_t) field->limit : strs->count;
    msgpack_pack_array (packer, count);
    for (size_t i = 0; i < count - some; i++)
        pack_text (packer, &item, cut, text_of (strs->items[i]));
    if (some) {
        char mark[MARK_ROOM];
        snprintf (mark, sizeof mark, MARK " and %zu more", strs->count - count + 1);
        pack_str (packer, mark, strlen (mark));
    }
}

static void pack_bytes (msgpack_packer *packer, const bytes_t *bytes)
{
    msgpack_pack_bin (packer, bytes->size);
    msgpack_pack_bin_body (packer, bytes->data, bytes->size);
}

static int64_t within (const field_t *field, const cut_t *cut, int64_t number)
{
    return cut && number > field->limit ? field->limit : number;
}

static void pack_field (msgpack_packer *packer, const field_t *field, const cut_t *cut, const void *at)
{
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: pack_text (packer, field, cut, text_of (*(const char *const *) at)); break;
    case KIND_BYTES: pack_bytes (packer, at); break;
    case KIND_ENUM: msgpack_pack_uint32 (packer, *(const uint32_t *) at); break;
    case KIND_U32:
        msgpack_pack_uint32 (packer, (uint32_t) within (field, cut, *(const uint32_t *) at));
        break;
    case KIND_TIME: msgpack_pack_int64 (packer, *(const int64_t *) at); break;
    case KIND_I64: msgpack_pack_int64 (packer, within (field, cut, *(const int64_t *) at)); break;
    case KIND_BOOL: *(const bool *) at ? msgpack_pack_true (packer) : msgpack_pack_false (packer); break;
    case KIND_STRS: pack_strs (packer, field, cut, at); break;
    case KIND_LIST: pack_list (packer, field, cut, at); break;
    }
}

static void pack_message (msgpack_packer *packer, const message_t *message, const cut_t *cut,
                          const void *from)
{
    msgpack_pack_array (packer, message->count);
    for (size_t i = 0; i < message->count; i++)
        pack_field (packer, &message->fields[i], cut, (const char *) from + message->fields[i].offset);
}

static int count_bytes (void *into, const char *data, size_t size)
{
    (void) data;
    *(size_t *) into += size;
    return 0;
}

// With all fields as they are, but for the ROWS of the message, which are packed by `cut`.
static void pack_shown (msgpack_packer *packer, const message_t *message, const cut_t *cut, const void *from)
{
    msgpack_pack_array (packer, message->count);
    for (size_t i = 0; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        const void *at = (const char *) from + field->offset;
        if (field->shown)
            pack_rows (packer, field->of, cut, at,
                       least (((const list_t *) at)->count, (size_t) field->limit));
        else
            pack_field (packer, field, NULL, at);
    }
}

static bool has_rows (const message_t *message)
{
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].shown)
            return true;
    return false;
}

// How much is kept of long fields of ROWS if they are too large together, step by step. Never shorter than an id may be.
static const cut_t cuts[] = {{SIZE_MAX, true}, {65536, true}, {4096, true}, {1024, true}, {256, false}};
#define CUTS (sizeof cuts / sizeof cuts[0])

size_t message_packed_size (const message_t *message, const void *from)
{
    size_t size = 0;
    msgpack_packer packer;
    msgpack_packer_init (&packer, &size, count_bytes);
    // By the hardest cut: too large is only what could not be sent at all
    pack_shown (&packer, message, &cuts[CUTS - 1], from);
    return size;
}

fault_t message_pack (const message_t *message, const void *from, buffer_t *into)
{
    // Uncut first, because nearly every message fits: its size is not computed beforehand, but found by packing it
    size_t tries = has_rows (message) ? CUTS : 1, before = buffer_size (into);
    msgpack_packer packer;
    for (size_t i = 0; i < tries; i++) {
        buffer_truncate (into, before);
        msgpack_packer_init (&packer, into, write_bytes);
        pack_shown (&packer, message, &cuts[i], from);
        if (!buffer_full (into) && buffer_size (into) - before <= MESSAGE_MAX)
            return OK;
    }
    return TOO_LARGE;
}
