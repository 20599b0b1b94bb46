/* spool.h - a job's log on this machine's own disk, written before a byte is sent.
 *
 * One thread appends, another reads, in order. Each byte belongs to a step. */

#ifndef OPENCICD_AGENT_SPOOL_H
#define OPENCICD_AGENT_SPOOL_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

#define SPOOL_MARKS 8192 // Changes of step in one log, more than a job can have rows; one more is BROKEN

typedef struct spool spool_t;

MUST_USE fault_t spool_new (spool_t **out, const char *path); // Creates the file, 0600
void spool_destroy (spool_t **self_p);
MUST_USE fault_t spool_begin (spool_t *self); // Empties it for the next job
MUST_USE fault_t spool_add (spool_t *self, uint32_t step, const void *data, size_t size); // NO_SPACE
int64_t spool_size (spool_t *self);

// For the reader: up to `size` bytes from `offset`, all of one step and one time.
typedef struct {
    uint32_t step;
    int64_t at_us; // When the first of them was printed, at most a second early
} spool_place_t;
MUST_USE fault_t spool_read (spool_t *self, int64_t offset, void *into, size_t size, size_t *got,
                             spool_place_t *place);
// The checksum of everything that was added. What spool_read read in order is not read again.
MUST_USE fault_t spool_sha256 (spool_t *self, arena_t *arena, const char **out);

#endif
