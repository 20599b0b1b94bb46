/* actor_host.h - the inside of an actor, shared by the files of its host.
 *
 * Turns that are ready (new, woken, answered, waited out) queue in `ready`; those that wait are in `parked`. */

#ifndef OPENCICD_ACTOR_HOST_H
#define OPENCICD_ACTOR_HOST_H

#include "common/actor_turn.h"
#include "common/metrics.h"

#include <pthread.h>

#define SPARE_TURNS 32 // Kept for the next messages

typedef struct post {
    struct post *next;
    actor_act_fn act; // NULL:
    void (*between) (void *data);
    void *data;
} post_t;

// What is counted of one handler.
typedef struct {
    metric_t *runs;   // Durations
    metric_t *faults; // Answers that are one
} handler_metrics_t;

struct actor {
    const actor_class_t *class;
    handler_metrics_t *metrics; // One for each handler
    metric_t *waiting;          // Turns
    void *self;
    bus_t *bus;
    zactor_t *thread;
    zsock_t *inbox;  // ROUTER
    inlet_t mail;    // Of the inbox
    char *endpoint;  // Bound beside inproc: there are other processes
    uint64_t origin; // Of what it announces
    peers_t *peers;
    served_t *ready, **ready_end;
    served_t **parked;
    size_t parked_count, parked_capacity;
    size_t turns;    // All that are being served
    served_t *spare; // Ended ones, to be used again
    size_t spare_count;
    int64_t due_us;       // No parked turn is due before; clock of the bus
    int64_t tick_us;      // Next tick; clock of the bus
    int wake;             // eventfd
    pthread_mutex_t lock; // Of what follows
    post_t *posts;        // In reverse order
};

// actor_inbox.c
void take_messages (actor_t *self); // At most ACTOR_BATCH, to `ready`
void take_posts (actor_t *self);
void answer_turn (actor_t *self, served_t *served); // With served->fault, and served->answer where it is OK

// actor_batch.c
void serve_batch (actor_t *self); // The first of `ready`, at most ACTOR_BATCH, as one unit of work

// actor_park.c
served_t *turn_begin (actor_t *self);
void turn_end (actor_t *self, served_t **served_p);
void end_spare_turns (actor_t *self);
void make_ready (actor_t *self, served_t *served);
served_t *take_ready (actor_t *self); // NULL where none is
void park (actor_t *self, served_t *served);
void unpark (actor_t *self, served_t *served); // No longer parked; not yet ready either
void wake_topic (actor_t *self, uint64_t topic);
void wake_all (actor_t *self, bool waited); // That wait for any topic; as if their time had come
void wake_due (actor_t *self);

// actor_news.c
uint64_t actor_origin (void);                                                    // Random
MUST_USE fault_t announce_batch (actor_t *self, served_t **batch, size_t count); // Before the commit

#endif
