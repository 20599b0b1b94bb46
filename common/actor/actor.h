/* actor.h - the host of a service: an inbox, a table of handlers, a thread.
 *
 * The host takes up to ACTOR_BATCH messages from the inbox and serves them as one batch: begin, each handler in turn, commit; only then
 * do answers, requests and wake-ups leave. Many requests thus share one durable commit; those whose handlers usually take long have short
 * batches of their own. A handler that fails after it wrote rolls the batch back, which is then served again message by message.
 *
 * A handler is a plain function, named after its message: HANDLER (job_show) is handle_job_show. It fills *answered (zeroed; strings from
 * turn->arena) and returns OK, or a fault with turn_fail(). Where it must wait it returns LATER, and is RUN AGAIN FROM ITS BEGINNING when
 * there is something new, with the same request and an empty answer:
 *   - actor_call() asks another service: the first time it returns LATER; when the answer is there the handler runs again and the same
 *     call (they are counted in order) returns it. Rule: call first, then write. A handler that then asks for something else, because what it
 *     read has changed, is begun anew without any answer, and fails CONFLICT when that happens again and again.
 *   - actor_wait() waits for a topic, "log:j01..", to be woken, or for a time; actor_waited() tells that the time has come.
 * Times that a handler names are times of day near turn->now_us; what waits for them, and every deadline, goes by a clock that never
 * steps: setting the clock ends or delays nothing. A full inbox answers OVERLOADED. A turn for which nobody waits any more is dropped. */

#ifndef OPENCICD_ACTOR_H
#define OPENCICD_ACTOR_H

#include "common/base/request_memory.h"
#include "common/bus/bus.h"

#define ACTOR_BATCH      64          // Messages of one commit
#define ACTOR_TOPICS     4           // That one turn can wait for
#define ACTOR_BYTES      (128 << 20) // Of all requests in progress; past it OVERLOADED
#define ACTOR_TURNS      4096        // Turns that may wait at once; past it OVERLOADED
#define ACTOR_TICK_AGAIN SECONDS (1) // The delay after a failed tick or act
#define ACTOR_SOON       MILLISECONDS (20)

typedef struct actor actor_t;

typedef struct {
    uint16_t ask; // MSG_job_show
    fault_t (*handle) (void *context, turn_t *turn, const void *asked, void *answered);
} handler_t;

// The function that answers a message, and its row in the table: one name and the same parameters in every service.
#define HANDLER(message) \
    fault_t handle_##message (void *context, turn_t *turn, const void *asked, void *answered)
#define HANDLER_ROW(message)            \
    {                                   \
        MSG_##message, handle_##message \
    }

typedef struct {
    const char *name; // Of the service
    const handler_t *handlers;
    size_t count;
    // Before each run of a handler.
    fault_t (*may) (void *self, turn_t *turn, uint16_t ask_number, const void *ask);
    // The unit of work around a batch; all NULL for a service without a database.
    fault_t (*begin) (void *self, turn_t *turn);
    // Once per batch, before anything is announced or committed: does what its turns requested together. May be NULL.
    fault_t (*prepare) (void *self);
    fault_t (*commit) (void *self, turn_t *turn);
    void (*rollback) (void *self);
    uint64_t (*writes) (void *self); // Increases whenever something is written in this unit of work
    // For each message, before the first of its batch is handled: asks for what its handler reads. May be NULL.
    void *(*ahead) (void *self, turn_t *turn, uint16_t ask_number, const void *ask);
    bool (*in_doubt) (void *self);    // May a failed commit have taken effect all the same? NULL: never
    const request_memory_t *requests; // Of those that must run only once, see actor_once.c. May be NULL
    const audit_memory_t *audit;      // Of what people change: actor_audit.h. May be NULL
    // A commit may have taken effect without what should have followed it: check everything in the next tick. May be NULL.
    void (*effects_lost) (void *self);
    // With the next commit, send this text to the other replicas of `service`: see notify.h. NULL where replicas notify nobody.
    fault_t (*announce) (void *self, turn_t *turn, const char *service, const char *text);
    // Does what is due; sets *next_us (initially NEVER) to when the next tick is due, in UTC us. May be NULL. It is called at the start, when
    // it is due, and after every batch in which actor_tick_at() asked for an earlier time. One that fails is rolled back
    // and called again after ACTOR_TICK_AGAIN.
    fault_t (*tick) (void *self, turn_t *turn, int64_t *next_us);
    // Once, when the actor is to end, before it serves what is left in the inbox: stops helper threads, which may post until then. May be NULL.
    void (*stop) (void *self);
} actor_class_t;

