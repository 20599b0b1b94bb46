/* grow.h - computes a log's new state when bytes are added: a pure function, run by a helper thread if there are many bytes. */

#ifndef OPENCICD_LOGS_GROW_H
#define OPENCICD_LOGS_GROW_H

#include "common/base/sha256.h"
#include "services/logs/piece.h"

#define LOG_INLINE 4096                // Up to this many of a log's last bytes are kept in its row
#define LOG_MAX    (INT64_C (8) << 30) // Bytes of one log

// The extent of a log, as in its row.
typedef struct {
    int64_t size;
    int64_t newlines;
    bool midline;  // The last byte does not end a line
    uint32_t step; // Of the last byte
    int64_t archived;
    int64_t loose;
    int64_t began_us, timed_us; // When its first byte was printed; the time of the latest mark or time entry
    const void *tail;
    size_t tail_size;
    sha256_t sha;
} extent_t;

// Where a step begins.
typedef struct {
    uint32_t step;
    int64_t start;
    int64_t before; // Newlines before it
    bool midline;   // It begins within a line
    int64_t at_us;
} mark_t;

typedef struct {
    mark_t *items;
    size_t count;
    size_t capacity;
} marks_t;

typedef struct {
    arena_t *arena;
    extent_t was, is; // `is` begins as `was`
    pieces_t chunks;  // To be added
    marks_t marks;    // Of steps that begin
    marks_t times;    // Where only time has passed
    // The bytes that are added by log_grow(), all of one step
    const void *data;
    size_t size;
    uint32_t step;
    int64_t at_us; // When the first of them was printed
} growth_t;

#define TIME_STEP  1000000 // Two time entries are at least this many microseconds apart,
#define TIMES_MANY 4096    // and at least 1/4096 of the log's duration so far, which bounds their number

// Advances `is`, `chunks`, `marks` and `times` by `data`. Called again with more bytes it continues from there.
void log_grow (void *growth);

// Bytes of all but the tail; newlines in them.
int64_t extent_stored (const extent_t *self);
int64_t extent_stored_newlines (const extent_t *self);
// Lines, the last one without an end counted.
int64_t extent_lines (const extent_t *self);

#endif
