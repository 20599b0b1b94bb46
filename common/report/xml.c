/* xml.c - see xml.h. */

#include "common/report/xml.h"

#include "common/report/test_report.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS    " \t\r\n"
#define NAME_ENDS " \t\r\n/>=<\"'&"
#define REFERENCE 10 // Characters between & and ;, at most

void xml_begin (xml_t *self, const char *text, size_t size)
{
    *self = (xml_t){.text = text, .at = text, .end = text + size};
    if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
        self->at += 3;
}

size_t xml_line (const xml_t *self)
{
    size_t line = 1;
    for (const char *at = self->text; at < self->at; at++)
        line += *at == '\n';
    return line;
}

bool xml_is (xml_span_t span, const char *text)
{
    return span.size == strlen (text) && memcmp (span.text, text, span.size) == 0;
}

static xml_event_t wrong (xml_t *self, const char *error)
{
    self->error = error;
    return XML_WRONG;
}

static bool take (xml_t *self, const char *text)
{
    size_t size = strlen (text);
    if ((size_t) (self->end - self->at) < size || memcmp (self->at, text, size) != 0)
        return false;
    self->at += size;
    return true;
}

// Up to this text, and past it.
static bool take_until (xml_t *self, const char *text, xml_span_t *out)
{
    const char *found = memmem (self->at, (size_t) (self->end - self->at), text, strlen (text));
    if (!found)
        return false;
    *out = (xml_span_t){self->at, (size_t) (found - self->at)};
    self->at = found + strlen (text);
    return true;
}

static bool is_in (char c, const char *set)
{
    return c && strchr (set, c);
}

static void skip_blanks (xml_t *self)
{
    while (self->at < self->end && is_in (*self->at, BLANKS))
        self->at++;
}

static bool take_name (xml_t *self, xml_span_t *out)
{
    const char *begin = self->at;
    while (self->at < self->end && *self->at && !is_in (*self->at, NAME_ENDS))
        self->at++;
    *out = (xml_span_t){begin, (size_t) (self->at - begin)};
    return out->size > 0;
}

static const char *take_attribute (xml_t *self)
{
    xml_span_t key, value;
    if (!take_name (self, &key))
        return "an attribute has no name";
    skip_blanks (self);
    if (!take (self, "="))
        return "an attribute has no value";
    skip_blanks (self);
    const char *quote = take (self, "\"") ? "\"" : take (self, "'") ? "'" : NULL;
    if (!quote || !take_until (self, quote, &value))
        return "an attribute's value is not in quotes";
    if (memchr (value.text, '<', value.size))
        return "an attribute's value holds a <";
    if (self->attributes == XML_ATTRIBUTES)
        return "an element has more than 32 attributes";
    self->keys[self->attributes] = key;
    self->values[self->attributes++] = value;
    return NULL;
}

static xml_event_t open_element (xml_t *self)
{
    self->attributes = 0;
    if (!take_name (self, &self->name))
        return wrong (self, "an element has no name");
    if (self->depth == XML_DEPTH)
        return wrong (self, "elements are more than 64 deep");
    if (self->depth == 0 && self->rooted)
        return wrong (self, "there is more than one outermost element");
    for (;;) {
        skip_blanks (self);
        self->closes = take (self, "/>");
        if (self->closes || take (self, ">"))
            break;
        const char *error = take_attribute (self);
        if (error)
            return wrong (self, error);
    }
    self->rooted = true;
    self->open[self->depth++] = self->name;
    return XML_OPEN;
}

static xml_event_t close_element (xml_t *self)
{
    if (!take_name (self, &self->name))
        return wrong (self, "an element has no name");
    skip_blanks (self);
    if (!take (self, ">"))
        return wrong (self, "an end of an element is not closed");
    xml_span_t *open = self->depth ? &self->open[self->depth - 1] : NULL;
    if (!open || open->size != self->name.size || memcmp (open->text, self->name.text, open->size) != 0)
        return wrong (self, "an element ends that did not begin");
    self->depth--;
    return XML_CLOSE;
}

static xml_event_t take_text (xml_t *self)
{
    const char *less = memchr (self->at, '<', (size_t) (self->end - self->at));
    const char *upto = less ? less : self->end;
    self->said = (xml_span_t){self->at, (size_t) (upto - self->at)};
    self->plain = false;
    for (const char *at = self->at; self->depth == 0 && at < upto; at++)
        if (!is_in (*at, BLANKS))
            return wrong (self, "there is text outside of the outermost element");
    self->at = upto;
    return XML_TEXT;
}

