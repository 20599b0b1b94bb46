/* value_json_read.c - JSON text to values, strictly as RFC 8259 has it.
 *
 * A parser of its own because the order of keys, doubles for every number, the last of equal keys (case ignored) and
 * the place of an error must be exact. Nesting and memory are bounded; half a surrogate pair becomes U+FFFD; a key
 * with U+0000 in it is refused. */

#include "common/base/json.h"
#include "workflow/expression/text.h"
#include "workflow/expression/value.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    arena_t *arena;
    const char *text;
    size_t size;
    size_t at;
    size_t memory; // arena_used() that may not be passed
    char *scratch; // Unescaped strings; as long as the text
    const char *error;
} reader_t;

static const value_t *read_value (reader_t *self, int depth);

static const value_t *fail_at (reader_t *self, size_t at, const char *what)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (self->text[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    if (!self->error)
        self->error = arena_printf (self->arena, "%s at line %zu, column %zu", what, line,
                                    text_length (self->text + start, at - start) + 1);
    return NULL;
}

// At the end of the text it is the text that is wrong, whatever was expected there: it was cut off.
static const value_t *fail (reader_t *self, const char *what)
{
    return fail_at (self, self->at, self->at < self->size ? what : "the JSON text ends too early");
}

static void skip_space (reader_t *self)
{
    while (self->at < self->size && self->text[self->at] && strchr (" \t\r\n", self->text[self->at]))
        self->at++;
}

static bool next_is (const reader_t *self, char c)
{
    return self->at < self->size && self->text[self->at] == c;
}

static bool take (reader_t *self, char c)
{
    if (!next_is (self, c))
        return false;
    self->at++;
    return true;
}

static bool hex4 (reader_t *self, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++, self->at++) {
        char c = self->at < self->size ? self->text[self->at] : 0;
        const char *digits = "0123456789abcdef";
        const char *digit = c ? strchr (digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!digit)
            return false;
        *unit = *unit * 16 + (uint32_t) (digit - digits);
    }
    return true;
}

static bool is_surrogate (uint32_t unit, uint32_t from)
{
    return unit >= from && unit < from + 0x400;
}

// What follows \u, with its second half where it is a pair.
static bool read_unicode (reader_t *self, uint32_t *character)
{
    if (!hex4 (self, character))
        return false;
    if (is_surrogate (*character, 0xD800)) {
        size_t before = self->at;
        uint32_t low;
        if (take (self, '\\') && take (self, 'u') && hex4 (self, &low) && is_surrogate (low, 0xDC00)) {
            *character = 0x10000 + ((*character - 0xD800) << 10) + (low - 0xDC00);
            return true;
        }
        self->at = before; // What follows is another character, and stays one
    }
    if (is_surrogate (*character, 0xD800) || is_surrogate (*character, 0xDC00))
        *character = 0xFFFD;
    return true;
}

static bool read_escape (reader_t *self, uint32_t *character)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = self->at < self->size ? self->text[self->at++] : 0;
    if (c == 'u')
        return read_unicode (self, character);
    const char *name = c ? strchr (names, c) : NULL;
    if (!name)
        return false;
    *character = (unsigned char) meanings[name - names];
    return true;
}

// The string at the cursor, unescaped into the scratch.
static bool read_text (reader_t *self, size_t *size)
{
    size_t start = self->at++;
    *size = 0;
    while (self->at < self->size) {
        size_t length, at = self->at;
        uint32_t character = text_decode (self->text + at, self->size - at, &length);
        self->at += length;
        if (character == '"')
            return true;
        if (character < 0x20)
            return fail_at (self, at, "a control character must be escaped");
        if (character > 0x10FFFF)
            return fail_at (self, at, "this is not UTF-8");
        if (character == '\\' && !read_escape (self, &character))
            return fail_at (self, at, "there is no such escape");
        *size += text_encode (character, self->scratch + *size);
    }
    return fail_at (self, start, "this string is not closed");
}

