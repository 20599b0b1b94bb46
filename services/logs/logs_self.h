/* logs_self.h - what the parts of the log collector share. Private to services/logs/. */

#ifndef OPENCICD_LOGS_SELF_H
#define OPENCICD_LOGS_SELF_H

#include "common/actor/background.h"
#include "common/db/db_unit.h"
#include "proto/places.h"
#include "services/logs/archive_store.h"
#include "services/logs/logs.h"
#include "services/logs/retention.h"
#include "services/logs/tails.h"

#define SEARCHES 8 // At once, of all callers

// A caller with a search under way.
typedef struct {
    role_t role;
    char subject[MAX_ID + 1];
    int64_t until_us; // Free from then on
} searching_t;

#define ARCHIVED_AT_ONCE 8

typedef struct {
    char job[MAX_ID + 1];
    uint32_t attempt;
} archiving_t;

struct logs {
    db_t *db; // First, for db_unit.h
    blob_t *blob;
    background_t *tasks;      // Appends: requests wait for them, and never for the blob store
    background_t *reads;      // Likewise, out of the blob store
    background_t *background; // Segments and removals: no request waits
    background_t *searches;   // One thread
    searching_t searching[SEARCHES];
    tails_t *tails;
    log_retention_t retention;
    archiving_t archiving[ARCHIVED_AT_ONCE]; // Logs of which a segment is being written
    size_t archivings;
    size_t archivings_most; // One where the blob store is near
    due_t archive_after;    // Logs up to this one could not be archived just now
    places_t places;
};

// Handlers.
MUST_USE HANDLER (log_append);
MUST_USE HANDLER (log_seal);
MUST_USE HANDLER (log_show);
MUST_USE HANDLER (log_read);
MUST_USE HANDLER (log_clock);
MUST_USE HANDLER (log_search);
MUST_USE HANDLER (log_excerpt);
MUST_USE HANDLER (summary_put);
MUST_USE HANDLER (summary_list);
MUST_USE HANDLER (retention_of_logs);
MUST_USE HANDLER (summary_read);
MUST_USE HANDLER (log_purge);

MUST_USE fault_t logs_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask); // rights.c

// In the tick: moves chunks into segments, one segment at a time; *next_us is when to call it again, if at all.
MUST_USE fault_t logs_archive (logs_t *self, turn_t *turn, int64_t *next_us);

// "log:JOB", which wakes its followers.
const char *logs_topic (turn_t *turn, const char *job);
// The job itself, or a service.
MUST_USE fault_t logs_may_write (turn_t *turn, const char *job, uint32_t attempt);
// The row, or NOT_FOUND with a detail.
MUST_USE fault_t logs_need (logs_t *self, turn_t *turn, const char *job, uint32_t attempt, log_row_t *row);
// Writes the log's new state, and wakes its followers: log_store_change().
MUST_USE fault_t logs_change (logs_t *self, turn_t *turn, const log_row_t *row, const growth_t *growth,
                              const char *sha256, bool *done);
// When bytes were printed, as their sender says.
int64_t logs_time (const turn_t *turn, int64_t at_us);
// The step of the byte at `offset`.
uint32_t step_at (const marks_t *marks, int64_t offset);
// A copy in another arena, for a background task.
pieces_t pieces_copy (const pieces_t *from, arena_t *arena);

#endif
