/* message_read.c - messages out of JSON, and one field out of text.
 *
 * The text is counted first, then read straight into the struct (json_reader.h): a document costs what the message keeps of it. Reading
 * follows the descriptors, and errors name the field: a client that misspells one learns so. */

#include "common/base/clock.h"
#include "common/base/json_reader.h"
#include "proto/message_limit.h"
#include "proto/messages.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ROOM    256     // Of a field's name, escapes included
#define VALUES_MOST 1000000 // Whatever lists of lists would allow
#define MORE_VALUES 100     // More than the message can hold: unknown fields should be named, not counted

typedef struct {
    turn_t *turn;
    json_reader_t json;
    bool lenient; // A newer server wrote it
} reader_t;

static fault_t invalid (turn_t *turn, const field_t *field, const char *want)
{
    return turn_fail (turn, INVALID, "%s: must be %s", field->name, want);
}

// Before a field is known: the text itself is malformed.
static fault_t wrong (reader_t *self)
{
    size_t line, column;
    json_reader_location (&self->json, &line, &column);
    return turn_fail (self->turn, BAD_INPUT, "malformed JSON at line %zu, column %zu: %s", line, column,
                      self->json.error);
}

// ---- values ----

// `text` is the arena's.
static fault_t set_text (turn_t *turn, const field_t *field, const char *text, size_t size, const char **into)
{
    if (size > (size_t) field->limit)
        return message_too_much (turn, INVALID, field, size);
    *into = text;
    return OK;
}

