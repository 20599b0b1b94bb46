/* yaml_scalar.c - plain scalars by the core schema of YAML 1.2 (chapter 10.3.2), which is what GitHub reads: `on`,
 * `yes` and `1_000` are strings, `True` is a boolean, 0o17 and 0x1F are numbers. */

#include "workflow/yaml/yaml_scalar.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *text;
    node_kind_t kind;
    bool boolean;
    double number;
} keyword_t;

// Those of YAML 1.2's core schema, as GitHub reads it. In 1.1 `on`, `yes` and `no` were booleans, and every workflow's `on:` one of them.
static const keyword_t keywords[] = {
    {"", NODE_NULL, false, 0},
    {"~", NODE_NULL, false, 0},
    {"null", NODE_NULL, false, 0},
    {"Null", NODE_NULL, false, 0},
    {"NULL", NODE_NULL, false, 0},
    {"true", NODE_BOOL, true, 0},
    {"True", NODE_BOOL, true, 0},
    {"TRUE", NODE_BOOL, true, 0},
    {"false", NODE_BOOL, false, 0},
    {"False", NODE_BOOL, false, 0},
    {"FALSE", NODE_BOOL, false, 0},
    {".inf", NODE_NUMBER, false, INFINITY},
    {".Inf", NODE_NUMBER, false, INFINITY},
    {".INF", NODE_NUMBER, false, INFINITY},
    {"+.inf", NODE_NUMBER, false, INFINITY},
    {"+.Inf", NODE_NUMBER, false, INFINITY},
    {"+.INF", NODE_NUMBER, false, INFINITY},
    {"-.inf", NODE_NUMBER, false, -INFINITY},
    {"-.Inf", NODE_NUMBER, false, -INFINITY},
    {"-.INF", NODE_NUMBER, false, -INFINITY},
    {".nan", NODE_NUMBER, false, NAN},
    {".NaN", NODE_NUMBER, false, NAN},
    {".NAN", NODE_NUMBER, false, NAN},
};

static bool resolve_keyword (node_t *self)
{
    for (size_t i = 0; i < sizeof (keywords) / sizeof (keywords[0]); i++)
        if (strlen (keywords[i].text) == self->size &&
            memcmp (keywords[i].text, self->text, self->size) == 0) {
            self->kind = keywords[i].kind;
            self->boolean = keywords[i].boolean;
            self->number = keywords[i].number;
            return true;
        }
    return false;
}

static bool resolve_radix (node_t *self)
{
    const char *text = self->text;
    int radix = strncmp (text, "0x", 2) == 0 ? 16 : strncmp (text, "0o", 2) == 0 ? 8 : 0;
    if (radix == 0 || self->size < 3)
        return false;
    double number = 0;
    for (const char *p = text + 2; *p; p++) {
        int digit = isdigit ((unsigned char) *p)    ? *p - '0'
                    : isxdigit ((unsigned char) *p) ? (*p | 32) - 'a' + 10
                                                    : 99;
        if (digit >= radix)
            return false;
        number = number * radix + digit;
    }
    self->kind = NODE_NUMBER;
    self->number = number;
    return true;
}

static const char *skip_digits (const char *p)
{
    while (isdigit ((unsigned char) *p))
        p++;
    return p;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
static bool is_decimal (const char *p)
{
    p += *p == '-' || *p == '+';
    const char *whole = p;
    p = skip_digits (p);
    bool digits = p > whole;
    if (*p == '.') {
        const char *fraction = ++p;
        p = skip_digits (p);
        digits = digits || p > fraction;
    }
    if (!digits)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        const char *exponent = p;
        p = skip_digits (p);
        if (p == exponent)
            return false;
    }
    return *p == '\0';
}

// Digits with a sign, or 0x and 0o: what !!int takes, while !!float takes all but the latter.
static bool is_integer (const node_t *self, bool radix)
{
    bool sign = *self->text == '-' || *self->text == '+';
    return radix || self->text[sign + strspn (self->text + sign, "0123456789")] == '\0';
}

bool yaml_scalar_resolve_as (node_t *self, const char *tag)
{
    self->kind = NODE_STRING;
    if (strcmp (tag, "str") == 0)
        return true;
    yaml_scalar_resolve (self);
    bool radix = strncmp (self->text, "0x", 2) == 0 || strncmp (self->text, "0o", 2) == 0;
    if (strcmp (tag, "null") == 0)
        return self->kind == NODE_NULL;
    if (strcmp (tag, "bool") == 0)
        return self->kind == NODE_BOOL;
    if (strcmp (tag, "int") == 0)
        return self->kind == NODE_NUMBER && is_integer (self, radix);
    return strcmp (tag, "float") == 0 && self->kind == NODE_NUMBER && !radix;
}

void yaml_scalar_resolve (node_t *self)
{
    self->kind = NODE_STRING;
    bool has_nul = strlen (self->text) != self->size;
    // The comparisons below would stop at the NUL
    if (has_nul || resolve_keyword (self) || resolve_radix (self))
        return;
    if (is_decimal (self->text)) {
        self->kind = NODE_NUMBER;
        self->number = strtod (self->text, NULL);
    }
}
