/* s3_xml.c - see s3_xml.h. */

#include "common/s3/s3_xml.h"

#include "common/base/utf8.h"
#include "common/report/xml.h"

#include <string.h>

typedef struct {
    xml_t xml;
    const char *text; // What the open element says so far
    size_t size;
} s3_reading_t;

// The text of an element may come in pieces, around CDATA.
static void take_said (s3_reading_t *self, arena_t *arena)
{
    const xml_span_t *said = &self->xml.said;
    const char *more = self->xml.plain ? utf8_repair (arena, said->text, said->size, S3_XML_VALUE)
                                       : xml_decode (arena, *said, S3_XML_VALUE);
    if (self->size + strlen (more) > S3_XML_VALUE)
        return;
    self->text = *self->text ? arena_printf (arena, "%s%s", self->text, more) : more;
    self->size = strlen (self->text);
}

static void keep (s3_reading_t *self, const char *const *names, s3_xml_row_t *row)
{
    for (size_t i = 0; names[i]; i++)
        if (xml_is (self->xml.name, names[i]))
            row->fields[i] = self->text;
}

// What a reading of rows has so far.
typedef struct {
    const char *row;
    const char *const *names;
    size_t most;
    s3_xml_row_t *items;
    size_t count, capacity;
    size_t within; // Depth of the open row; 0: none
} row_list_t;

// An element opens. False: it is a row too many.
static bool open_row (row_list_t *self, const s3_reading_t *reading, arena_t *arena)
{
    bool outermost = *self->row == '*' && reading->xml.depth == 1;
    if (self->within || !(outermost || xml_is (reading->xml.name, self->row)))
        return true;
    if (self->count == self->most)
        return false;
    self->items = arena_grow (arena, self->items, self->count, &self->capacity, sizeof *self->items);
    self->within = reading->xml.depth;
    for (size_t i = 0; i < S3_XML_FIELDS; i++)
        self->items[self->count].fields[i] = "";
    self->count++;
    return true;
}

static void close_element (row_list_t *self, s3_reading_t *reading)
{
    if (self->within && reading->xml.depth == self->within)
        keep (reading, self->names, &self->items[self->count - 1]);
    if (reading->xml.depth < self->within)
        self->within = 0;
}

fault_t s3_xml_rows (turn_t *turn, const char *text, size_t size, const char *row, const char *const *names,
                     size_t most, s3_xml_row_t **rows, size_t *count, bool *more)
{
    s3_reading_t reading = {.text = ""};
    row_list_t list = {.row = row, .names = names, .most = most};
    xml_event_t event = XML_TEXT;
    *more = false;
    xml_begin (&reading.xml, text, size);
    while (!*more && (event = xml_next (&reading.xml)) != XML_END && event != XML_WRONG) {
        if (event == XML_TEXT) {
            take_said (&reading, turn->arena);
            continue;
        }
        if (event == XML_OPEN)
            *more = !open_row (&list, &reading, turn->arena);
        else
            close_element (&list, &reading);
        reading.text = "";
        reading.size = 0;
    }
    *rows = list.items;
    *count = list.count;
    return event == XML_WRONG ? turn_fail (turn, INVALID, "its XML is not well formed: line %zu: %s",
                                           xml_line (&reading.xml), reading.xml.error)
                              : OK;
}

const char *s3_xml_value (arena_t *arena, const char *text, size_t size, const char *name)
{
    s3_reading_t reading = {.text = ""};
    xml_begin (&reading.xml, text, size);
    for (;;) {
        xml_event_t event = xml_next (&reading.xml);
        if (event == XML_END || event == XML_WRONG)
            return "";
        if (event == XML_TEXT) {
            take_said (&reading, arena);
            continue;
        }
        if (event == XML_CLOSE && xml_is (reading.xml.name, name))
            return reading.text;
        reading.text = "";
        reading.size = 0;
    }
}
