/* value_json.c - values as JSON, byte for byte as GitHub's toJSON prints them where it is indented.
 *
 * Its escapes are few: quote, backslash, controls, and U+0085, U+2028, U+2029. All else stays as it is. */

#include "workflow/expression/text.h"
#include "workflow/expression/value.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    buffer_t *out;
    int indent;
} printer_t;

static const char *short_escape (unsigned char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

static void print_string (printer_t *self, const char *text, size_t size)
{
    size_t plain = 0, length;
    buffer_putc (self->out, '"');
    for (size_t at = 0; at < size; at += length) {
        uint32_t character = text_decode (text + at, size - at, &length);
        const char *escape = character < 0x80 ? short_escape ((unsigned char) character) : NULL;
        if (!escape && character >= 0x20 && character != 0x85 && character != 0x2028 && character != 0x2029)
            continue;
        buffer_add (self->out, text + plain, at - plain);
        if (escape)
            buffer_puts (self->out, escape);
        else
            buffer_printf (self->out, "\\u%04x", (unsigned int) character);
        plain = at + length;
    }
    buffer_add (self->out, text + plain, size - plain);
    buffer_putc (self->out, '"');
}

static void print_number (printer_t *self, double number)
{
    char text[VALUE_NUMBER_TEXT];
    value_print_number (number, text);
    // Indented is toJSON(), which prints as GitHub does: 15 digits, and NaN by name. What is stored is read again, and must
    // be the same number then, and JSON
    if (self->indent) {
        buffer_puts (self->out, text);
        return;
    }
    if (!isfinite (number))
        buffer_puts (self->out, "null");
    else if (value_parse_number (text, strlen (text)) == number)
        buffer_puts (self->out, text);
    else
        buffer_printf (self->out, "%.17g", number);
}

static void new_line (printer_t *self, int level)
{
    if (self->indent)
        buffer_printf (self->out, "\n%*s", level * self->indent, "");
}

static void print (printer_t *self, const value_t *value, int level);

static void print_list (printer_t *self, const value_t *list, int level)
{
    bool object = list->kind == VALUE_OBJECT;
    buffer_putc (self->out, object ? '{' : '[');
    for (size_t i = 0; i < list->list.count; i++) {
        if (i)
            buffer_putc (self->out, ',');
        new_line (self, level + 1);
        if (object) {
            print_string (self, list->list.keys[i], strlen (list->list.keys[i]));
            buffer_puts (self->out, self->indent ? ": " : ":");
        }
        print (self, list->list.items[i], level + 1);
    }
    if (list->list.count)
        new_line (self, level);
    buffer_putc (self->out, object ? '}' : ']');
}

static void print (printer_t *self, const value_t *value, int level)
{
    switch (value->kind) {
    case VALUE_NULL: buffer_puts (self->out, "null"); break;
    case VALUE_BOOL: buffer_puts (self->out, value->boolean ? "true" : "false"); break;
    case VALUE_NUMBER: print_number (self, value->number); break;
    case VALUE_STRING: print_string (self, value->string.text, value->string.size); break;
    case VALUE_ARRAY:
    case VALUE_OBJECT: print_list (self, value, level); break;
    }
}

void value_print_json (buffer_t *out, const value_t *self, int indent)
{
    printer_t printer = {.out = out, .indent = indent};
    print (&printer, self, 0);
}

const char *value_to_json (arena_t *arena, const value_t *self, int indent)
{
    buffer_t *out = buffer_new (SIZE_MAX / 4);
    value_print_json (out, self, indent);
    const char *text = arena_copy (arena, buffer_text (out), buffer_size (out));
    buffer_destroy (&out);
    return text;
}
