/* function_text.c - format, join, toJSON, fromJSON. */

#include "workflow/expression/function_text.h"
#include "workflow/expression/text.h"

#include <string.h>

#define FORMAT_INDEX 255 // The greatest N of {N}
#define FORMAT_SHOWN 200 // Bytes of a wrong format string that an error shows

// One piece of a format string: text, or the argument that {N} means.
typedef struct {
    const char *text;
    size_t size;
    bool argument;
    size_t index;
} format_part_t;

// {N}, or {N:} with a format that is left empty, up to the brace that closes it.
static bool read_argument (const char *text, size_t size, size_t *at, format_part_t *piece)
{
    size_t i = *at + 1, first = i;
    for (piece->index = 0; i < size && text[i] >= '0' && text[i] <= '9'; i++)
        if ((piece->index = piece->index * 10 + (size_t) (text[i] - '0')) > FORMAT_INDEX)
            return false;
    if (i == first)
        return false;
    bool format = i < size && text[i] == ':';
    i += format;
    if (i >= size || text[i] != '}' || (format && i + 1 < size && text[i + 1] == '}'))
        return false;
    piece->argument = true;
    *at = i + 1;
    return true;
}

// The piece at *at, which moves after it. False: the format string is wrong there.
static bool next_piece (const char *text, size_t size, size_t *at, format_part_t *piece)
{
    size_t start = *at;
    char c = text[start];
    *piece = (format_part_t){.text = text + start};
    if (c != '{' && c != '}') {
        while (*at < size && text[*at] != '{' && text[*at] != '}')
            ++*at;
        piece->size = *at - start;
        return true;
    }
    if (start + 1 < size && text[start + 1] == c) {
        piece->size = 1;
        *at = start + 2;
        return true;
    }
    return c == '{' && read_argument (text, size, at, piece);
}

static const char *too_few (arena_t *arena, size_t index, size_t given)
{
    return arena_printf (arena, "Format string references {%zu} but only %zu argument(s) provided", index,
                         given);
}

static const char *bad_format (arena_t *arena, const char *text, size_t size, size_t at)
{
    return arena_printf (arena,
                         "Invalid format string: '%.*s' (at character %zu; a brace is written {{ or }})",
                         (int) text_cut (text, size, FORMAT_SHOWN), text, text_length (text, at) + 1);
}

const char *check_format (arena_t *arena, const term_t *call, const term_t **where)
{
    const value_t *format = call->parts[0]->literal;
    format_part_t piece;
    *where = call->parts[0];
    if (call->parts[0]->kind != TERM_LITERAL || format->kind != VALUE_STRING)
        return NULL;
    for (size_t at = 0; at < format->string.size;) {
        if (!next_piece (format->string.text, format->string.size, &at, &piece))
            return bad_format (arena, format->string.text, format->string.size, at);
        if (piece.argument && piece.index + 1 >= call->count)
            return too_few (arena, piece.index, call->count - 1);
    }
    return NULL;
}

// Each argument is evaluated once, and only where the format names it.
static bool put_argument (evaluation_t *self, const term_t *call, size_t index, const value_t **known,
                          buffer_t *text, bool *secret)
{
    if (!known[index])
        known[index] = evaluate (self, call->parts[index + 1]);
    if (!known[index])
        return false;
    evaluation_put (text, known[index]);
    *secret |= known[index]->secret;
    return true;
}

const value_t *evaluate_format (evaluation_t *self, const term_t *call)
{
    const value_t *known[FUNCTION_ARGUMENTS] = {0};
    const value_t *format = evaluate (self, call->parts[0]);
    if (!format)
        return NULL;
    const char *text = value_to_text (self->arena, format);
    size_t size = format->kind == VALUE_STRING ? format->string.size : strlen (text), at = 0;
    bool secret = format->secret, good = true;
    buffer_t *out = buffer_new (evaluation_left (self));
    while (good && at < size) {
        format_part_t piece;
        if (!next_piece (text, size, &at, &piece))
            good = evaluation_fail (self, call, bad_format (self->arena, text, size, at));
        else if (!piece.argument)
            buffer_add (out, piece.text, piece.size);
        else if (piece.index + 1 >= call->count)
            good = evaluation_fail (self, call, too_few (self->arena, piece.index, call->count - 1));
        else
            good = put_argument (self, call, piece.index, known, out, &secret);
    }
    if (good)
        return evaluation_text (self, call, &out, secret);
    buffer_destroy (&out);
    return NULL;
}

const value_t *evaluate_join (evaluation_t *self, const term_t *call)
{
    static const value_t comma = {.kind = VALUE_STRING, .string = {",", 1}};
    const value_t *list = evaluate (self, call->parts[0]), *separator = &comma;
    if (!list)
        return NULL;
    if (list->kind == VALUE_ARRAY && list->list.count > 1 && call->count > 1) {
        separator = evaluate (self, call->parts[1]);
        if (!separator)
            return NULL;
        if (!value_is_primitive (separator))
            separator = &comma;
    }
    // One secret item makes the whole text secret: a value is so as a whole or not
    bool secret = list->secret || separator->secret;
    buffer_t *text = buffer_new (evaluation_left (self));
    if (value_is_primitive (list))
        evaluation_put (text, list);
    for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->list.count; i++) {
        if (i)
            evaluation_put (text, separator);
        evaluation_put (text, list->list.items[i]);
        secret |= list->list.items[i]->secret;
    }
    return evaluation_text (self, call, &text, secret);
}

const value_t *evaluate_to_json (evaluation_t *self, const term_t *call)
{
    const value_t *value = evaluate (self, call->parts[0]);
    if (!value)
        return NULL;
    // Bounded before it is printed: the text may be larger than the value by its escapes and indentation
    buffer_t *text = buffer_new (evaluation_left (self));
    value_print_json (text, value, 2);
    return evaluation_text (self, call, &text, value_holds_secret (value));
}

// Text that was secret makes every string that was read from it secret.
static const value_t *keep_secret (arena_t *arena, const value_t *value)
{
    value_t *copy = arena_copy (arena, value, sizeof (*value));
    copy->secret = true;
    if (value_is_primitive (value))
        return copy;
    for (size_t i = 0; i < copy->list.count; i++)
        copy->list.items[i] = keep_secret (arena, copy->list.items[i]);
    return copy;
}

const value_t *evaluate_from_json (evaluation_t *self, const term_t *call)
{
    const value_t *text = evaluate (self, call->parts[0]), *value;
    const char *error;
    if (!text)
        return NULL;
    const char *bytes = value_to_text (self->arena, text);
    size_t size = text->kind == VALUE_STRING ? text->string.size : strlen (bytes);
    // Before it is read: the work grows with the text, also where that is wrong
    if (!evaluation_take (self, call, size))
        return NULL;
    if (value_from_json_within (self->arena, bytes, size, evaluation_left (self), &value, &error) != OK)
        return evaluation_fail (self, call, arena_printf (self->arena, "Error parsing fromJSON: %s", error));
    return text->secret ? keep_secret (self->arena, value) : value;
}
