/* strs.h - lists of short texts without line breaks, which are stored as one text, one per line. */

#ifndef OPENCICD_STRS_H
#define OPENCICD_STRS_H

#include "proto/message.h"

const char *strs_join (arena_t *arena, const strs_t *list); // "linux\nx64"
strs_t strs_split (arena_t *arena, const char *text);
bool strs_has (const strs_t *list, const char *text);

#endif