static fault_t set_number (turn_t *turn, const field_t *field, int64_t number, void *at)
{
    bool small = field->kind == KIND_U32;
    if (small && number < 0)
        return invalid (turn, field, "a non-negative number");
    if (number > field->limit)
        return message_too_much (turn, INVALID, field, (uint64_t) number);
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

// A newer server may name a state that we do not know.
static fault_t set_state (turn_t *turn, const field_t *field, const char *text, bool lenient, uint32_t *into)
{
    if (state_from_name (field->states, text, into))
        return OK;
    if (lenient) {
        *into = STATE_UNKNOWN;
        return OK;
    }
    buffer_t *names = buffer_new (1024);
    for (uint32_t i = 0; i < field->states->count; i++)
        buffer_printf (names, "%s%s", i ? ", " : "one of ", state_name (field->states, i));
    fault_t fault = invalid (turn, field, buffer_text (names));
    buffer_destroy (&names);
    return fault;
}

// ---- reading ----

static fault_t read_string (reader_t *self, const field_t *field, void *at)
{
    const char *text;
    size_t size;
    if (json_reader_next (&self->json) != JSON_IS_STRING)
        return self->json.error ? wrong (self) : invalid (self->turn, field, "a string");
    if (!json_reader_string (&self->json, self->turn->arena, &text, &size))
        return wrong (self);
    if (memchr (text, 0, size))
        return invalid (self->turn, field, "text without NUL");
    if (field->kind == KIND_TIME)
        return set_time (self->turn, field, text, at);
    if (field->kind == KIND_ENUM)
        return set_state (self->turn, field, text, self->lenient, at);
    return set_text (self->turn, field, text, size, at);
}

static fault_t read_number (reader_t *self, const field_t *field, void *at)
{
    bool whole = false;
    int64_t number;
    if (json_reader_next (&self->json) != JSON_IS_NUMBER)
        return self->json.error ? wrong (self) : invalid (self->turn, field, "a whole number");
    if (!json_reader_number (&self->json, &whole, &number))
        return wrong (self);
    return whole ? set_number (self->turn, field, number, at) : invalid (self->turn, field, "a whole number");
}

static fault_t read_bool (reader_t *self, const field_t *field, bool *into)
{
    if (json_reader_next (&self->json) != JSON_IS_BOOL)
        return self->json.error ? wrong (self) : invalid (self->turn, field, "true or false");
    return json_reader_bool (&self->json, into) ? OK : wrong (self);
}

// Into a list whose items there is room for by now.
static fault_t enter_list (reader_t *self, const field_t *field, const char *what, size_t *count)
{
    if (json_reader_next (&self->json) != JSON_IS_ARRAY)
        return self->json.error ? wrong (self) : invalid (self->turn, field, what);
    *count = json_reader_count (&self->json);
    if (*count > (size_t) field->limit)
        return message_too_much (self->turn, INVALID, field, *count);
    return json_reader_enter (&self->json) ? OK : wrong (self);
}

static fault_t read_strs (reader_t *self, const field_t *field, strs_t *into)
{
    const field_t item = {.name = field->name, .kind = KIND_STR, .limit = MESSAGE_STR_MAX};
    size_t count, i = 0;
    TRY (enter_list (self, field, "a list of strings", &count));
    *into = (strs_t){arena_array (self->turn->arena, count, sizeof (char *)), count};
    while (json_reader_more (&self->json, ']')) {
        fault_t fault = i < count ? read_string (self, &item, &into->items[i++]) : BAD_INPUT;
        // Worded anew: the item's error would say that the list must be a string
        if (fault)
            return self->json.error ? wrong (self)
                                    : invalid (self->turn, field, "a list of strings of at most 4096 bytes");
    }
    return self->json.error ? wrong (self) : OK;
}

static fault_t read_message (reader_t *self, const message_t *message, void *into);

static fault_t read_list (reader_t *self, const field_t *field, list_t *into)
{
    size_t count, i = 0;
    TRY (enter_list (self, field, "a list", &count));
    *into = (list_t){arena_array (self->turn->arena, count, field->of->size), count};
    while (i < count && json_reader_more (&self->json, ']')) {
        fault_t fault = read_message (self, field->of, (char *) into->items + i * field->of->size);
        if (fault == INVALID)
            return message_in_row (self->turn, fault, field, i);
        TRY (fault);
        i++;
    }
    if (!self->json.error && json_reader_more (&self->json, ']')) // It was counted: there is no other
        return invalid (self->turn, field, "a list");
    return self->json.error ? wrong (self) : OK;
}

static fault_t read_json (reader_t *self, const field_t *field, const char **into)
{
    const char *text;
    size_t size;
    if (!json_reader_raw (&self->json, self->turn->arena, &text, &size))
        return wrong (self);
    return set_text (self->turn, field, text, size, into);
}

static fault_t read_value (reader_t *self, const field_t *field, void *at)
{
    // null is the same as absent: the field keeps its default, or what the path has filled in
    if (field->kind != KIND_JSON && json_reader_next (&self->json) == JSON_IS_NULL)
        return json_reader_skip (&self->json) ? OK : wrong (self);
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_TIME:
    case KIND_ENUM: return read_string (self, field, at);
    case KIND_U32:
    case KIND_I64: return read_number (self, field, at);
    case KIND_BOOL: return read_bool (self, field, at);
    case KIND_STRS: return read_strs (self, field, at);
    case KIND_LIST: return read_list (self, field, at);
    case KIND_JSON: return read_json (self, field, at);
    case KIND_BYTES: break;
    }
    return turn_fail (self->turn, INVALID, "%s: cannot be given in JSON", field->name);
}

// One key and its value; `seen` has a bit for each field.
static fault_t read_member (reader_t *self, const message_t *message, uint64_t *seen, void *into)
{
    char key[KEY_ROOM];
    size_t at = self->json.at;
    if (!json_reader_key (&self->json, key, sizeof key))
        return wrong (self);
    const field_t *field = message_field (message, key);
    if (!field && self->lenient)
        return json_reader_skip (&self->json) ? OK : wrong (self);
    if (!field)
        return turn_fail (self->turn, INVALID, "unknown field %.100s of %s", key, message->name);
    // Two values for one key: a proxy in front might have checked the other one
    uint64_t bit = UINT64_C (1) << (field - message->fields);
    if (*seen & bit) {
        self->json.error = "duplicate key";
        self->json.error_at = at;
        return wrong (self);
    }
    *seen |= bit;
    return read_value (self, field, (char *) into + field->offset);
}

