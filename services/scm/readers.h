/* readers.h - a pool of open readers, shared by the threads that read.
 *
 * A thread takes one, has it alone, and gives it back. The one that was used least recently makes room for another. What is not used for
 * READER_IDLE_US is closed by readers_sweep(). */

#ifndef OPENCICD_SCM_READERS_H
#define OPENCICD_SCM_READERS_H

#include "common/base/clock.h"
#include "services/scm/git_reader.h"

#define READERS_MAX    64 // Repositories that are kept open
#define READER_IDLE_US SECONDS (60)

typedef struct readers readers_t;

readers_t *readers_new (const char *folder); // Where the empty repositories are made; copied
void readers_destroy (readers_t **self_p);   // After all were given back

// The empty repository for objects whose names have so many hex digits.
MUST_USE fault_t readers_view (readers_t *self, turn_t *turn, size_t digits, const char **view);
// A reader of these objects. OVERLOADED where all are taken.
MUST_USE fault_t readers_take (readers_t *self, turn_t *turn, const char *view, const char *objects,
                               git_reader_t **out);
void readers_give (readers_t *self, git_reader_t *reader);
// Closes what is idle; false where nothing is open any more. Waits for the ends of processes.
bool readers_sweep (readers_t *self);

#endif
