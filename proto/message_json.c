/* message_json.c - messages as JSON: print, read, and set one field from text.
 *
 * Keys are the fields' names. What has not happened is null: a time of 0, the state `none`, empty JSON. Reading goes by the
 * descriptors too and refuses by name: a client that misspells a field is told so. */

#include "common/clock.h"
#include "common/json.h"
#include "proto/messages.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

// ---- printing ----

static void print_text (buffer_t *into, const char *text)
{
    json_put (into, text ? text : "", text ? strlen (text) : 0);
}

static void print_time (buffer_t *into, int64_t time_us)
{
    if (time_us == 0) {
        buffer_puts (into, "null");
        return;
    }
    char text[CLOCK_TEXT];
    clock_print (text, time_us);
    buffer_printf (into, "\"%s\"", text);
}

static void print_state (buffer_t *into, const states_t *states, uint32_t state)
{
    if (states == &states_result && state == result_none)
        buffer_puts (into, "null");
    else
        print_text (into, state_name (states, state));
}

static void print_strs (buffer_t *into, const strs_t *strs)
{
    buffer_putc (into, '[');
    for (size_t i = 0; i < strs->count; i++) {
        if (i)
            buffer_putc (into, ',');
        print_text (into, strs->items[i]);
    }
    buffer_putc (into, ']');
}

static void print_list (buffer_t *into, const message_t *of, const list_t *list)
{
    buffer_putc (into, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buffer_putc (into, ',');
        message_print (of, (const char *) list->items + i * of->size, into);
    }
    buffer_putc (into, ']');
}

static void print_value (const field_t *field, const void *at, buffer_t *into)
{
    const char *text = field->kind == KIND_JSON ? *(const char *const *) at : NULL;
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR: print_text (into, *(const char *const *) at); break;
    case KIND_JSON: buffer_puts (into, text && *text ? text : "null"); break;
    case KIND_U32: buffer_printf (into, "%" PRIu32, *(const uint32_t *) at); break;
    case KIND_I64: buffer_printf (into, "%" PRId64, *(const int64_t *) at); break;
    case KIND_BOOL: buffer_puts (into, *(const bool *) at ? "true" : "false"); break;
    case KIND_TIME: print_time (into, *(const int64_t *) at); break;
    case KIND_ENUM: print_state (into, field->states, *(const uint32_t *) at); break;
    case KIND_STRS: print_strs (into, at); break;
    case KIND_LIST: print_list (into, field->of, at); break;
    case KIND_BYTES: break; // Never in JSON
    }
}

void message_print (const message_t *message, const void *from, buffer_t *into)
{
    bool first = true;
    buffer_putc (into, '{');
    for (size_t i = 0; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        if (field->kind == KIND_BYTES)
            continue;
        buffer_printf (into, "%s\"%s\":", first ? "" : ",", field->name);
        print_value (field, (const char *) from + field->offset, into);
        first = false;
    }
    buffer_putc (into, '}');
}

// ---- reading ----

static fault_t invalid (turn_t *turn, const field_t *field, const char *want)
{
    return turn_fail (turn, INVALID, "%s: must be %s", field->name, want);
}

static fault_t too_large (turn_t *turn, const field_t *field)
{
    return turn_fail (turn, INVALID, "%s: is past its limit of %" PRId64, field->name, field->limit);
}

static fault_t set_text (turn_t *turn, const field_t *field, const char *text, size_t size, const char **into)
{
    if (memchr (text, 0, size))
        return invalid (turn, field, "text without NUL");
    if (size > (size_t) field->limit)
        return turn_fail (turn, INVALID, "%s: has %zu bytes, at most %" PRId64 " are allowed", field->name,
                          size, field->limit);
    *into = arena_copy (turn->arena, text, size);
    return OK;
}

static fault_t set_number (turn_t *turn, const field_t *field, int64_t number, void *at)
{
    bool small = field->kind == KIND_U32;
    if (small && number < 0)
        return invalid (turn, field, "a number from 0 on");
    if (number > field->limit)
        return too_large (turn, field);
    if (small)
        *(uint32_t *) at = (uint32_t) number;
    else
        *(int64_t *) at = number;
    return OK;
}

