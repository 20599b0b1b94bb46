/* message_json.c - messages as JSON. message_read.c reads them.
 *
 * Keys are the fields' names. What has not happened is null: a time of 0, the state `none`, empty JSON. */

#include "common/base/clock.h"
#include "common/base/json.h"
#include "proto/messages.h"

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
    char text[CLOCK_TEXT + 2] = "\"";
    clock_print (text + 1, time_us);
    size_t size = 1 + strlen (text + 1);
    text[size++] = '"';
    buffer_add (into, text, size);
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
    case KIND_U32: buffer_number (into, *(const uint32_t *) at); break;
    case KIND_I64: buffer_number (into, *(const int64_t *) at); break;
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
        buffer_add (into, field->key + first, field->key_size - first); // Without the comma
        print_value (field, (const char *) from + field->offset, into);
        first = false;
    }
    buffer_putc (into, '}');
}
