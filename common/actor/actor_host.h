/* actor_host.h - the inside of an actor, shared by the files of its host.
 *
 * Turns that are ready (new, woken, answered, waited out) queue in `ready`; those that wait are in `parked`. Handlers that usually take long
 * queue apart from the others, and batches are taken from the two queues in turn: what is quick waits for no more than one batch of
 * what is slow, however many such requests have come before it. */

#ifndef OPENCICD_ACTOR_HOST_H
#define OPENCICD_ACTOR_HOST_H

#include "common/actor/actor_announcer.h"
#include "common/actor/actor_skew.h"
#include "common/base/metrics.h"
#include "common/bus/guest.h"
#include "common/bus/wire.h"

#include <pthread.h>

#define TOPIC_BUCKETS 1024
#define SPARE_TURNS   32 // Kept for the next messages

typedef struct post {
    struct post *next;
    actor_act_fn act; // NULL:
    void (*between) (void *data);
    void *data;
} post_t;

// The metrics of one handler.
typedef struct {
    metric_t *runs;   // Durations
    metric_t *faults; // Answers that are faults
    int64_t usual_us; // Processor time of one run, a moving average
} handler_metrics_t;

typedef enum { QUICK, SLOW, PACES } pace_t;
#define SLOW_US  MILLISECONDS (1)  // What usually takes longer is slow
#define BATCH_US MILLISECONDS (10) // No turn joins a batch whose turns will usually take longer

typedef struct {
    served_t *first, **end;
} queue_t;

struct actor {
    const actor_class_t *class;
    handler_metrics_t *metrics; // One for each handler
    metric_t *waiting;          // Turns
    metric_t *own_faults;       // Ticks and acts that failed
    void *self;
    bus_t *bus;
    zactor_t *thread;
    actor_seat_t *seat;     // Held by the thread that runs this actor, which alone may use what follows
    int64_t rests_until_us; // When its own thread wakes by itself; monotonic
    mailbox_t *mailbox;     // For this process
    bool more;              // It may hold letters that will not be signalled again
    zsock_t *inbox;         // ROUTER, for other processes; NULL where there are none
    pollable_t mail;        // Of the inbox
    char *endpoint;         // Of the inbox, bound
    announcer_t announcer;  // For the other replicas, where it has an inbox
    skew_t skew;
    bus_requests_t *requests;
    queue_t ready[PACES];
    pace_t pace; // Of the last batch
    served_t **parked;
    size_t parked_count, parked_capacity;
    size_t turns;                  // All that are being served
    size_t bytes;                  // Of their messages
    wait_t *topics[TOPIC_BUCKETS]; // Of parked turns
    served_t *spare;               // Ended ones, to be used again
    size_t spare_count;
    int64_t due_us;       // No parked turn is due before; steady
    int64_t tick_us;      // Next tick; steady
    int64_t audit_us;     // When records are sent next; steady; NEVER while some are
    bool audit_more;      // There are more of them
    int wake;             // eventfd
    pthread_mutex_t lock; // Of what follows
    post_t *posts;        // In reverse order
};

// actor_inbox.c
void take_letters (actor_t *self);  // Takes messages of this process, at most ACTOR_BATCH, to `ready`
void take_messages (actor_t *self); // Likewise those of other processes
void take_posts (actor_t *self);
void take_more (actor_t *self); // Of all messages and answers, what has come; without waiting
void answer_turn (actor_t *self, served_t *served); // With served->fault, and served->answer where it is OK
// Answers a turn that ends with its service: what is safe to repeat goes to another replica.
void answer_unfinished (actor_t *self, served_t *served);

// actor_once.c
typedef enum { DONE, UNDONE, IN_DOUBT } outcome_t;
// What the header says of a message that must run only once.
void once_open (actor_t *self, served_t *served, const wire_t *wire, repeat_t repeat);
MUST_USE fault_t once_recall (actor_t *self, served_t *served); // Answered before: OK or a fault. NOT_FOUND
MUST_USE fault_t once_remember (actor_t *self, served_t *served);
outcome_t once_settle (actor_t *self, served_t **batch, size_t count); // After a commit of unknown outcome

// actor_batch.c
void serve_batch (actor_t *self); // Serves the first of `ready`, at most ACTOR_BATCH, as one unit of work

// actor_park.c
served_t *turn_begin (actor_t *self);
void turn_end (actor_t *self, served_t **served_p);
void end_spare_turns (actor_t *self);
void make_ready (actor_t *self, served_t *served);
bool is_any_ready (const actor_t *self);
pace_t next_pace (const actor_t *self);            // Of the next batch
served_t *take_ready (actor_t *self, pace_t pace); // NULL where none is
int64_t usual_us (const actor_t *self, const served_t *served);
void park (actor_t *self, served_t *served);
void unpark (actor_t *self, served_t *served); // No longer parked; not yet ready either
void wake_topic (actor_t *self, uint64_t topic);
void wake_all (actor_t *self, bool waited); // Wakes all that wait for any topic, as if their time had come
void wake_due (actor_t *self);
void look_again (actor_t *self); // Something may have been missed: wakes all, and ticks

#endif
