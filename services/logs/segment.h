/* segment.h - makes a segment from chunks and stores it in the blob store: a background task.
 *
 * Small chunks, of a job that prints slowly, are packed anew into frames of about PIECE_MAX; large ones are copied. */

#ifndef OPENCICD_LOGS_SEGMENT_H
#define OPENCICD_LOGS_SEGMENT_H

#include "services/logs/archive_store.h"

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    log_row_t row;     // Job, attempt
    pieces_t chunks;   // What it is made of, without a gap
    segment_t segment; // Its key is given, the rest is made
    due_t due;         // Where the log stands among those that are due
    fault_t fault;
} making_t;

void segment_make (void *making);

#endif