// Starts the thread; only that thread uses `self` until actor_destroy returns, which serves what is in the inbox, ends
// the waits of turns, answers UNAVAILABLE to those that wait again, and joins. Borrows bus and self. `endpoint` is
// where other processes reach it, "tcp://host:*", or NULL. NULL if it cannot be bound, or the process already hosts this service.
actor_t *actor_new (const actor_class_t *class, void *self, bus_t *bus, const char *endpoint);
void actor_destroy (actor_t **self_p);
const char *actor_endpoint (const actor_t *self); // As bound, with the port that was chosen; NULL without one

// ---- inside a handler or a tick, with its turn ----

// Calls another service. `answer` is filled when it returns OK. In a tick it only sends, and OK means that it was sent.
MUST_USE fault_t actor_call (turn_t *turn, uint16_t ask_number, const void *ask, void *answer);
MUST_USE fault_t actor_wait (turn_t *turn, const char *topic, int64_t until_us); // Returns LATER
// Waits until one of these topics is woken; at most ACTOR_TOPICS. A reader waits for what it follows ("run:r01.."), not for everything.
MUST_USE fault_t actor_wait_any (turn_t *turn, const char *const *topics, size_t count, int64_t until_us);
void *actor_ahead (const turn_t *turn); // What `ahead` returned, older than what its batch wrote; NULL: alone
bool actor_called (const turn_t *turn); // A call has been answered in this run: those after it are, too
bool actor_waited (const turn_t *turn); // In this run the time to wait has passed
// A new id that stays the same when the handler runs again, for what a call names. Ids are matched in the order in which they are made.
const char *actor_id (turn_t *turn, char kind);
// After the commit: run every turn that waits for this topic again.
void actor_wake (turn_t *turn, const char *topic);
// Likewise in other replicas, for topics whose changes are in the database and only where something was written: with the commit, or up
// to ACTOR_SOON later, together with what else there is to announce.
void actor_announce (turn_t *turn, const char *topic);
void actor_announce_soon (turn_t *turn, const char *topic);
// After the commit: call `act (self, data)` in this thread, with `data` from turn->arena. For effects that cannot be repeated or undone.
void actor_after (turn_t *turn, void (*act) (void *self, void *data), void *data);
int64_t actor_steady_us (const turn_t *turn);     // turn->now_us by a clock that never steps
int64_t actor_steady_now_us (const turn_t *turn); // That clock now; also before the turn has begun
actor_t *actor_of (const turn_t *turn);           // The turn's actor, for actor_post from helper threads
// Tick no later than this. Other replicas are notified of a time in the future, because this one may be gone by then.
void actor_tick_at (turn_t *turn, int64_t at_us);

// ---- from any thread ----

// Runs `act (self, turn, data)` in the actor's thread inside a batch, and then free (data). For results of helper threads. An act
// that fails is rolled back and logged; it is not retried, but a tick follows after ACTOR_TICK_AGAIN, which finds what was left undone.
typedef fault_t (*actor_act_fn) (void *self, turn_t *turn, void *data);
void actor_post (actor_t *self, actor_act_fn act, void *data);
// Calls `act (data)` in the actor's thread between two batches, outside any unit of work, and then free (data).
void actor_between (actor_t *self, void (*act) (void *data), void *data);

// Takes what another replica announced; a notify_fn with the actor as its context.
void actor_notified (void *actor, const char *text);

#endif
