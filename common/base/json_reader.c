/* json_reader.c - see json_reader.h. Source: RFC 8259. */

#include "common/base/json_reader.h"

#include "common/base/json.h"
#include "common/base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct span {
    size_t at, size;
} span_t;

static bool fail (json_reader_t *self, size_t at, const char *what)
{
    if (!self->error) {
        self->error = what;
        self->error_at = at;
    }
    return false;
}

static char peek (const json_reader_t *self)
{
    return self->at < self->size ? self->text[self->at] : '\0';
}

static bool take (json_reader_t *self, char c)
{
    if (self->at >= self->size || self->text[self->at] != c)
        return false;
    self->at++;
    return true;
}

static bool is_blank (char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks (json_reader_t *self)
{
    while (self->at < self->size && is_blank (self->text[self->at]))
        self->at++;
}

void json_reader_begin (json_reader_t *self, const char *text, size_t size)
{
    memset (self, 0, sizeof *self);
    self->text = text;
    self->size = size;
    if (!utf8_valid (text, size))
        (void) fail (self, 0, "it is not UTF-8");
}

bool json_reader_end (json_reader_t *self)
{
    skip_blanks (self);
    if (self->at < self->size)
        (void) fail (self, self->at, "there is something after the document");
    free (self->keys);
    self->keys = NULL;
    return !self->error;
}

void json_reader_location (const json_reader_t *self, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < self->error_at && i < self->size; i++) {
        bool ends = self->text[i] == '\n';
        *line += ends;
        *column = ends ? 1 : *column + 1;
    }
}

json_is_t json_reader_next (json_reader_t *self)
{
    skip_blanks (self);
    char c = peek (self);
    if (self->error)
        return JSON_IS_WRONG;
    if (c == '-' || (c >= '0' && c <= '9'))
        return JSON_IS_NUMBER;
    switch (c) {
    case '{': return JSON_IS_OBJECT;
    case '[': return JSON_IS_ARRAY;
    case '"': return JSON_IS_STRING;
    case 't':
    case 'f': return JSON_IS_BOOL;
    case 'n': return JSON_IS_NULL;
    default: (void) fail (self, self->at, "expected a value"); return JSON_IS_WRONG;
    }
}

// ---- containers ----

bool json_reader_enter (json_reader_t *self)
{
    json_is_t is = json_reader_next (self);
    if (is != JSON_IS_OBJECT && is != JSON_IS_ARRAY)
        return fail (self, self->at, "expected an object or an array");
    if (++self->depth > JSON_DEPTH)
        return fail (self, self->at, "it is nested too deeply");
    self->at++;
    self->fresh = true;
    return true;
}

bool json_reader_more (json_reader_t *self, char end)
{
    bool fresh = self->fresh;
    self->fresh = false;
    skip_blanks (self);
    if (self->error)
        return false;
    if (take (self, end)) {
        self->depth--;
        return false;
    }
    if (fresh || take (self, ','))
        return true;
    return fail (self, self->at, end == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
}

// The end, after its quote, of the string that begins at `at`.
static size_t string_end (const json_reader_t *self, size_t at)
{
    for (at++; at < self->size && self->text[at] != '"'; at++)
        at += self->text[at] == '\\';
    return at + 1;
}

size_t json_reader_count (const json_reader_t *self)
{
    size_t at = self->at, count = 0, depth = 0;
    while (at < self->size && is_blank (self->text[at]))
        at++;
    for (; at < self->size; at++) {
        char c = self->text[at];
        if (c == ']' || c == '}') {
            if (--depth == 0)
                break;
        } else if (is_blank (c)) {
            continue;
        }
        if (depth == 1 && (c == ',' || count == 0))
            count++;
        depth += c == '[' || c == '{';
        if (c == '"')
            at = string_end (self, at) - 1;
    }
    return count;
}

// ---- strings ----

static bool hex4 (const char *text, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i], low = (char) (c | 32);
        if (c >= '0' && c <= '9')
            *unit = *unit * 16 + (uint32_t) (c - '0');
        else if (low >= 'a' && low <= 'f')
            *unit = *unit * 16 + (uint32_t) (low - 'a' + 10);
        else
            return false;
    }
    return true;
}

