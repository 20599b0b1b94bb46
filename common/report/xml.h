/* xml.h - a strict reader of the XML that reports are written in: elements, attributes, text, CDATA, comments; one event after the other.
 *
 * It is not all of XML, on purpose: a document type, and with it entities of its own, is refused, as is any encoding but UTF-8. No tree is
 * built; nesting is bounded. Source: W3C, Extensible Markup Language (XML) 1.0, fifth edition. */

#ifndef OPENCICD_XML_H
#define OPENCICD_XML_H

#include "common/base/arena.h"

#include <stdbool.h>

#define XML_DEPTH      64 // Elements within one another
#define XML_ATTRIBUTES 32 // Of one element

typedef struct {
    const char *text;
    size_t size;
} xml_span_t;

typedef enum { XML_OPEN, XML_CLOSE, XML_TEXT, XML_END, XML_WRONG } xml_event_t;

typedef struct {
    const char *text, *at, *end;
    const char *error;                                       // Of XML_WRONG
    xml_span_t name;                                         // Of what opened or closed
    xml_span_t keys[XML_ATTRIBUTES], values[XML_ATTRIBUTES]; // Of what opened, as they are written
    size_t attributes;
    xml_span_t said; // The text, as it is written; decoded by xml_decode() unless it is `plain`
    bool plain;      // CDATA
    xml_span_t open[XML_DEPTH];
    size_t depth;
    bool closes; // The element that opened last is empty
    bool rooted; // There was one
} xml_t;

void xml_begin (xml_t *self, const char *text, size_t size); // Borrows it
xml_event_t xml_next (xml_t *self);
size_t xml_line (const xml_t *self); // From 1
bool xml_is (xml_span_t span, const char *text);
// An attribute's value, decoded; "" where there is none.
const char *xml_attribute (const xml_t *self, arena_t *arena, const char *key, size_t most);
// With its references replaced, at most `most` bytes, trimmed; what is not a reference stays as it is.
const char *xml_decode (arena_t *arena, xml_span_t span, size_t most);

#endif