static fault_t set_time (turn_t *turn, const field_t *field, const char *text, int64_t *into)
{
    return clock_parse (text, into) == OK ? OK
                                          : invalid (turn, field, "a time, such as 2026-11-23T18:08:00Z");
}

static fault_t set_state (turn_t *turn, const field_t *field, const char *text, uint32_t *into)
{
    if (state_from_name (field->states, text, into))
        return OK;
    buffer_t *names = buffer_new (1024);
    for (uint32_t i = 0; i < field->states->count; i++)
        buffer_printf (names, "%s%s", i ? ", " : "one of ", state_name (field->states, i));
    fault_t fault = invalid (turn, field, buffer_text (names));
    buffer_destroy (&names);
    return fault;
}

static fault_t read_strs (turn_t *turn, const field_t *field, const json_t *from, strs_t *into)
{
    if (!json_is_array (from))
        return invalid (turn, field, "a list of strings");
    if (json_array_size (from) > (size_t) field->limit)
        return too_large (turn, field);
    static const field_t item = {.limit = MESSAGE_STR_MAX};
    into->count = json_array_size (from);
    into->items = arena_array (turn->arena, into->count, sizeof (char *));
    for (size_t i = 0; i < into->count; i++) {
        json_t *one = json_array_get (from, i);
        if (!json_is_string (one) ||
            set_text (turn, &item, json_string_value (one), json_string_length (one), &into->items[i]) != OK)
            return invalid (turn, field, "a list of strings of at most 4096 bytes");
    }
    return OK;
}

static fault_t read_message (const message_t *message, turn_t *turn, const json_t *from, bool lenient,
                             void *into);

static fault_t read_list (turn_t *turn, const field_t *field, const json_t *from, bool lenient, list_t *into)
{
    if (!json_is_array (from))
        return invalid (turn, field, "a list");
    if (json_array_size (from) > (size_t) field->limit)
        return too_large (turn, field);
    into->count = json_array_size (from);
    into->items = arena_array (turn->arena, into->count, field->of->size);
    for (size_t i = 0; i < into->count; i++) {
        fault_t fault = read_message (field->of, turn, json_array_get (from, i), lenient,
                                      (char *) into->items + i * field->of->size);
        if (fault != OK)
            return turn_fail (turn, fault, "%s[%zu].%s", field->name, i, turn->detail);
    }
    return OK;
}

static fault_t read_json (turn_t *turn, const field_t *field, const json_t *from, const char **into)
{
    char *text = json_dumps (from, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        return invalid (turn, field, "JSON");
    fault_t fault = set_text (turn, field, text, strlen (text), into);
    free (text);
    return fault;
}

static fault_t read_string (turn_t *turn, const field_t *field, const json_t *from, void *at)
{
    if (!json_is_string (from))
        return invalid (turn, field, "a string");
    const char *text = json_string_value (from);
    if (field->kind == KIND_TIME)
        return set_time (turn, field, text, at);
    if (field->kind == KIND_ENUM)
        return set_state (turn, field, text, at);
    return set_text (turn, field, text, json_string_length (from), at);
}

static fault_t read_value (turn_t *turn, const field_t *field, const json_t *from, bool lenient, void *at)
{
    if (json_is_null (from) && field->kind != KIND_JSON)
        return OK;
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_TIME:
    case KIND_ENUM: return read_string (turn, field, from, at);
    case KIND_U32:
    case KIND_I64:
        return json_is_integer (from) ? set_number (turn, field, json_integer_value (from), at)
                                      : invalid (turn, field, "a whole number");
    case KIND_BOOL:
        *(bool *) at = json_is_true (from);
        return json_is_boolean (from) ? OK : invalid (turn, field, "true or false");
    case KIND_STRS: return read_strs (turn, field, from, at);
    case KIND_LIST: return read_list (turn, field, from, lenient, at);
    case KIND_JSON: return read_json (turn, field, from, at);
    case KIND_BYTES: break;
    }
    return turn_fail (turn, INVALID, "%s: cannot be given in JSON", field->name);
}

