/* readers.h - a pool of git_reader_t, each of which keeps `git cat-file` processes open for one repository. Used by all reading threads.
 *
 * A thread takes a reader, has it to itself, and gives it back. In a full pool the least recently used idle reader is closed to make
 * room. readers_sweep() closes those that were idle for READER_IDLE_US. */

#ifndef OPENCICD_SCM_READERS_H
#define OPENCICD_SCM_READERS_H

#include "common/base/clock.h"
#include "services/scm/git_reader.h"

#define READERS_MAX    64 // Repositories that are kept open
#define READER_IDLE_US SECONDS (60)

typedef struct readers readers_t;

readers_t *readers_new (const char *folder); // Where readers_view makes its repositories; copied
void readers_destroy (readers_t **self_p);   // Only after all readers were given back

// The path of the empty repository through which objects are read whose ids have this many hex digits (40: SHA-1, 64: SHA-256).
// Made on first use.
MUST_USE fault_t readers_view (readers_t *self, turn_t *turn, size_t digits, const char **view);
// A reader of the object folder `objects` through that view. OVERLOADED if all READERS_MAX are taken.
MUST_USE fault_t readers_take (readers_t *self, turn_t *turn, const char *view, const char *objects,
                               git_reader_t **out);
void readers_give (readers_t *self, git_reader_t *reader);
// Closes readers that are idle; false if none is open any more. Blocks until their processes have ended.
bool readers_sweep (readers_t *self);

#endif
