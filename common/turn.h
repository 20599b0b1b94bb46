/* turn.h - one request being served: its memory, its caller, its deadline, and why it failed.
 *
 * A turn begins when a message is taken from an inbox and ends when its answer is sent. All that its handler
 * allocates comes from turn->arena. A handler that fails says why in words with turn_fail(). */

#ifndef OPENCICD_TURN_H
#define OPENCICD_TURN_H

#include "common/arena.h"
#include "common/fault.h"

#include <stdint.h>

// Who asks: decided by the gateway from the request's token, carried by every message.
//     name      rank  meaning
#define ROLES(X)                                                                   \
    X (NOBODY, "no valid token")                                                   \
    X (JOB, "one attempt of one job; subject is the job's id, attempt its number") \
    X (AGENT, "an agent; subject is its id")                                       \
    X (REGISTRAR, "may register agents, nothing else")                             \
    X (VIEWER, "reads everything but secrets")                                     \
    X (DEVELOPER, "triggers, cancels, reruns")                                     \
    X (ADMIN, "everything")                                                        \
    X (SERVICE, "another service of this control plane")

#define ROLE_ENUM(name, text) ROLE_##name,
typedef enum { ROLES (ROLE_ENUM) ROLE_COUNT } role_t;
#undef ROLE_ENUM

const char *role_name (role_t role);      // "ADMIN"
role_t role_from_name (const char *name); // Ignores case; ROLE_NOBODY where it is none

typedef struct {
    role_t role;
    const char *subject;
    uint32_t attempt; // ROLE_JOB only
} caller_t;

typedef struct turn {
    arena_t *arena;
    const char *request_id;
    caller_t caller;
    int64_t now_us;      // The clock when the turn began; UTC microseconds
    int64_t deadline_us; // After it nobody waits for the answer any more
    const char *detail;  // Why it failed, for the caller; NULL where the fault's text says enough
} turn_t;

// A turn without a message, for start-up, timers and tests. Borrows the arena.
void turn_init (turn_t *self, arena_t *arena, const char *request_id, int64_t now_us);

// Remember why; returns `fault`, so that a handler can `return turn_fail (turn, CONFLICT, "run %s has ended", id)`.
MUST_USE fault_t turn_fail (turn_t *self, fault_t fault, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

#endif