static size_t put_character (char *into, uint32_t c)
{
    if (c < 0x80) {
        into[0] = (char) c;
        return 1;
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        into[i] = (char) (0x80 | (c & 0x3F));
    into[0] = (char) ((0xF0 << (4 - size)) | (int) c);
    return size;
}

// The code point after `\u`, with its second half where it is a pair; 0xFFFFFFFF if it is malformed.
static uint32_t unicode (json_reader_t *self, size_t end)
{
    uint32_t first, second;
    if (end - self->at < 4 || !hex4 (self->text + self->at, &first))
        return UINT32_MAX;
    self->at += 4;
    if (first < 0xD800 || first > 0xDFFF)
        return first;
    if (first > 0xDBFF || end - self->at < 6 || memcmp (self->text + self->at, "\\u", 2) != 0 ||
        !hex4 (self->text + self->at + 2, &second) || second < 0xDC00 || second > 0xDFFF)
        return UINT32_MAX;
    self->at += 6;
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

// After a backslash; returns how many bytes the escape stands for, 0 for an unknown one.
static size_t unescape (json_reader_t *self, size_t end, char *into)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char c = self->text[self->at++];
    if (c == 'u') {
        uint32_t character = unicode (self, end);
        return character == UINT32_MAX ? 0 : put_character (into, character);
    }
    const char *name = c ? strchr (names, c) : NULL;
    if (name)
        *into = meanings[name - names];
    return name != NULL;
}

// Takes the next string. Without `into` it is only checked; `into` has room for the text as it is written.
static bool read_string (json_reader_t *self, char *into, size_t *size)
{
    char unseen[4];
    size_t start = self->at, end = string_end (self, start) - 1;
    if (peek (self) != '"')
        return fail (self, start, "expected a string");
    if (end >= self->size)
        return fail (self, start, "this string is not closed");
    *size = 0;
    for (self->at++; self->at < end;) {
        size_t at = self->at, length = 1;
        char *to = into ? into + *size : unseen;
        if ((unsigned char) self->text[at] < 0x20)
            return fail (self, at, "a control character must be escaped");
        self->at++;
        if (self->text[at] != '\\')
            *to = self->text[at];
        else if ((length = unescape (self, end, to)) == 0)
            return fail (self, at, "unknown escape");
        *size += length;
    }
    self->at = end + 1;
    return true;
}

bool json_reader_string (json_reader_t *self, arena_t *arena, const char **text, size_t *size)
{
    if (json_reader_next (self) != JSON_IS_STRING)
        return fail (self, self->at, "expected a string");
    char *into = arena_alloc (arena, string_end (self, self->at) - self->at);
    *text = into;
    return read_string (self, into, size);
}

bool json_reader_key (json_reader_t *self, char *into, size_t room)
{
    skip_blanks (self);
    size_t start = self->at, size, written = string_end (self, start) - start;
    bool fits = written <= room;
    if (!read_string (self, fits ? into : NULL, &size))
        return false;
    if (!fits) // Unescaped it might fit, but no key that we know has escapes
        memcpy (into, self->text + start + 1, size = room - 1);
    into[size] = '\0';
    if (strlen (into) != size)
        return fail (self, start, "a key may not contain NUL");
    skip_blanks (self);
    return take (self, ':') || fail (self, self->at, "expected ':'");
}

// ---- numbers and literals ----

bool json_reader_number (json_reader_t *self, bool *whole, int64_t *number)
{
    if (json_reader_next (self) != JSON_IS_NUMBER)
        return fail (self, self->at, "expected a number");
    size_t start = self->at;
    take (self, '-');
    bool good = take (self, '0') || json_digits (self->text, self->size, &self->at);
    *whole = true;
    if (take (self, '.')) {
        *whole = false;
        good = json_digits (self->text, self->size, &self->at) && good;
    }
    if (take (self, 'e') || take (self, 'E')) {
        *whole = false;
        if (!take (self, '-'))
            take (self, '+');
        good = json_digits (self->text, self->size, &self->at) && good;
    }
    char digits[24] = "";
    if (!good || json_digits (self->text, self->size, &self->at))
        return fail (self, start, "this is not a number");
    if (self->at - start >= sizeof digits)
        *whole = false;
    else
        memcpy (digits, self->text + start, self->at - start);
    errno = 0;
    *number = *whole ? strtoll (digits, NULL, 10) : 0;
    *whole = *whole && errno == 0;
    return true;
}

static bool take_literal (json_reader_t *self, const char *literal)
{
    size_t size = strlen (literal);
    if (self->size - self->at < size || memcmp (self->text + self->at, literal, size) != 0)
        return fail (self, self->at, "expected a value");
    self->at += size;
    return true;
}

bool json_reader_bool (json_reader_t *self, bool *out)
{
    if (json_reader_next (self) != JSON_IS_BOOL)
        return fail (self, self->at, "expected true or false");
    *out = peek (self) == 't';
    return take_literal (self, *out ? "true" : "false");
}

// ---- skipping ----

static int compare_keys (const void *a, const void *b, void *text)
{
    const span_t *one = a, *other = b;
    size_t size = one->size < other->size ? one->size : other->size;
    int order = memcmp ((const char *) text + one->at, (const char *) text + other->at, size);
    return order ? order : one->size < other->size ? -1 : one->size > other->size;
}

// Of the object whose keys begin at `first`.
static bool keys_differ (json_reader_t *self, size_t first)
{
    size_t count = self->key_count - first;
    self->key_count = first;
    if (count < 2)
        return true;
    span_t *keys = self->keys + first;
    char *text = (char *) (uintptr_t) self->text;
    qsort_r (keys, count, sizeof *keys, compare_keys, text);
    for (size_t i = 1; i < count; i++)
        if (compare_keys (&keys[i - 1], &keys[i], text) == 0)
            return fail (self, keys[i].at, "duplicate key");
    return true;
}

static void keep_key (json_reader_t *self, size_t at)
{
    if (self->key_count == self->key_capacity) {
        self->key_capacity = self->key_capacity ? self->key_capacity * 2 : 64;
        self->keys = realloc (self->keys, self->key_capacity * sizeof (span_t));
        if (!self->keys)
            abort ();
    }
    self->keys[self->key_count++] = (span_t){at, self->at - at};
}

static bool skip_key (json_reader_t *self)
{
    size_t size, at;
    skip_blanks (self);
    at = self->at;
    if (!read_string (self, NULL, &size))
        return false;
    keep_key (self, at);
    skip_blanks (self);
    return take (self, ':') || fail (self, self->at, "expected ':'");
}

static bool skip_container (json_reader_t *self, bool object)
{
    size_t first = self->key_count;
    if (!json_reader_enter (self))
        return false;
    while (json_reader_more (self, object ? '}' : ']'))
        if ((object && !skip_key (self)) || !json_reader_skip (self))
            return false;
    return !self->error && (!object || keys_differ (self, first));
}

bool json_reader_skip (json_reader_t *self)
{
    size_t size;
    bool any;
    int64_t number;
    switch (json_reader_next (self)) {
    case JSON_IS_OBJECT: return skip_container (self, true);
    case JSON_IS_ARRAY: return skip_container (self, false);
    case JSON_IS_STRING: return read_string (self, NULL, &size);
    case JSON_IS_NUMBER: return json_reader_number (self, &any, &number);
    case JSON_IS_BOOL: return json_reader_bool (self, &any);
    case JSON_IS_NULL: return take_literal (self, "null");
    case JSON_IS_WRONG: break;
    }
    return false;
}

bool json_reader_raw (json_reader_t *self, arena_t *arena, const char **text, size_t *size)
{
    skip_blanks (self);
    size_t start = self->at;
    if (!json_reader_skip (self))
        return false;
    char *into = arena_alloc (arena, self->at - start + 1);
    *text = into;
    *size = 0;
    for (size_t at = start; at < self->at;) {
        size_t end = self->text[at] == '"' ? string_end (self, at) : at + 1;
        if (!is_blank (self->text[at])) {
            memcpy (into + *size, self->text + at, end - at);
            *size += end - at;
        }
        at = end;
    }
    return true;
}
