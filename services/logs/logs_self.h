/* logs_self.h - what the parts of the log collector share. Private to services/logs/. */

#ifndef OPENCICD_LOGS_SELF_H
#define OPENCICD_LOGS_SELF_H

#include "common/db_unit.h"
#include "common/errand.h"
#include "proto/messages.h"
#include "services/logs/log_store.h"
#include "services/logs/logs.h"

struct logs {
    db_t *db; // First, for db_unit.h
    blob_t *blob;
    errands_t *errands;
    int64_t retention_us; // 0 for ever
    int64_t clean_us;     // When old logs are looked for next
    bool archiving;       // A segment is being written
};

// Handlers.
fault_t logs_append (void *self, turn_t *turn, const void *ask, void *answer);
fault_t logs_seal (void *self, turn_t *turn, const void *ask, void *answer);
fault_t logs_show (void *self, turn_t *turn, const void *ask, void *answer);
fault_t logs_read (void *self, turn_t *turn, const void *ask, void *answer);
fault_t logs_search (void *self, turn_t *turn, const void *ask, void *answer);

// In the tick: moves chunks into segments, one segment at a time; gives when it wants to be called again.
int64_t logs_archive (logs_t *self, turn_t *turn);

// "log:JOB", which wakes those who follow.
const char *logs_topic (turn_t *turn, const char *job);
// The job itself, or a service.
MUST_USE fault_t logs_may_write (turn_t *turn, const char *job, uint32_t attempt);
// The row, or NOT_FOUND with words.
MUST_USE fault_t logs_need (logs_t *self, turn_t *turn, const char *job, uint32_t attempt, log_row_t *row);
// Writes what the log becomes, and wakes who waits for that: log_store_change().
MUST_USE fault_t logs_change (logs_t *self, turn_t *turn, const log_row_t *row, const growth_t *growth,
                              const char *sha256, bool *done);
// The step of the byte at `offset`.
uint32_t step_at (const marks_t *marks, int64_t offset);
// A copy in another arena, for an errand.
pieces_t pieces_copy (const pieces_t *from, arena_t *arena);

#endif
