/* actor_turn.h - a turn as its host sees it: the message it serves, what it waits for, what it will do after the commit.
 *
 * Internal to the actor host. A served_t begins with its turn_t, so that the functions of actor.h find it by the turn. */

#ifndef OPENCICD_ACTOR_TURN_H
#define OPENCICD_ACTOR_TURN_H

#include "common/actor.h"
#include "common/peers.h"

typedef struct served served_t;

// A question to another service, in the order in which the handler asks.
typedef struct called {
    struct called *next;
    served_t *by;
    uint16_t number;
    zframe_t *body; // Until it is sent
    bool sent, done;
    fault_t fault;
    const char *detail;
    const void *data; // The packed answer
    size_t size;
} called_t;

typedef struct after {
    struct after *next;
    void (*act) (void *self, void *data);
    void *data;
} after_t;

typedef struct wake {
    struct wake *next;
    uint64_t topic;
    bool everywhere; // In other replicas too
} wake_t;

struct served {
    turn_t turn; // First. Its arena is emptied before each run
    bus_t *bus;
    actor_t *host;
    arena_t *keep;  // Lives as long as the turn: the ask, answers of calls
    served_t *next; // In the queue of those that are ready

    // A message
    zframe_t *identity, *body; // NULL for ticks and acts
    uint64_t call;
    const handler_t *handler;
    uint16_t answer_number;
    const void *ask;
    void *answer;

    // An act of another thread; neither this nor a handler: a tick
    actor_act_fn act;
    void *data;

    fault_t fault; // Of the last run

    called_t *calls, *call_at; // All so far; the next that the running handler makes
    size_t calls_open;         // Sent and not yet answered
    bool waiting, waited;      // For a topic or a time; the time came
    uint64_t topic;
    int64_t until_us;
    bool parked;
    size_t parked_at; // Its place in the host's list of waiting turns

    after_t *afters; // In reverse order
    wake_t *wakes;
    int64_t tick_at_us; // NEVER
};

served_t *served_new (bus_t *bus);
void served_reset (served_t *self, bus_t *bus); // As new, with the memory it has
void served_destroy (served_t **self_p);
void served_begin (served_t *self); // Before each run: empty arena, no effects, first call
uint64_t topic_of (const char *topic);

#endif
