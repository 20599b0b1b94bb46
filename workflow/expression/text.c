/* text.c - see text.h. */

#include "workflow/expression/text.h"
#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define NOT_UTF8 0x110000u // A byte that is not UTF-8 becomes this plus itself

uint32_t text_decode (const char *text, size_t size, size_t *length)
{
    const unsigned char *p = (const unsigned char *) text;
    *length = 1;
    if (p[0] < 0x80)
        return p[0];
    size_t bytes = utf8_length (text, size);
    if (bytes == 0)
        return NOT_UTF8 + p[0];
    uint32_t character = p[0] & (0xFFu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++)
        character = character << 6 | (p[i] & 0x3F);
    *length = bytes;
    return character;
}

size_t text_encode (uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char) character;
        return 1;
    }
    if (character >= NOT_UTF8) {
        out[0] = (char) (character - NOT_UTF8);
        return 1;
    }
    size_t bytes = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = bytes - 1; i > 0; i--) {
        out[i] = (char) (0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char) ((0xF00 >> bytes & 0xFF) | character);
    return bytes;
}

size_t text_length (const char *text, size_t size)
{
    size_t count = 0, length;
    for (size_t at = 0; at < size; at += length, count++)
        text_decode (text + at, size - at, &length);
    return count;
}

size_t text_characters (text_cursor_t *self, size_t bytes)
{
    if (bytes >= self->bytes)
        self->characters += text_length (self->text + self->bytes, bytes - self->bytes);
    else
        self->characters -= text_length (self->text + bytes, self->bytes - bytes);
    self->bytes = bytes;
    return self->characters;
}

size_t text_cut (const char *text, size_t size, size_t most)
{
    if (size <= most)
        return size;
    while (most && ((unsigned char) text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

bool text_is_space (uint32_t character)
{
    if (character < 0x80)
        return character == ' ' || (character >= '\t' && character <= '\r');
    return character == 0x85 || character == 0xA0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200A) || character == 0x2028 || character == 0x2029 ||
           character == 0x202F || character == 0x205F || character == 0x3000;
}

// The start of the last character before `end`.
static size_t step_back (const char *text, size_t end)
{
    size_t length;
    for (size_t bytes = 2; bytes <= 4 && bytes <= end; bytes++) {
        text_decode (text + end - bytes, bytes, &length);
        if (length == bytes)
            return end - bytes;
    }
    return end - 1;
}

void text_trim (const char **text, size_t *size)
{
    size_t length;
    while (*size && text_is_space (text_decode (*text, *size, &length))) {
        *text += length;
        *size -= length;
    }
    while (*size) {
        size_t start = step_back (*text, *size);
        if (!text_is_space (text_decode (*text + start, *size - start, &length)))
            return;
        *size = start;
    }
}

// UTF-16 puts the characters past U+FFFF, as surrogates, before U+E000.
static int utf16_order (uint32_t left, uint32_t right)
{
    bool left_far = left > 0xFFFF, right_far = right > 0xFFFF;
    if (left_far != right_far && (left_far ? right : left) >= 0xE000)
        return left_far ? -1 : 1;
    return left < right ? -1 : left > right;
}

int text_compare (const char *left, size_t left_size, const char *right, size_t right_size)
{
    size_t i = 0, j = 0;
    while (i < left_size && j < right_size) {
        size_t left_length, right_length;
        uint32_t a = text_upper (text_decode (left + i, left_size - i, &left_length));
        uint32_t b = text_upper (text_decode (right + j, right_size - j, &right_length));
        if (a != b)
            return utf16_order (a, b);
        i += left_length;
        j += right_length;
    }
    return (i < left_size) - (j < right_size);
}

bool text_equal (const char *left, size_t left_size, const char *right, size_t right_size)
{
    return text_compare (left, left_size, right, right_size) == 0;
}

bool text_starts_with (const char *text, size_t size, const char *part, size_t part_size)
{
    size_t i = 0, j = 0;
    while (j < part_size) {
        size_t text_bytes, part_bytes;
        if (i == size || text_upper (text_decode (text + i, size - i, &text_bytes)) !=
                             text_upper (text_decode (part + j, part_size - j, &part_bytes)))
            return false;
        i += text_bytes;
        j += part_bytes;
    }
    return true;
}

bool text_ends_with (const char *text, size_t size, const char *part, size_t part_size)
{
    size_t start = size;
    // Back by characters: the same text in another case may have another number of bytes
    for (size_t left = text_length (part, part_size); left; left--) {
        if (start == 0)
            return false;
        start = step_back (text, start);
    }
    return text_equal (text + start, size - start, part, part_size);
}

static char *upper_copy (const char *text, size_t size, size_t *out_size)
{
    // A letter of two bytes may become one of three, not of more.
    char *copy = malloc (size * 2 + 4);
    if (!copy)
        abort ();
    size_t used = 0, length;
    for (size_t at = 0; at < size; at += length) {
        unsigned char byte = (unsigned char) text[at];
        length = 1;
        if (byte < 0x80) // Nearly all of them, and of a payload there may be millions
            copy[used++] = (char) (byte >= 'a' && byte <= 'z' ? byte - ('a' - 'A') : byte);
        else
            used += text_encode (text_upper (text_decode (text + at, size - at, &length)), copy + used);
    }
    *out_size = used;
    return copy;
}

bool text_contains (const char *text, size_t size, const char *part, size_t part_size)
{
    if (part_size == 0)
        return true;
    size_t text_upper_size, part_upper_size;
    // Copies, because memmem is linear, and a letter and its upper case may differ in size
    char *upper = upper_copy (text, size, &text_upper_size);
    char *upper_part = upper_copy (part, part_size, &part_upper_size);
    bool found = memmem (upper, text_upper_size, upper_part, part_upper_size) != NULL; // Linear in glibc
    free (upper);
    free (upper_part);
    return found;
}
