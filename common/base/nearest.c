/* nearest.c - edit distance (Levenshtein, with neighbours swapped as one edit), case ignored. A candidate is close
 * enough where less than half of the word, and at most three letters, would have to change. */

#include "common/base/nearest.h"

#include <ctype.h>
#include <string.h>

static size_t min (size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance (const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NEAREST_LENGTH + 1];
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            int x = tolower ((unsigned char) a[i - 1]), y = tolower ((unsigned char) b[j - 1]);
            row[j] = min (min (above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower ((unsigned char) b[j - 2]) &&
                y == tolower ((unsigned char) a[i - 2]))
                row[j] = min (row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

void nearest_begin (nearest_t *self, const char *word)
{
    size_t size = strlen (word);
    *self = (nearest_t){.word = word, .distance = min (3, (size - (size > 0)) / 2) + 1};
}

void nearest_offer (nearest_t *self, const char *candidate)
{
    size_t a = strlen (self->word), b = strlen (candidate);
    if (a > NEAREST_LENGTH || b > NEAREST_LENGTH)
        return;
    size_t changes = distance (self->word, a, candidate, b);
    if (changes < self->distance) {
        self->distance = changes;
        self->best = candidate;
    }
}