static fault_t read_message (reader_t *self, const message_t *message, void *into)
{
    uint64_t seen = 0; // No message has more fields; a test looks
    if (json_reader_next (&self->json) != JSON_IS_OBJECT)
        return self->json.error ? wrong (self)
                                : turn_fail (self->turn, INVALID, "%s: must be an object", message->name);
    if (!json_reader_enter (&self->json))
        return wrong (self);
    while (json_reader_more (&self->json, '}'))
        TRY (read_member (self, message, &seen, into));
    return self->json.error ? wrong (self) : OK;
}

// Values of a document that fills the message: lists count as often as they may have rows.
static size_t values_of (const message_t *message, int depth)
{
    size_t values = 1;
    for (size_t i = 0; i < message->count; i++) {
        const field_t *field = &message->fields[i];
        size_t more = 1;
        if (field->kind == KIND_JSON)
            more = MESSAGE_VALUES;
        if (field->kind == KIND_STRS)
            more += (size_t) field->limit;
        if (field->kind == KIND_LIST && depth < MESSAGE_DEPTH)
            more += (size_t) field->limit * values_of (field->of, depth + 1);
        values += more;
    }
    return values < VALUES_MOST ? values : VALUES_MOST;
}

// Before anything is allocated: a megabyte of "[[],[],...]" would otherwise become many megabytes of values.
static fault_t check_shape (const message_t *message, turn_t *turn, const char *json, size_t size,
                            bool lenient)
{
    json_shape_t shape = json_shape (json, size);
    size_t most = values_of (message, 0) + MORE_VALUES;
    if (lenient && most < MESSAGE_VALUES) // A newer server's unknown fields may hold more
        most = MESSAGE_VALUES;
    if (shape.depth > JSON_DEPTH)
        return turn_fail (turn, BAD_INPUT, "the JSON is nested %zu deep, deeper than the allowed %d",
                          shape.depth, JSON_DEPTH);
    if (shape.values > most)
        return turn_fail (turn, TOO_LARGE, "the JSON has %zu values, at most %zu are allowed", shape.values,
                          most);
    return OK;
}

static fault_t read_text (const message_t *message, turn_t *turn, const char *json, size_t size, bool lenient,
                          void *into)
{
    TRY (check_shape (message, turn, json, size, lenient));
    reader_t self = {.turn = turn, .lenient = lenient};
    json_reader_begin (&self.json, json, size);
    fault_t fault = read_message (&self, message, into);
    if (!json_reader_end (&self.json) && !fault)
        fault = wrong (&self);
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
    if (errno || end == text || *end || isspace ((unsigned char) *text)) // strtoll skips blanks; we do not
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
            return message_too_much (turn, INVALID, field, into->count + 1);
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
        return turn_fail (turn, INVALID, "unknown field %.100s of %s", name, message->name);
    void *at = (char *) into + field->offset;
    switch (field->kind) {
    case KIND_KEY:
    case KIND_STR:
    case KIND_JSON: return set_text (turn, field, arena_strdup (turn->arena, text), strlen (text), at);
    case KIND_U32:
    case KIND_I64: return set_integer (turn, field, text, at);
    case KIND_BOOL: return set_bool (turn, field, text, at);
    case KIND_TIME: return set_time (turn, field, text, at);
    case KIND_ENUM: return set_state (turn, field, text, false, at);
    case KIND_STRS: return set_strs (turn, field, text, at);
    case KIND_LIST:
    case KIND_BYTES: break;
    }
    return turn_fail (turn, INVALID, "%s: cannot be given as text", name);
}
