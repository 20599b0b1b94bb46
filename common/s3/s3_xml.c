/* s3_xml.c - see s3_xml.h. */

#include "common/s3/s3_xml.h"

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
    const char *more = self->xml.plain ? arena_strndup (arena, said->text, said->size)
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

fault_t s3_xml_rows (turn_t *turn, const char *text, size_t size, const char *row, const char *const *names,
                     size_t most, s3_xml_row_t **rows, size_t *count, bool *more)
{
    s3_reading_t reading = {.text = ""};
    size_t capacity = 0, within = 0; // Depth of the open row; 0: none
    *rows = NULL;
    *count = 0;
    *more = false;
    xml_begin (&reading.xml, text, size);
    for (;;) {
        xml_event_t event = xml_next (&reading.xml);
        bool any = *row == '*' && reading.xml.depth == 1;
        if (event == XML_END)
            return OK;
        if (event == XML_WRONG)
            return turn_fail (turn, INVALID, "its XML is not well formed: line %zu: %s",
                              xml_line (&reading.xml), reading.xml.error);
        if (event == XML_OPEN && within == 0 && (any || xml_is (reading.xml.name, row))) {
            *more = *count == most;
            if (*more)
                return OK;
            *rows = arena_grow (turn->arena, *rows, *count, &capacity, sizeof **rows);
            within = reading.xml.depth;
            for (size_t i = 0; i < S3_XML_FIELDS; i++)
                (*rows)[*count].fields[i] = "";
            ++*count;
        } else if (event == XML_CLOSE && within && reading.xml.depth == within) {
            keep (&reading, names, &(*rows)[*count - 1]);
        } else if (event == XML_CLOSE && within && reading.xml.depth < within) {
            within = 0;
        } else if (event == XML_TEXT) {
            take_said (&reading, turn->arena);
            continue;
        }
        reading.text = "";
        reading.size = 0;
    }
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
