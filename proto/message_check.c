/* message_check.c - is a value within the limits of the message that is to carry it?
 *
 * Check here before storing a row that a message will carry one day: what is refused now does not fail for every reader
 * later. Unpacking checks the same limits again; here the error has the path, the limit and what was found. */

#include "proto/message_limit.h"

#include <inttypes.h>
#include <string.h>

fault_t message_too_much (turn_t *turn, fault_t fault, const field_t *field, uint64_t got)
{
    if (field->kind == KIND_U32 || field->kind == KIND_I64)
        return turn_fail (turn, fault, "%s: is %" PRIu64 ", at most %" PRId64 " is allowed", field->name, got,
                          field->limit);
    bool list = field->kind == KIND_STRS || field->kind == KIND_LIST;
    return turn_fail (turn, fault, "%s: has %" PRIu64 " %s, at most %" PRId64 " are allowed", field->name,
                      got, list ? "entries" : "bytes", field->limit);
}

fault_t message_string_too_long (turn_t *turn, fault_t fault, const field_t *field, size_t at, size_t size)
{
    return turn_fail (turn, fault, "%s[%zu]: has %zu bytes, at most %d are allowed", field->name, at, size,
                      MESSAGE_STR_MAX);
}

fault_t message_in_row (turn_t *turn, fault_t fault, const field_t *field, size_t row)
{
    return turn_fail (turn, fault, "%s[%zu].%s", field->name, row, turn->detail);
}

static fault_t check_text (turn_t *turn, const field_t *field, const char *text)
{
    size_t size = text ? strlen (text) : 0;
    if (size == 0 && field->kind == KIND_KEY)
        return turn_fail (turn, INVALID, "%s: is missing", field->name);
    return size <= (size_t) field->limit ? OK : message_too_much (turn, INVALID, field, size);
}

static fault_t check_strs (turn_t *turn, const field_t *field, const strs_t *strs)
{
    if (strs->count > (size_t) field->limit)
        return message_too_much (turn, INVALID, field, strs->count);
    for (size_t i = 0; i < strs->count; i++) {
        size_t size = strs->items[i] ? strlen (strs->items[i]) : 0;
        if (size > MESSAGE_STR_MAX)
            return message_string_too_long (turn, INVALID, field, i, size);
    }
    return OK;
}

static fault_t check_fields (const message_t *message, turn_t *turn, const void *from);

static fault_t check_list (turn_t *turn, const field_t *field, const list_t *list)
{
    if (list->count > (size_t) field->limit)
        return message_too_much (turn, INVALID, field, list->count);
    for (size_t i = 0; i < list->count; i++) {
        fault_t fault = check_fields (field->of, turn, (const char *) list->items + i * field->of->size);
        if (fault != OK)
            return message_in_row (turn, fault, field, i);
    }
    return OK;
}

static fault_t check_number (turn_t *turn, const field_t *field, int64_t number)
{
    return number <= field->limit ? OK : message_too_much (turn, INVALID, field, (uint64_t) number);
}

static fault_t check_field (turn_t *turn, const field_t *field, const void *at)
{
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: return check_text (turn, field, *(const char *const *) at);
    case KIND_STRS: return check_strs (turn, field, at);
    case KIND_LIST: return check_list (turn, field, at);
    case KIND_U32: return check_number (turn, field, *(const uint32_t *) at);
    case KIND_I64: return check_number (turn, field, *(const int64_t *) at);
    case KIND_BYTES:
        return ((const bytes_t *) at)->size <= (size_t) field->limit
                   ? OK
                   : message_too_much (turn, INVALID, field, ((const bytes_t *) at)->size);
    // All that these kinds can hold may be sent
    case KIND_BOOL:
    case KIND_TIME:
    case KIND_ENUM: break;
    }
    return OK;
}

static fault_t check_fields (const message_t *message, turn_t *turn, const void *from)
{
    for (size_t i = 0; i < message->count; i++)
        TRY (check_field (turn, &message->fields[i], (const char *) from + message->fields[i].offset));
    return OK;
}

fault_t message_check (const message_t *message, turn_t *turn, const void *from)
{
    TRY (check_fields (message, turn, from));
    size_t size = message_packed_size (message, from);
    if (size > MESSAGE_MAX)
        return turn_fail (turn, INVALID, "%s: has %zu bytes in all, at most %d are allowed", message->name,
                          size, MESSAGE_MAX);
    return OK;
}
