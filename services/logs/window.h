/* window.h - cuts a window out of pieces of a log: a pure function over values and the blob store.
 *
 * A window ends at the end of a line, unless the log ends there so far or one line is longer than a window. */

#ifndef OPENCICD_LOGS_WINDOW_H
#define OPENCICD_LOGS_WINDOW_H

#include "proto/messages.h"
#include "services/logs/piece.h"

#include <stdbool.h>

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    pieces_t pieces;  // From the one in which the window begins; may reach too far
    int64_t skip;     // Begins after this many newlines of the log; -1: at `offset`
    int64_t offset;   // Where it begins
    int64_t end;      // No byte from here on
    bool final;       // Nothing will come after the end
    size_t lines;     // At most this many; 0 for no limit
    uint32_t attempt; // For the answer, as are the next three
    int64_t size;
    int64_t newlines;
    int64_t total_lines;
    size_t found; // Lines so far
    log_window_t window;
    fault_t fault;
} window_t;

void window_cut (void *window); // Fills `window` (but for the step) or `fault`

#endif
