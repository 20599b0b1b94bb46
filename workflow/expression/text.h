/* text.h - comparing text as GitHub's expressions do: ordinal, over upper-cased characters, no locale.
 *
 * Source: .NET's OrdinalIgnoreCase, which GitHub's runner uses: simple one-to-one upper-casing of each character, then
 * the order of UTF-16 units. Text is UTF-8; a byte that is not counts as a character of its own, different from all
 * others. */

#ifndef OPENCICD_WORKFLOW_TEXT_H
#define OPENCICD_WORKFLOW_TEXT_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The character at the front of `size` >= 1 bytes; *length tells its bytes.
uint32_t text_decode (const char *text, size_t size, size_t *length);
size_t text_encode (uint32_t character, char out[4]); // Bytes written
size_t text_length (const char *text, size_t size);   // In characters
// The same from a text's beginning, asked for again and again: costs the way from the place that was asked for last.
typedef struct {
    const char *text;
    size_t bytes, characters; // Of the last answer
} text_cursor_t;
size_t text_characters (text_cursor_t *self, size_t bytes);
size_t text_cut (const char *text, size_t size, size_t most); // Whole characters in at most `most` bytes
bool text_is_space (uint32_t character);
uint32_t text_upper (uint32_t character);         // In text_case.c
void text_trim (const char **text, size_t *size); // White space at both ends

int text_compare (const char *left, size_t left_size, const char *right, size_t right_size); // < 0, 0, > 0
bool text_equal (const char *left, size_t left_size, const char *right, size_t right_size);
bool text_contains (const char *text, size_t size, const char *part, size_t part_size);
bool text_starts_with (const char *text, size_t size, const char *part, size_t part_size);
bool text_ends_with (const char *text, size_t size, const char *part, size_t part_size);

#endif
