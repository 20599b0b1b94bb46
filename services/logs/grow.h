/* grow.h - what a log becomes when bytes are added: a pure function, run by a helper thread where there are many. */

#ifndef OPENCICD_LOGS_GROW_H
#define OPENCICD_LOGS_GROW_H

#include "common/sha256.h"
#include "services/logs/piece.h"

#define LOG_INLINE 4096                // A log's last bytes up to so many are kept in its row
#define LOG_MAX    (INT64_C (8) << 30) // Bytes of one log

// How far a log is; what its row says.
typedef struct {
    int64_t size;
    int64_t newlines;
    bool midline;  // The last byte does not end a line
    uint32_t step; // Of the last byte
    int64_t archived;
    int64_t loose;
    const void *tail;
    size_t tail_size;
    sha256_t sha;
} extent_t;

typedef struct {
    arena_t *arena;
    extent_t was;
    const void *data;
    size_t size;
    extent_t is;     // After log_grow()
    pieces_t chunks; // To be added
} growth_t;

// Fills `is` and `chunks` from the rest. The step is left as it was.
void log_grow (void *growth);

// Bytes of all but the tail; newlines in them.
int64_t extent_stored (const extent_t *self);
int64_t extent_stored_newlines (const extent_t *self);
// Lines, the last one without an end counted.
int64_t extent_lines (const extent_t *self);

#endif
