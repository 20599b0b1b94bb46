/* mask_forms.c - see mask_forms.h. One row a form; a form is written into a buffer that the largest of them fits. */

#include "agent/engine/output/mask_forms.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GROWTH     6 // Of a byte in the longest form: "\u001f", "&quot;"
#define SHORT      4 // Bytes: base64 of less would cover half of every log
#define HALF       6 // A part of a secret that PowerShell cut at & is covered from so many bytes on
#define ALPHABET   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define STANDARD64 ALPHABET "+/"
#define URL64      ALPHABET "-_"

typedef struct {
    const char *value;
    size_t size;
    char *form;
    size_t length;
    mask_form_fn add;
    void *self;
    fault_t fault;
    bool has_signs; // + or / in base64
} forms_t;

static void put (forms_t *self, const char *text)
{
    size_t size = strlen (text);
    memcpy (self->form + self->length, text, size);
    self->length += size;
}

static void put_byte (forms_t *self, char byte)
{
    self->form[self->length++] = byte;
}

static void give (forms_t *self)
{
    bool same = self->length == self->size && memcmp (self->form, self->value, self->size) == 0;
    if (!self->fault && self->length && !same)
        self->fault = self->add (self->self, self->form, self->length);
    self->length = 0;
}

static bool is_plain (char byte)
{
    char letter = (char) (byte | 32);
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
           byte == '.' || byte == '~';
}

// ---- base64

// With so many bytes before it: the characters that the value alone decides, or with those that end the text.
static void encode64 (forms_t *self, size_t before, const char *alphabet, bool ends)
{
    static const unsigned skipped[] = {0, 4, 2}; // Bits that share a character with what is before
    unsigned bits = (unsigned char) self->value[0] & (0xffu >> skipped[before]), have = 8 - skipped[before];
    for (size_t i = 0;;) {
        for (; have >= 6; have -= 6)
            put_byte (self, alphabet[bits >> (have - 6) & 63]);
        bits &= (1u << have) - 1;
        if (++i == self->size)
            break;
        bits = bits << 8 | (unsigned char) self->value[i];
        have += 8;
    }
    if (ends && have)
        put_byte (self, alphabet[bits << (6 - have) & 63]);
    for (size_t i = before + self->size; ends && i % 3; i++)
        put_byte (self, '=');
    if (self->length < SHORT)
        self->length = 0;
    self->has_signs =
        self->has_signs || memchr (self->form, '+', self->length) || memchr (self->form, '/', self->length);
    give (self);
}

static void base64 (forms_t *self)
{
    static const char *const alphabets[] = {STANDARD64, URL64};
    for (size_t i = 0; i == 0 || (i == 1 && self->has_signs); i++) // Else both are the same
        for (size_t before = 0; before < 3; before++) {
            encode64 (self, before, alphabets[i], false);
            encode64 (self, before, alphabets[i], true);
        }
}

// ---- one byte after the other

#define UPPER "0123456789ABCDEF"
#define LOWER "0123456789abcdef"

// Bytes of `special` become the text at their place; control characters and what is not plain, two digits after a text.
typedef struct {
    const char *special;
    const char *const *texts;
    const char *control, *other; // NULL: they stay
    const char *digits;
} escape_t;

static const char *before_digits (const escape_t *rule, char byte)
{
    if ((unsigned char) byte < ' ' && rule->control)
        return rule->control;
    return rule->other && !is_plain (byte) ? rule->other : NULL;
}

static void escape (forms_t *self, const escape_t *rule)
{
    for (size_t i = 0; i < self->size; i++) {
        unsigned char byte = (unsigned char) self->value[i];
        const char *special = byte ? strchr (rule->special, byte) : NULL;
        const char *before = before_digits (rule, self->value[i]);
        if (special)
            put (self, rule->texts[special - rule->special]);
        else if (before) {
            put (self, before);
            put_byte (self, rule->digits[byte >> 4]);
            put_byte (self, rule->digits[byte & 15]);
        } else
            put_byte (self, self->value[i]);
    }
    give (self);
}

static void escapes (forms_t *self)
{
    static const char *const json[] = {"\\\"", "\\\\", "\\b", "\\f", "\\n", "\\r", "\\t"};
    static const char *const xml[] = {"&lt;", "&gt;", "&quot;", "&apos;", "&amp;"};
    static const char *const argument[] = {"\\\""}, *const expression[] = {"''"};
    static const char *const shell[] = {"'\\''"}, *const query[] = {"+"};
    static const escape_t rules[] = {{"\"\\\b\f\n\r\t", json, "\\u00", NULL, LOWER},
                                     {"<>\"'&", xml, NULL, NULL, NULL},
                                     {"\"", argument, NULL, NULL, NULL},
                                     {"'", expression, NULL, NULL, NULL},
                                     {"'", shell, NULL, NULL, NULL},
                                     {"", NULL, NULL, "%", UPPER},
                                     {"", NULL, NULL, "%", LOWER},
                                     {" ", query, NULL, "%", UPPER}};
    size_t plain = 0;
    while (plain < self->size && is_plain (self->value[plain]))
        plain++;
    for (size_t i = 0; plain < self->size && i < sizeof (rules) / sizeof (rules[0]); i++)
        escape (self, rules + i);
}

// ---- parts

static void part (forms_t *self, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        put_byte (self, self->value[i]);
    give (self);
}

// PowerShell prints a command that it could not run in parts, cut at an &, or at the letter after &+, which it colours.
static void powershell (forms_t *self)
{
    const char *plus = memmem (self->value, self->size, "&+", 2),
               *last = memrchr (self->value, '&', self->size);
    if (!last)
        return;
    size_t end = plus ? (size_t) (plus - self->value) + 2 : (size_t) (last - self->value) + 1;
    size_t next = plus ? end + 1 : end;
    if (end >= HALF)
        part (self, 0, end);
    if (next + HALF <= self->size)
        part (self, next, self->size);
}

static void unquoted (forms_t *self)
{
    if (self->size > 8 && self->value[0] == '"' && self->value[self->size - 1] == '"')
        part (self, 1, self->size - 1);
}

fault_t mask_forms (const char *value, size_t size, mask_form_fn add, void *add_self)
{
    forms_t self = {.value = value, .size = size, .add = add, .self = add_self};
    if (size == 0 || size > MASK_FORM_FROM)
        return OK;
    self.form = malloc (size * GROWTH + 4);
    if (!self.form)
        abort ();
    base64 (&self);
    escapes (&self);
    powershell (&self);
    unquoted (&self);
    explicit_bzero (self.form, size * GROWTH + 4);
    free (self.form);
    return self.fault;
}
