/* json_reader.h - reads JSON in place: each value is requested in the order of the text, and no tree is built.
 *
 * So a document costs what its reader keeps of it, however many values a hostile one has. As strict as RFC 8259: UTF-8, no
 * lone surrogate, nothing after the document, no duplicate key in an object (as written). It recurses only into skipped values,
 * JSON_DEPTH deep. The first error sticks: every later call fails, too. */

#ifndef OPENCICD_JSON_READER_H
#define OPENCICD_JSON_READER_H

#include "common/base/arena.h"
#include "common/base/json.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    JSON_IS_WRONG,
    JSON_IS_OBJECT,
    JSON_IS_ARRAY,
    JSON_IS_STRING,
    JSON_IS_NUMBER,
    JSON_IS_BOOL,
    JSON_IS_NULL
} json_is_t;

typedef struct {
    const char *text;
    size_t size, at;
    int depth;
    bool fresh;        // A container was entered and nothing of it has been read
    const char *error; // What is wrong; NULL while nothing is
    size_t error_at;
    struct span *keys; // Of the open objects that are skipped, to find duplicates
    size_t key_count, key_capacity;
} json_reader_t;

// Borrows the text. Check json_shape() first.
void json_reader_begin (json_reader_t *self, const char *text, size_t size);
// False if something was wrong or is left over. Frees its memory.
bool json_reader_end (json_reader_t *self);
void json_reader_location (const json_reader_t *self, size_t *line, size_t *column); // Of the error, from 1

json_is_t json_reader_next (json_reader_t *self); // The kind of the next value; takes nothing
// Enters the next object or array, then steps to each member or item; false at its end, which is taken, or on an error.
bool json_reader_enter (json_reader_t *self);
bool json_reader_more (json_reader_t *self, char end); // '}' or ']'
size_t json_reader_count (const json_reader_t *self);  // Items of the next array

// The values themselves; false on an error. Strings are unescaped into the arena and may contain NUL.
bool json_reader_key (json_reader_t *self, char *into, size_t room); // What is longer is cut
bool json_reader_string (json_reader_t *self, arena_t *arena, const char **text, size_t *size);
bool json_reader_number (json_reader_t *self, bool *whole, int64_t *number); // *whole: it is a 64-bit integer
bool json_reader_bool (json_reader_t *self, bool *out);
bool json_reader_skip (json_reader_t *self); // Any value
// Any value as written, without the blanks between its parts.
bool json_reader_raw (json_reader_t *self, arena_t *arena, const char **text, size_t *size);

#endif