static fault_t read_message (const message_t *message, turn_t *turn, const json_t *from, bool lenient,
                             void *into)
{
    if (!json_is_object (from))
        return turn_fail (turn, INVALID, "%s: must be an object", message->name);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *) (uintptr_t) from, key, value)
    {
        const field_t *field = message_field (message, key);
        if (!field && lenient)
            continue;
        if (!field)
            return turn_fail (turn, INVALID, "%.100s: there is no such field in %s", key, message->name);
        fault_t fault = read_value (turn, field, value, lenient, (char *) into + field->offset);
        if (fault != OK)
            return fault;
    }
    return OK;
}

static fault_t read_text (const message_t *message, turn_t *turn, const char *json, size_t size, bool lenient,
                          void *into)
{
    if (json_nesting (json, size) > JSON_DEPTH)
        return turn_fail (turn, BAD_INPUT, "the JSON is nested deeper than %d", JSON_DEPTH);
    json_error_t error;
    json_t *root = json_loadb (json, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root)
        return turn_fail (turn, BAD_INPUT, "the JSON is wrong at line %d, column %d: %s", error.line,
                          error.column, error.text);
    fault_t fault = read_message (message, turn, root, lenient, into);
    json_decref (root);
    return fault;
}

fault_t message_read (const message_t *message, turn_t *turn, const char *json, size_t size, void *into)
{
    return read_text (message, turn, json, size, false, into);
}

fault_t message_read_newer (const message_t *message, turn_t *turn, const char *json, size_t size, void *into)
{
    return read_text (message, turn, json, size, true, into);
}

// ---- one field from text ----

static fault_t set_integer (turn_t *turn, const field_t *field, const char *text, void *at)
{
    char *end;
    errno = 0;
    long long number = strtoll (text, &end, 10);
    if (errno || end == text || *end || isspace ((unsigned char) *text))
        return invalid (turn, field, "a whole number");
    return set_number (turn, field, number, at);
}

static fault_t set_bool (turn_t *turn, const field_t *field, const char *text, bool *into)
{
    *into = strcmp (text, "1") == 0 || strcmp (text, "true") == 0;
    return *into || strcmp (text, "0") == 0 || strcmp (text, "false") == 0
               ? OK
               : invalid (turn, field, "true, false, 1 or 0");
}

static fault_t set_strs (turn_t *turn, const field_t *field, const char *text, strs_t *into)
{
    size_t capacity = 0;
    into->count = 0;
    while (*text) {
        size_t size = strcspn (text, ",");
        if (into->count == (size_t) field->limit)
            return too_large (turn, field);
        into->items = arena_grow (turn->arena, into->items, into->count, &capacity, sizeof (char *));
        into->items[into->count++] = arena_copy (turn->arena, text, size);
        text += size + (text[size] == ',');
    }
    return OK;
}

fault_t message_set (const message_t *message, turn_t *turn, const char *name, const char *text, void *into)
{
    const field_t *field = message_field (message, name);
    if (!field)
        return turn_fail (turn, INVALID, "%.100s: there is no such field in %s", name, message->name);
    void *at = (char *) into + field->offset;
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: return set_text (turn, field, text, strlen (text), at);
    case KIND_U32:
    case KIND_I64: return set_integer (turn, field, text, at);
    case KIND_BOOL: return set_bool (turn, field, text, at);
    case KIND_TIME: return set_time (turn, field, text, at);
    case KIND_ENUM: return set_state (turn, field, text, at);
    case KIND_STRS: return set_strs (turn, field, text, at);
    case KIND_LIST:
    case KIND_BYTES: break;
    }
    return turn_fail (turn, INVALID, "%s: cannot be given as text", name);
}

fault_t message_check (const message_t *message, turn_t *turn, const void *from)
{
    for (size_t i = 0; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        const char *text =
            field->kind == KIND_KEY ? *(const char *const *) ((const char *) from + field->offset) : "-";
        if (!text || !*text)
            return turn_fail (turn, INVALID, "%s: is missing", field->name);
    }
    return OK;
}
