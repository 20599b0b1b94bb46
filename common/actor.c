/* actor.c - an actor's life and its loop: wait, take what is there, serve it as one batch, again. */

#include "common/actor_host.h"
#include "common/bus_directory.h"
#include "common/bus_frame.h"
#include "common/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BY_HAND_MS 5 // How often a clock that is turned by hand is looked at

static int64_t until_due_us (const actor_t *self)
{
    int64_t due = self->due_us < self->tick_us ? self->due_us : self->tick_us;
    int64_t now = clock_now_us (bus_clock (self->bus));
    int64_t left = due == NEVER ? NEVER : due - now;
    int64_t peers_due = peers_due_us (self->peers);
    int64_t peers_left = peers_due == NEVER ? NEVER : peers_due - clock_monotonic_us ();
    return left < peers_left ? left : peers_left;
}

static long wait_ms (const actor_t *self)
{
    int64_t left = until_due_us (self);
    if (self->ready || left <= 0)
        return 0;
    if (clock_is_by_hand (bus_clock (self->bus)))
        return BY_HAND_MS;
    return left == NEVER ? -1 : (long) (left / 1000 + 1);
}

static void take_tick (actor_t *self)
{
    if (!self->class->tick || clock_now_us (bus_clock (self->bus)) < self->tick_us)
        return;
    self->tick_us = NEVER; // The tick says when the next one is
    make_ready (self, turn_begin (self));
}

// False when the actor is to end.
static bool wait_and_take (actor_t *self, inlet_t *pipe, inlet_t *wake)
{
    inlet_t *list[PEERS_INLETS + 3] = {pipe, wake, &self->mail};
    size_t count = 3 + peers_inlets (self->peers, list + 3);
    if (!inlets_wait (list, count, wait_ms (self)))
        return false;
    if (pipe->ready && inlet_has_message (pipe))
        return false; // $TERM
    if (self->mail.ready)
        take_messages (self);
    if (wake->ready)
        take_posts (self);
    peers_serve (self->peers);
    wake_due (self);
    take_tick (self);
    return true;
}

// What has been asked is answered; who waits for news hears that his time is over, and asks again, somebody else.
static void finish (actor_t *self)
{
    if (self->class->stop)
        self->class->stop (self->self);
    take_posts (self);
    wake_all (self, true);
    for (int i = 0; i < ACTOR_TURNS; i++) {
        take_messages (self);
        if (!self->ready)
            break;
        serve_batch (self);
    }
    peers_destroy (&self->peers); // Ends all questions: their turns become ready, or end
    while (self->ready)
        park (self, take_ready (self));
    while (self->parked_count > 0) {
        served_t *served = self->parked[0];
        unpark (self, served);
        served->fault = UNAVAILABLE;
        served->turn.detail = "the service is being stopped";
        if (served->handler)
            answer_turn (self, served);
        free (served->data);
        turn_end (self, &served);
    }
    end_spare_turns (self);
}

static zsock_t *inbox_new (actor_t *self, const char *endpoint)
{
    char inproc[256];
    bus_inproc (self->bus, self->class->name, inproc, sizeof inproc);
    zsock_t *inbox = zsock_new (ZMQ_ROUTER);
    zsock_set_rcvhwm (inbox, BUS_QUEUE);
    zsock_set_sndhwm (inbox, 0); // Answers are bounded by what was asked
    zsock_set_maxmsgsize (inbox, FRAME_ON_WIRE);
    zsock_set_linger (inbox, 1000);
    zsock_set_sndtimeo (inbox, 0);
    zsock_set_router_mandatory (inbox, 1);
    if (endpoint)
        bus_protect_server (self->bus, inbox); // Means nothing to inproc
    bool bound = zsock_bind (inbox, "%s", inproc) >= 0;
    if (bound && endpoint) {
        bound = zsock_bind (inbox, "%s", endpoint) >= 0;
        self->endpoint = bound ? strdup (zsock_endpoint (inbox)) : NULL;
    }
    if (!bound) {
        log_error ("an inbox cannot be bound", "service", self->class->name, "endpoint",
                   endpoint ? endpoint : inproc, NULL);
        zsock_destroy (&inbox);
    }
    return inbox;
}

static void loop (zsock_t *pipe, void *context)
{
    actor_t *self = context;
    log_name_thread (self->class->name);
    self->peers = peers_new (self->bus);
    zsock_signal (pipe, 0);
    inlet_t end = inlet_of_socket (pipe), wake = inlet_of_fd (self->wake);
    self->mail = inlet_of_socket (self->inbox);
    while (wait_and_take (self, &end, &wake))
        serve_batch (self);
    finish (self);
    zsock_destroy (&self->inbox);
    pthread_mutex_lock (&self->lock); // What this thread wrote is there for the one that ends it
    pthread_mutex_unlock (&self->lock);
}

static void make_metrics (actor_t *self)
{
    self->metrics = calloc (self->class->count + 1, sizeof (handler_metrics_t));
    if (!self->metrics)
        abort ();
    for (size_t i = 0; i < self->class->count; i++) {
        const char *name = bus_codec (self->bus)->name_of (self->class->handlers[i].ask);
        self->metrics[i].runs =
            metrics_histogram ("opencicd_handler_seconds", "message", name,
                               "How long a handler ran; one that waits runs several times.");
        self->metrics[i].faults = metrics_counter ("opencicd_faults_total", "message", name,
                                                   "Messages that were answered with a fault.");
    }
    self->waiting =
        metrics_gauge ("opencicd_turns", "service", self->class->name, "Messages taken and not answered.");
}

actor_t *actor_new (const actor_class_t *class, void *own, bus_t *bus, const char *endpoint)
{
    actor_t *self = calloc (1, sizeof (actor_t));
    if (!self)
        abort ();
    self->class = class;
    self->self = own;
    self->bus = bus;
    self->origin = actor_origin ();
    self->ready_end = &self->ready;
    self->due_us = NEVER;
    self->tick_us = class->tick ? 0 : NEVER;
    self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init (&self->lock, NULL);
    make_metrics (self);
    self->inbox = inbox_new (self, endpoint);
    if (self->inbox)
        self->thread = zactor_new (loop, self);
    else
        actor_destroy (&self);
    return self;
}

void actor_destroy (actor_t **self_p)
{
    actor_t *self = *self_p;
    if (!self)
        return;
    zactor_destroy (&self->thread);
    pthread_mutex_lock (&self->lock);
    pthread_mutex_unlock (&self->lock);
    for (post_t *post = self->posts, *next; post; post = next) {
        next = post->next;
        free (post->data);
        free (post);
    }
    close (self->wake);
    pthread_mutex_destroy (&self->lock);
    free (self->parked);
    free (self->metrics);
    free (self->endpoint);
    free (self);
    *self_p = NULL;
}

const char *actor_endpoint (const actor_t *self)
{
    return self->endpoint;
}

static void send_post (actor_t *self, post_t content)
{
    post_t *post = malloc (sizeof (post_t));
    if (!post)
        abort ();
    *post = content;
    pthread_mutex_lock (&self->lock);
    post->next = self->posts;
    self->posts = post;
    pthread_mutex_unlock (&self->lock);
    (void) !write (self->wake, &(uint64_t){1}, sizeof (uint64_t));
}

void actor_post (actor_t *self, actor_act_fn act, void *data)
{
    send_post (self, (post_t){.act = act, .data = data});
}

void actor_between (actor_t *self, void (*act) (void *data), void *data)
{
    send_post (self, (post_t){.between = act, .data = data});
}
