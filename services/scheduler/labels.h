/* labels.h - lists of short texts, and sets of labels, as one text.
 *
 * A list is stored as lines: "linux\nx64". As a set of labels it is lower case, sorted and without doubles, so that
 * equal sets are equal texts. `any` asks for nothing. */

#ifndef OPENCICD_SCHEDULER_LABELS_H
#define OPENCICD_SCHEDULER_LABELS_H

#include "common/arena.h"
#include "proto/message.h"

const char *lines_join (arena_t *arena, const strs_t *list);
strs_t lines_split (arena_t *arena, const char *text);
bool lines_have (const char *text, const char *line);

const char *labels_of (arena_t *arena, const char *const *items, size_t count);
bool labels_include (const char *offered, const char *asked); // Both as labels_of makes them
const char *labels_missing (arena_t *arena, const char *offered,
                            const char *asked); // The first; NULL for none
size_t labels_count (const char *text);

#endif