static const value_t *read_number (reader_t *self)
{
    size_t start = self->at;
    take (self, '-');
    bool good = take (self, '0') || json_digits (self->text, self->size, &self->at);
    if (take (self, '.'))
        good &= json_digits (self->text, self->size, &self->at);
    if (take (self, 'e') || take (self, 'E')) {
        if (!take (self, '-'))
            take (self, '+');
        good &= json_digits (self->text, self->size, &self->at);
    }
    // What is left after a 0 are digits: 01 is not JSON
    if (!good || json_digits (self->text, self->size, &self->at))
        return fail_at (self, start, "this is not a number");
    return value_number (self->arena, value_parse_number (self->text + start, self->at - start));
}

static const value_t *read_array (reader_t *self, int depth)
{
    value_t *array = value_array (self->arena);
    self->at++;
    skip_space (self);
    if (take (self, ']'))
        return array;
    for (;;) {
        const value_t *item = read_value (self, depth + 1);
        if (!item)
            return NULL;
        value_push (self->arena, array, item);
        skip_space (self);
        if (take (self, ']'))
            return array;
        if (!take (self, ','))
            return fail (self, "',' or ']' is expected");
    }
}

static bool read_member (reader_t *self, value_t *object, int depth)
{
    size_t start, size;
    skip_space (self);
    start = self->at;
    if (!next_is (self, '"'))
        return fail (self, "a key in double quotes is expected");
    if (!read_text (self, &size))
        return false;
    if (memchr (self->scratch, 0, size))
        return fail_at (self, start, "a key may not hold U+0000");
    const char *key = arena_copy (self->arena, self->scratch, size);
    skip_space (self);
    if (!take (self, ':'))
        return fail (self, "':' is expected");
    const value_t *item = read_value (self, depth + 1);
    if (item)
        value_put (self->arena, object, key, item);
    return item;
}

static const value_t *read_object (reader_t *self, int depth)
{
    value_t *object = value_object (self->arena);
    self->at++;
    skip_space (self);
    if (take (self, '}'))
        return object;
    for (;;) {
        if (!read_member (self, object, depth))
            return NULL;
        skip_space (self);
        if (take (self, '}'))
            return object;
        if (!take (self, ','))
            return fail (self, "',' or '}' is expected");
    }
}

static const value_t *read_word (reader_t *self)
{
    static const char *const words[] = {"null", "true", "false"};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen (words[i]);
        if (self->size - self->at >= length && memcmp (self->text + self->at, words[i], length) == 0) {
            self->at += length;
            return i == 0 ? value_null () : value_bool (i == 1);
        }
    }
    return fail (self, "a JSON value is expected");
}

static const value_t *read_value (reader_t *self, int depth)
{
    size_t size;
    skip_space (self);
    if (depth > VALUE_JSON_DEPTH)
        return fail (self, "the JSON text is nested too deeply");
    // Passed by one value at most, which is no longer than the text
    if (arena_used (self->arena) > self->memory)
        return fail (self, "the JSON text takes too much memory");
    char c = self->at < self->size ? self->text[self->at] : 0;
    if (c == '{')
        return read_object (self, depth);
    if (c == '[')
        return read_array (self, depth);
    if (c == '"')
        return read_text (self, &size) ? value_string_n (self->arena, self->scratch, size) : NULL;
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number (self);
    return read_word (self);
}

fault_t value_from_json_within (arena_t *arena, const char *text, size_t size, size_t memory,
                                const value_t **out, const char **error)
{
    size_t used = arena_used (arena);
    reader_t self = {.arena = arena, .text = text, .size = size};
    self.memory = memory > SIZE_MAX - used ? SIZE_MAX : used + memory;
    // The longest growth is half a pair, `\ud800`, 6 bytes to 3: a string never grows.
    self.scratch = malloc (size + 1);
    if (!self.scratch)
        abort ();
    const value_t *value = read_value (&self, 1);
    skip_space (&self);
    if (value && self.at < size)
        value = fail (&self, "the JSON text should end here");
    free (self.scratch);
    *error = self.error;
    *out = value;
    return value ? OK : INVALID;
}

fault_t value_from_json (arena_t *arena, const char *text, size_t size, const value_t **out,
                         const char **error)
{
    return value_from_json_within (arena, text, size, SIZE_MAX, out, error);
}
