/* actor.h - the host of a service: an inbox, a table of handlers, a thread.
 *
 * The host takes what waits in the inbox, up to ACTOR_BATCH messages, and serves them as one batch: begin, each handler in turn,
 * commit; only then do answers, asks and wake-ups leave. So many requests share one durable commit. A handler that fails
 * after it wrote undoes the batch, which is then served again message by message, so that nobody pays for another's fault.
 *
 * A handler is a plain function: fault_t handle (self, turn, ask, answer). It fills *answer (zeroed; strings from turn->arena) and
 * returns OK, or a fault with turn_fail(). Where it must wait it returns LATER, and is RUN AGAIN FROM ITS BEGINNING when
 * there is news, with the same ask and an empty answer:
 *   - actor_call() asks another service: the first time it returns LATER; when the answer is there the handler runs again and the same
 *     call (they are counted in order) returns it. Rule: call first, then write.
 *   - actor_wait() waits for a topic, "log:j01..", to be woken, or for a time; actor_waited() tells that the time has come.
 * A full inbox answers OVERLOADED. When nobody waits for an answer any more (the deadline) the turn is dropped. */

#ifndef OPENCICD_ACTOR_H
#define OPENCICD_ACTOR_H

#include "common/bus.h"

#define ACTOR_BATCH 64   // Messages of one commit
#define ACTOR_TURNS 4096 // Turns that wait at once; past it OVERLOADED

typedef struct actor actor_t;

typedef struct {
    uint16_t ask; // MSG_job_show
    fault_t (*handle) (void *self, turn_t *turn, const void *ask, void *answer);
} handler_t;

typedef struct {
    const char *name; // Of the service
    const handler_t *handlers;
    size_t count;
    // The unit of work around a batch; all NULL for a service without a database.
    fault_t (*begin) (void *self, turn_t *turn);
    fault_t (*commit) (void *self, turn_t *turn);
    void (*rollback) (void *self);
    uint64_t (*writes) (void *self); // Grows whenever something was written in this unit of work
    // With the next commit, tell the other replicas of `service` this text: see news.h. NULL where replicas have nothing to tell.
    fault_t (*announce) (void *self, turn_t *turn, const char *service, const char *text);
    // What is due now, inside a batch of its own; gives the time of the next tick (UTC us), NEVER for none. May be NULL. It is called at
    // the start, when its time has come, and after every batch in which actor_tick_at() asked for an earlier time.
    int64_t (*tick) (void *self, turn_t *turn);
    // Once, when the actor is to end, before it serves what is left: ends helper threads, which may post until then. May be NULL.
    void (*stop) (void *self);
} actor_class_t;

// Starts the thread; `self` is used by it alone until actor_destroy returns, which finishes what is in the inbox, ends
// the waiting of turns, answers those that wait again UNAVAILABLE, and joins. Borrows bus and self. `endpoint` is bound beside the inproc inbox: "tcp://host:*" or NULL.
actor_t *actor_new (const actor_class_t *class, void *self, bus_t *bus, const char *endpoint);
void actor_destroy (actor_t **self_p);
const char *
actor_endpoint (const actor_t *self); // What was bound, with the port that was chosen; NULL for inproc alone

// ---- inside a handler or a tick, with its turn ----

// Ask another service. `answer` is filled when it returns OK. In a tick it only sends, and OK means that it was sent.
MUST_USE fault_t actor_call (turn_t *turn, uint16_t ask_number, const void *ask, void *answer);
MUST_USE fault_t actor_wait (turn_t *turn, const char *topic, int64_t until_us); // Returns LATER
bool actor_waited (const turn_t *turn); // This is the run after the time has passed
// After the commit: run all that wait for this topic again.
void actor_wake (turn_t *turn, const char *topic);
// Likewise, and in other replicas too: for topics whose news is in the database. Only where something was written.
void actor_announce (turn_t *turn, const char *topic);
// After the commit: call `act (self, data)` in this thread; `data` from turn->arena. For what must not happen twice or be undone.
void actor_after (turn_t *turn, void (*act) (void *self, void *data), void *data);
actor_t *actor_of (const turn_t *turn); // Whose turn it is: for actor_post from helper threads
// Tick no later than this. What lies ahead is told to other replicas with what is announced: this one may be gone by then.
void actor_tick_at (turn_t *turn, int64_t at_us);

// ---- from any thread ----

// Run `act (self, turn, data)` in the actor's thread inside a batch of its own, and free (data) after it. For results of helper threads.
typedef void (*actor_act_fn) (void *self, turn_t *turn, void *data);
void actor_post (actor_t *self, actor_act_fn act, void *data);
// Call `act (data)` in the actor's thread between two batches, outside any unit of work, and free (data) after it.
void actor_between (actor_t *self, void (*act) (void *data), void *data);

// What another replica announced; a news_hear_fn with the actor as its context.
void actor_hear (void *actor, const char *text);

#endif
