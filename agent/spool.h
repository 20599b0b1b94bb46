/* spool.h - a job's log on this machine's own disk, written before a byte is sent.
 *
 * One thread adds, another reads; what is read is all that was added, in order. Each byte belongs to a step. */

#ifndef OPENCICD_AGENT_SPOOL_H
#define OPENCICD_AGENT_SPOOL_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

#define SPOOL_MARKS 8192 // Changes of step in one log, twice as many as a job has rows; past it BROKEN

typedef struct spool spool_t;

MUST_USE fault_t spool_new (spool_t **out, const char *path); // Made, 0600
void spool_destroy (spool_t **self_p);
MUST_USE fault_t spool_begin (spool_t *self); // Empty again, for the next job
MUST_USE fault_t spool_add (spool_t *self, uint32_t step, const void *data, size_t size); // NO_SPACE
int64_t spool_size (spool_t *self);

// The reader's: up to `size` bytes from `offset`, all of one step and one time.
typedef struct {
    uint32_t step;
    int64_t at_us; // When the first of them was printed, or less than a second before
} spool_place_t;
MUST_USE fault_t spool_read (spool_t *self, int64_t offset, void *into, size_t size, size_t *got,
                             spool_place_t *place);
// Of all that was added. Bytes that spool_read gave in order are not read again.
MUST_USE fault_t spool_sha256 (spool_t *self, arena_t *arena, const char **out);

#endif
