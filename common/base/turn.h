/* turn.h - one request being served: its memory, its caller, its deadline, and why it failed.
 *
 * A turn begins when a message is taken from an inbox and ends when its answer is sent. All that its handler
 * allocates comes from turn->arena. A handler that fails gives the reason with turn_fail(). */

#ifndef OPENCICD_TURN_H
#define OPENCICD_TURN_H

#include "common/base/arena.h"
#include "common/base/caller.h"
#include "common/base/fault.h"

#include <stdint.h>

typedef struct turn {
    arena_t *arena;
    const char *request_id;
    caller_t caller;
    int64_t now_us;       // The clock when the turn began; UTC microseconds
    int64_t deadline_us;  // When the caller stops waiting for the answer; UTC microseconds
    const char *once_key; // Identifies this request however often the caller sends it; NULL: each one is new
    const char *
        audit; // What is recorded of it where it changes something: common/actor/actor_audit.h; NULL: nothing
    const void
        *served; // Itself, where an actor serves it; others cannot wait, call, wake or act after a commit
    const char *detail; // Why it failed, for the caller; NULL if the fault's text is enough
} turn_t;

// A turn without a message, for start-up, timers and tests. Borrows the arena.
void turn_init (turn_t *self, arena_t *arena, const char *request_id, int64_t now_us);

#define TURN_MEMORY (256 << 20) // Bytes of its arena
// Checked wherever a turn takes more memory: at each statement and each call. TOO_LARGE past the bound.
MUST_USE fault_t turn_room (turn_t *self);

// Records the reason; returns `fault`, so that a handler can `return turn_fail (turn, CONFLICT, "run %s has ended", id)`.
MUST_USE fault_t turn_fail (turn_t *self, fault_t fault, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
// Likewise without a turn: the reason is *error, in the arena.
MUST_USE fault_t fault_with (arena_t *arena, const char **error, fault_t fault, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));

#endif
