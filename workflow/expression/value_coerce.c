/* value_coerce.c - what a value is as a boolean, number or text, and when two are equal.
 *
 * The rules are JavaScript's loose ones with three differences that GitHub documents: strings compare without case,
 * lists are never turned into primitives, and an octal is written 0o. */

#include "workflow/expression/text.h"
#include "workflow/expression/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_STACK 64 // A decimal up to this long needs no copy on the heap

static size_t digits (const char *text, size_t size, size_t at)
{
    while (at < size && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

// [sign] digits [. digits] [e [sign] digits], with a digit before or after the point.
static bool is_decimal (const char *text, size_t size)
{
    size_t start = size && (text[0] == '-' || text[0] == '+');
    size_t at = digits (text, size, start);
    size_t seen = at - start;
    if (at < size && text[at] == '.') {
        size_t end = digits (text, size, at + 1);
        seen += end - at - 1;
        at = end;
    }
    if (!seen)
        return false;
    if (at < size && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < size && (text[at] == '-' || text[at] == '+'))
            at++;
        size_t end = digits (text, size, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == size;
}

static double decimal (const char *text, size_t size)
{
    char stack[DECIMAL_STACK + 1];
    char *copy = size > DECIMAL_STACK ? malloc (size + 1) : stack;
    if (!copy)
        abort ();
    // strtod needs a NUL, and reads more than GitHub does (hexadecimal, "inf"): only what is_decimal took comes here
    memcpy (copy, text, size);
    copy[size] = 0;
    double number = strtod (copy, NULL);
    if (copy != stack)
        free (copy);
    return number;
}

static int digit_value (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

// GitHub reads these into 32 bits with a sign: 0xffffffff is -1, and what has more bits is not a number.
static double radix (const char *text, size_t size, int base)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = digit_value (text[i]);
        if (digit >= base)
            return NAN;
        number = number * (uint64_t) base + (uint64_t) digit;
        if (number > UINT32_MAX)
            return NAN;
    }
    return (double) (int32_t) (uint32_t) number;
}

static bool is (const char *text, size_t size, const char *word)
{
    return size == strlen (word) && memcmp (text, word, size) == 0;
}

double value_parse_number (const char *text, size_t size)
{
    text_trim (&text, &size);
    if (size == 0)
        return 0;
    if (is_decimal (text, size))
        return decimal (text, size);
    if (size > 2 && text[0] == '0' && text[1] == 'x')
        return radix (text + 2, size - 2, 16);
    if (size > 2 && text[0] == '0' && text[1] == 'o')
        return radix (text + 2, size - 2, 8);
    if (is (text, size, "Infinity") || is (text, size, "+Infinity"))
        return INFINITY;
    if (is (text, size, "-Infinity"))
        return -INFINITY;
    return NAN;
}

void value_print_number (double number, char out[VALUE_NUMBER_TEXT])
{
    if (isnan (number))
        snprintf (out, VALUE_NUMBER_TEXT, "NaN");
    else if (isinf (number))
        snprintf (out, VALUE_NUMBER_TEXT, number > 0 ? "Infinity" : "-Infinity");
    else
        snprintf (out, VALUE_NUMBER_TEXT, "%.15G", number == 0 ? 0.0 : number); // Never "-0"
}

bool value_truthy (const value_t *self)
{
    switch (self->kind) {
    case VALUE_NULL: return false;
    case VALUE_BOOL: return self->boolean;
    case VALUE_NUMBER: return self->number != 0 && !isnan (self->number);
    case VALUE_STRING: return self->string.size > 0;
    case VALUE_ARRAY:
    case VALUE_OBJECT: return true;
    }
    return false;
}

double value_to_number (const value_t *self)
{
    switch (self->kind) {
    case VALUE_NULL: return 0;
    case VALUE_BOOL: return self->boolean;
    case VALUE_NUMBER: return self->number;
    case VALUE_STRING: return value_parse_number (self->string.text, self->string.size);
    case VALUE_ARRAY:
    case VALUE_OBJECT: return NAN;
    }
    return NAN;
}

const char *value_to_text (arena_t *arena, const value_t *self)
{
    switch (self->kind) {
    case VALUE_NULL: return "";
    case VALUE_BOOL: return self->boolean ? "true" : "false";
    case VALUE_NUMBER: {
        char *text = arena_alloc (arena, VALUE_NUMBER_TEXT);
        value_print_number (self->number, text);
        return text;
    }
    case VALUE_STRING: return self->string.text;
    case VALUE_ARRAY: return "Array";
    case VALUE_OBJECT: return "Object";
    }
    return "";
}

// Both sides as numbers, where their kinds differ and both can be.
static bool as_numbers (const value_t *left, const value_t *right, double *a, double *b)
{
    if (!value_is_primitive (left) || !value_is_primitive (right))
        return false;
    *a = value_to_number (left);
    *b = value_to_number (right);
    return true;
}

bool value_equal (const value_t *left, const value_t *right)
{
    double a, b;
    if (left->kind != right->kind)
        return as_numbers (left, right, &a, &b) && a == b;
    switch (left->kind) {
    case VALUE_NULL: return true;
    case VALUE_BOOL: return left->boolean == right->boolean;
    case VALUE_NUMBER: return left->number == right->number;
    case VALUE_STRING:
        return text_equal (left->string.text, left->string.size, right->string.text, right->string.size);
    case VALUE_ARRAY:
    case VALUE_OBJECT: return left == right;
    }
    return false;
}

bool value_less (const value_t *left, const value_t *right)
{
    double a, b;
    if (left->kind != right->kind)
        return as_numbers (left, right, &a, &b) && a < b;
    switch (left->kind) {
    case VALUE_BOOL: return !left->boolean && right->boolean;
    case VALUE_NUMBER: return left->number < right->number;
    case VALUE_STRING:
        return text_compare (left->string.text, left->string.size, right->string.text, right->string.size) <
               0;
    case VALUE_NULL:
    case VALUE_ARRAY:
    case VALUE_OBJECT: return false;
    }
    return false;
}
