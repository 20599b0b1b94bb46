/* nearest.h - "did you mean ...?": the candidate that a misspelt word is closest to. */

#ifndef OPENCICD_NEAREST_H
#define OPENCICD_NEAREST_H

#include <stddef.h>

#define NEAREST_LENGTH 60 // Longer words are not compared

typedef struct {
    const char *word;
    const char *best; // NULL: none is close enough
    size_t distance;
} nearest_t;

void nearest_begin (nearest_t *self, const char *word);
void nearest_offer (nearest_t *self, const char *candidate);

#endif
