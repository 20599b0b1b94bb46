/* pusher.h - POSTs jobs to agents and DELETEs them there, without blocking the actor.
 *
 * An HTTP client with a thread of its own; connections to agents are kept alive. The outcome of a push is delivered in the actor's
 * thread. An agent that is just finishing a job answers 409 for some milliseconds, one that is just registering 401: both are
 * asked again until PUSH_BUSY_MS. */

#ifndef OPENCICD_SCHEDULER_PUSHER_H
#define OPENCICD_SCHEDULER_PUSHER_H

#include "common/actor/actor.h"

#include <stdbool.h>

#define PUSH_TIMEOUT_MS 2000
#define PUSH_BUSY_MS    400   // How long 409 and 401 are taken for "not ready yet"
#define PUSH_WAITING    4096  // Pushes under way at once; past it they are dropped and their leases expire
#define PUSH_KEPT       256   // Idle connections
#define PUSH_ANSWER_MAX 65536 // Bytes of an answer; its status is all that counts

typedef struct pusher pusher_t;

typedef enum {
    PUSH_ACCEPTED,
    PUSH_BUSY,        // 409 to the end
    PUSH_REFUSED,     // Any other answer: its status is in `http`
    PUSH_UNREACHABLE, // No connection: it certainly has not received the job
    PUSH_UNKNOWN      // No answer in time, or 410: it may have received it, or have had it
} push_outcome_t;

typedef struct {
    char *agent, *job;
    uint32_t attempt;
    bool again; // It had been pushed before (by a process that ended)
    push_outcome_t outcome;
    long http;
    char strings[]; // Where agent and job are
} push_result_t;

typedef struct {
    const char *url; // Of the agent
    const char *key; // What requests to it are signed with (signature.h)
    const char *agent, *job;
    uint32_t attempt;
    const char *body; // JSON of the job_offer; NULL: DELETE the job
    bool hard;        // With DELETE
    bool again;
    int64_t now_us; // By the clock that agents know as `server_time`
} push_t;

// `on_result` runs in the actor's thread with a push_result_t, for POSTs only.
pusher_t *pusher_new (actor_act_fn on_result);
void pusher_destroy (pusher_t **self_p);
void pusher_start (pusher_t *self, actor_t *actor);    // Harmless where it runs
void pusher_stop (pusher_t *self);                     // Drops what is under way
void pusher_push (pusher_t *self, const push_t *push); // Copies all; any thread; before the start it is kept

#endif
