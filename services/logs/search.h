/* search.h - finds lines in a whole log: a pure function over pieces and the blob store, run by a helper thread.
 *
 * One engine for literal text and regular expressions: PCRE2 with its compiler, line by line. Colour codes are taken out of
 * a line before it is matched; bytes that are not UTF-8 match nothing but themselves. A line longer than SEARCH_LINE is matched in parts
 * that overlap by SEARCH_OVERLAP. A pattern that needs too many steps ends with INVALID, a search that takes too long with TIMEOUT.
 *
 * Patterns come from anyone who may read a log. PCRE2's verbs, "(*NO_JIT)" and the like, which change how the engine works, are
 * refused; steps, depth and memory of the engine are bounded; the clock is checked within a line, too. */

#ifndef OPENCICD_LOGS_SEARCH_H
#define OPENCICD_LOGS_SEARCH_H

#include "common/base/clock.h"
#include "proto/messages.h"
#include "services/logs/log_store.h"

#define SEARCH_LINE    (32 << 10) // Bytes of a line that are matched at once: some patterns take their square
#define SEARCH_OVERLAP (4 << 10)  // A longer match may be missed where a part ends
#define SEARCH_STEPS   1000000    // Of the engine for one line
#define SEARCH_DEPTH   10000      // Of nested backtracking, where the pattern cannot be compiled
#define SEARCH_TIME    SECONDS (8) // For a whole log
#define SEARCH_LISTED  (4 << 20)   // Bytes of the lines that are listed in one answer

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    pieces_t pieces; // The whole log
    marks_t marks;
    log_search_t ask; // Strings in the arena; limit not 0
    int64_t
        until_us; // Monotonic; OVERLOADED where it has passed before the search begins, TIMEOUT after that
    log_matches_t matches;
    fault_t fault;
} log_match_run_t;

void search_run (void *search); // Fills `matches` or `fault`

// Where a regular expression asks for a verb, "(*", but not as text: "\\(*", "[(*]", "\\Q(*\\E". NULL for none.
const char *search_verb (const char *pattern);

// Takes the colour codes and other escape sequences out of a line, in place; gives its new size. Source: ECMA-48, 5.4.
size_t without_escapes (char *line, size_t size);

#endif
