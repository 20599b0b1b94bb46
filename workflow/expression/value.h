/* value.h - the values of the expression language: null, boolean, number, string, array, object.
 *
 * The six kinds, their coercions and their printing follow GitHub's documentation of expressions
 * ("Evaluate expressions in workflows and actions"). Values are immutable once built, live in an arena and may share
 * parts. Keys of objects keep their order and their case; look-up ignores case, as GitHub's does. */

#ifndef OPENCICD_VALUE_H
#define OPENCICD_VALUE_H

#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

#define VALUE_NUMBER_TEXT 32  // Room that value_print_number needs
#define VALUE_JSON_DEPTH  100 // Nesting that value_from_json takes

typedef enum { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_STRING, VALUE_ARRAY, VALUE_OBJECT } value_kind_t;

typedef struct value value_t;

struct value {
    value_kind_t kind;
    bool secret;   // It holds, or was made from, a secret: mask where it is shown
    bool filtered; // An array that `.*` or `[*]` made: a further access goes into each of its items
    bool cased;    // An object whose keys differ by case too (`env` on Linux)
    union {
        bool boolean;
        double number;
        struct {
            const char *text; // NUL-terminated; may hold NULs inside
            size_t size;
        } string;
        struct {
            const value_t **items;
            const char **keys; // Objects only
            size_t count;
            uint32_t capacity, slot_count; // Of `items`; of `slots`, a power of two or 0
            uint32_t *slots; // Where the keys of an object with many are, by their hash: value.c
        } list;
    };
};

const value_t *value_null (void);
const value_t *value_bool (bool boolean);
value_t *value_number (arena_t *arena, double number);
value_t *value_string (arena_t *arena, const char *text); // Copies; NULL gives null
value_t *value_string_n (arena_t *arena, const char *text, size_t size);
value_t *value_array (arena_t *arena);
value_t *value_object (arena_t *arena);
value_t *value_copy (arena_t *arena, const value_t *object); // Of the same items
void value_push (arena_t *arena, value_t *array, const value_t *item);
void value_set (arena_t *arena, value_t *object, const char *key,
                const value_t *item); // Replaces, ignoring case
// The same; `key` is in the arena already.
void value_put (arena_t *arena, value_t *object, const char *key, const value_t *item);

// The item under a key, ignoring case; NULL where there is none or `self` is not an object. NULL `self` is allowed.
const value_t *value_get (const value_t *self, const char *key);
const char *value_get_text (const value_t *self, const char *key); // "" where it is missing or not a string

// Coercions. value_to_text gives what a template puts into a string ("Object", "Array" for those kinds).
bool value_truthy (const value_t *self);
double value_to_number (const value_t *self); // NaN where it is none
const char *value_to_text (arena_t *arena, const value_t *self);
bool value_is_primitive (const value_t *self); // Neither array nor object
bool value_holds_secret (const value_t *self); // It or anything in it is secret

// Numbers as text: decimal with sign and exponent, 0x, 0o, Infinity, space around it; "" is 0; else NaN.
double value_parse_number (const char *text, size_t size);
void value_print_number (double number, char out[VALUE_NUMBER_TEXT]); // 15 significant digits; -0 is 0

// Loose comparison as `==`, `<` do it: kinds are coerced, case is ignored, lists are equal only to themselves.
bool value_equal (const value_t *left, const value_t *right);
bool value_less (const value_t *left, const value_t *right);

// JSON. `indent` 2 prints exactly as GitHub's toJSON does, 0 prints compactly for the wire (every digit of a number,
// null for what is not finite).
const char *value_to_json (arena_t *arena, const value_t *self, int indent);
void value_print_json (buffer_t *out, const value_t *self, int indent);
// Bounded: nesting VALUE_JSON_DEPTH. INVALID with *error (in arena) saying what and where. Of equal keys the last wins.
MUST_USE fault_t value_from_json (arena_t *arena, const char *text, size_t size, const value_t **out,
                                  const char **error);
// The same, and refuses what would take more than `memory` bytes of the arena.
MUST_USE fault_t value_from_json_within (arena_t *arena, const char *text, size_t size, size_t memory,
                                         const value_t **out, const char **error);

#endif
