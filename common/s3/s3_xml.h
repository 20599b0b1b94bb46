/* s3_xml.h - what a store says in XML: single values by their names, and rows of a list. Pure functions; strict, within bounds. */

#ifndef OPENCICD_S3_XML_H
#define OPENCICD_S3_XML_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>

#define S3_XML_VALUE  2048 // Bytes of a value; longer ones are cut
#define S3_XML_FIELDS 8

typedef struct {
    const char *fields[S3_XML_FIELDS]; // Of each name; "" where it is missing
} s3_xml_row_t;

// Adds a row for each element `row`, with what is directly in its elements `names`, which end with NULL. No row more than `most`, which
// *more says. INVALID where it is not well formed. `row` may be the outermost element, whatever its name, as "*".
MUST_USE fault_t s3_xml_rows (turn_t *turn, const char *text, size_t size, const char *row,
                              const char *const *names, size_t most, s3_xml_row_t **rows, size_t *count,
                              bool *more);
// A single value, the first of that name at any depth; "" where there is none or it is not XML.
const char *s3_xml_value (arena_t *arena, const char *text, size_t size, const char *name);

#endif
