/* actor_turn.h - a turn as its host sees it: the message it serves, what it waits for, what it will do after the commit.
 * Internal to the actor host. A served_t begins with its turn_t, so that the functions of actor.h find it by the turn. */

#ifndef OPENCICD_ACTOR_TURN_H
#define OPENCICD_ACTOR_TURN_H

#include "common/actor/actor_audit.h"
#include "common/bus/bus_requests.h"
#include "common/bus/mailbox.h"

typedef struct served served_t;

// A request to another service, in the order in which the handler sends them.
typedef struct called {
    struct called *next;
    served_t *by;
    uint16_t number;
    uint64_t asked; // Hash of the body
    zframe_t *body; // Until it is sent
    bool sent, done;
    fault_t fault;
    const char *detail;
    const void *data; // The packed answer
    size_t size;
} called_t;

// An id that the handler made, in the order in which it makes them.
typedef struct made {
    struct made *next;
    const char *id;
} made_t;

typedef struct after {
    struct after *next;
    void (*act) (void *self, void *data);
    void *data;
} after_t;

#define ANEW_MAX 4 // How often a handler whose requests change is started anew

// One of the topics that a turn waits for; in the host's list of its bucket while the turn is parked.
typedef struct wait {
    uint64_t topic;
    served_t *by;
    struct wait *next, **at;
} wait_t;

typedef enum { HERE, EVERYWHERE_SOON, EVERYWHERE } reach_t;

typedef struct wake {
    struct wake *next;
    uint64_t topic;
    reach_t reach;
} wake_t;

struct served {
    turn_t turn; // First. Its arena is emptied before each run
    bus_t *bus;
    actor_t *host;
    arena_t *keep;  // Lives as long as the turn: the ask, answers of calls
    served_t *next; // In the queue of those that are ready

    // A message
    zframe_t *identity, *body; // NULL for ticks and acts
    receiver_t *reply;         // Of a message from this process, which has no identity
    size_t bytes;              // Of the body, while the turn lives
    uint64_t call;
    const handler_t *handler;
    uint16_t answer_number;
    const void *ask;
    void *answer;
    // An act of another thread; neither this nor a handler: a tick
    actor_act_fn act;
    void *data;

    // A message that must run only once
    char key[REQUEST_KEY]; // "": it is not remembered
    int64_t asked;         // Hash of its body
    bool secret;           // Its answer is not stored
    bool repeats;          // It may have run before: look first
    bool remembered;       // Its row is in this unit of work
    bool known;            // There is a row from an earlier run

    fault_t fault; // Of the last run
    bool wrote;    // That run did
    audit_turn_t audit;
    void *ahead;      // What was asked for before the batch was handled
    zframe_t *packed; // The answer, where it is packed already

    called_t *calls, *call_at; // All so far; the next that the running handler makes
    made_t *ids, **id_at;      // All so far; the next that the running handler makes
    size_t calls_open;         // Sent and not yet answered
    bool stale;                // Its requests differ from before: the answers are dropped
    unsigned anew;             // How often that happened
    bool waiting, waited;      // For topics or a time; the time came
    wait_t waits[ACTOR_TOPICS];
    size_t wait_count;
    bool woken;       // Set while wake_topic collects the waiting turns
    int64_t began_us; // When this run began: steady, as are the next two
    int64_t ends_us;  // The caller's deadline; NEVER
    int64_t until_us; // Until when it waits
    bool parked;
    size_t parked_at; // Its place in the host's list of waiting turns

    after_t *afters; // In reverse order
    wake_t *wakes;
    int64_t tick_at_us; // UTC; NEVER
    int64_t next_us;    // Of a tick: when the next one is due; UTC
};

served_t *served_new (bus_t *bus);
served_t *served_of (const turn_t *turn);       // Ends the process where no actor serves it
void served_reset (served_t *self, bus_t *bus); // As new, but keeps its memory
void served_destroy (served_t **self_p);
void served_forget_calls (served_t *self); // Answers that are still to come are ignored
void served_begin (served_t *self);        // Before each run: empty arena, no effects, first call
int64_t served_steady (const served_t *self, int64_t at_us); // Converts a time of day that its handler named
uint64_t topic_of (const char *topic);

#endif