static bool is_other_encoding (xml_span_t declaration)
{
    const char *found = memmem (declaration.text, declaration.size, "encoding", 8);
    if (!found)
        return false;
    size_t left = declaration.size - (size_t) (found - declaration.text);
    char value[32] = "";
    memcpy (value, found, left < sizeof value - 1 ? left : sizeof value - 1);
    return !strcasestr (value, "utf-8") && !strcasestr (value, "utf8") && !strcasestr (value, "ascii");
}

// Past a comment or an instruction; *error where there was one that is wrong.
static bool pass_over (xml_t *self, const char **error)
{
    xml_span_t passed;
    bool comment = take (self, "<!--");
    if (!comment && !take (self, "<?"))
        return false;
    if (!take_until (self, comment ? "-->" : "?>", &passed))
        *error = comment ? "a comment does not end" : "an instruction does not end";
    else if (!comment && is_other_encoding (passed))
        *error = "its encoding is not UTF-8";
    return true;
}

static xml_event_t take_cdata (xml_t *self)
{
    self->plain = true;
    return take_until (self, "]]>", &self->said) ? XML_TEXT : wrong (self, "a CDATA section does not end");
}

static xml_event_t take_markup (xml_t *self)
{
    if (self->depth > 0 && take (self, "<![CDATA["))
        return take_cdata (self);
    if (take (self, "<!"))
        return wrong (self, "a document type is refused");
    if (take (self, "</"))
        return close_element (self);
    self->at++;
    return open_element (self);
}

xml_event_t xml_next (xml_t *self)
{
    const char *error = NULL;
    if (self->closes) {
        self->closes = false;
        self->depth--;
        return XML_CLOSE;
    }
    while (self->at < self->end) {
        if (*self->at != '<')
            return take_text (self);
        if (!pass_over (self, &error))
            return take_markup (self);
        if (error)
            return wrong (self, error);
    }
    if (self->depth > 0 || !self->rooted)
        return wrong (self, "it ends before its outermost element does");
    return XML_END;
}

// ---- references ----

static const struct {
    const char *name;
    char is;
} names[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

static size_t put_utf8 (char *into, unsigned long code)
{
    if (code < 0x80) {
        into[0] = (char) code;
        return 1;
    }
    if (code < 0x800) {
        into[0] = (char) (0xc0 | code >> 6);
        into[1] = (char) (0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        into[0] = (char) (0xe0 | code >> 12);
        into[1] = (char) (0x80 | (code >> 6 & 0x3f));
        into[2] = (char) (0x80 | (code & 0x3f));
        return 3;
    }
    into[0] = (char) (0xf0 | code >> 18);
    into[1] = (char) (0x80 | (code >> 12 & 0x3f));
    into[2] = (char) (0x80 | (code >> 6 & 0x3f));
    into[3] = (char) (0x80 | (code & 0x3f));
    return 4;
}

// Bytes that the reference at `at` has, and what it stands for; 0 where it is none. It is never shorter than that.
static size_t reference (const char *at, size_t left, char into[4], size_t *put)
{
    char name[REFERENCE + 1] = "";
    const char *end = memchr (at, ';', left < REFERENCE + 2 ? left : REFERENCE + 2);
    size_t size = end ? (size_t) (end - at) - 1 : 0;
    if (size == 0 || size > REFERENCE)
        return 0;
    memcpy (name, at + 1, size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp (name, names[i].name) == 0) {
            into[0] = names[i].is;
            *put = 1;
            return size + 2;
        }
    char *rest;
    bool hex = name[1] == 'x';
    unsigned long code = name[0] == '#' ? strtoul (name + 1 + hex, &rest, hex ? 16 : 10) : 0;
    if (code == 0 || *rest || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *put = put_utf8 (into, code);
    return size + 2;
}

const char *xml_decode (arena_t *arena, xml_span_t span, size_t most)
{
    size_t looked = span.size < 8 * most ? span.size : 8 * most;
    char *made = arena_alloc (arena, looked + 4);
    size_t size = 0;
    for (size_t i = 0; i < looked;) {
        size_t put = 1,
               taken = span.text[i] == '&' ? reference (span.text + i, span.size - i, made + size, &put) : 0;
        if (taken == 0)
            made[size] = span.text[i];
        size += taken ? put : 1;
        i += taken ? taken : 1;
    }
    return test_report_text (arena, made, size, most);
}

const char *xml_attribute (const xml_t *self, arena_t *arena, const char *key, size_t most)
{
    for (size_t i = 0; i < self->attributes; i++)
        if (xml_is (self->keys[i], key))
            return xml_decode (arena, self->values[i], most);
    return "";
}
