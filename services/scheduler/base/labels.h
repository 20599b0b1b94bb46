/* labels.h - sets of labels, as one text.
 *
 * A set is a list as strs.h keeps it, lower case, sorted and without doubles, so that equal sets are equal texts. `any` asks for nothing. */

#ifndef OPENCICD_SCHEDULER_LABELS_H
#define OPENCICD_SCHEDULER_LABELS_H

#include "common/base/arena.h"
#include "proto/message.h"

const char *labels_of (arena_t *arena, const char *const *items, size_t count);
bool labels_include (const char *offered, const char *asked); // Both as labels_of makes them
const char *labels_missing (arena_t *arena, const char *offered,
                            const char *asked); // The first; NULL for none
uint64_t labels_mask (const char *text);        // A set that includes another has all the bits of its mask

// A set of labels as it is asked for by those that wait, or offered by those that are idle.
typedef struct {
    const char *labels;
    uint64_t mask;
    int64_t priority, since; // Of those that wait: the highest, the longest
} label_set_t;

typedef struct {
    label_set_t *items;
    size_t count;
} label_sets_t;

#define SETS_AT_ONCE 16 // Of one statement, and so of one pass of the matcher

// A few of them, for `labels in ($1, ... $16)`.
typedef struct {
    label_set_t items[SETS_AT_ONCE];
    size_t count; // At least one
} set_page_t;

#define IN_SETS       "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
#define P_SET(of, at) P_STR ((of)->items[(at) < (of)->count ? (at) : 0].labels)
#define P_SETS(of)                                                                                           \
    P_SET (of, 0), P_SET (of, 1), P_SET (of, 2), P_SET (of, 3), P_SET (of, 4), P_SET (of, 5), P_SET (of, 6), \
        P_SET (of, 7), P_SET (of, 8), P_SET (of, 9), P_SET (of, 10), P_SET (of, 11), P_SET (of, 12),         \
        P_SET (of, 13), P_SET (of, 14), P_SET (of, 15)

// Up to as many texts, for `in ($1, ... $16)`; what is left over is neither a set of labels nor an id.
#define P_TEXT(of, at) P_STR ((at) < (of)->count ? (of)->items[at] : "\n")
#define P_TEXTS(of)                                                                                       \
    P_TEXT (of, 0), P_TEXT (of, 1), P_TEXT (of, 2), P_TEXT (of, 3), P_TEXT (of, 4), P_TEXT (of, 5),       \
        P_TEXT (of, 6), P_TEXT (of, 7), P_TEXT (of, 8), P_TEXT (of, 9), P_TEXT (of, 10), P_TEXT (of, 11), \
        P_TEXT (of, 12), P_TEXT (of, 13), P_TEXT (of, 14), P_TEXT (of, 15)

#endif
