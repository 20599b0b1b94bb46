/* actor.c - an actor's life and its loop: wait, take what is there, serve it as one batch, again. */

#include "common/actor/actor_host.h"
#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BY_HAND_MS 5 // How often a clock that is turned by hand is looked at

static int64_t until_due_us (const actor_t *self)
{
    int64_t due = self->due_us < self->tick_us ? self->due_us : self->tick_us,
            announcer_due = announcer_due_us (self);
    due = announcer_due < due ? announcer_due : due;
    due = due < self->audit_us ? due : self->audit_us;
    int64_t now = clock_steady_us (bus_clock (self->bus));
    int64_t left = due == NEVER ? NEVER : due - now;
    int64_t requests_due = bus_requests_due_us (self->requests), announce_due = self->announcer.announce_us;
    int64_t real_due = requests_due < announce_due ? requests_due : announce_due;
    int64_t real_left = real_due == NEVER ? NEVER : real_due - clock_monotonic_us ();
    return left < real_left ? left : real_left;
}

static long wait_ms (const actor_t *self, int64_t left)
{
    if (is_any_ready (self) || self->more || left <= 0)
        return 0;
    if (clock_is_by_hand (bus_clock (self->bus)))
        return BY_HAND_MS;
    return left == NEVER ? -1 : (long) (left / 1000 + 1);
}

static void take_tick (actor_t *self)
{
    if (!self->class->tick || clock_steady_us (bus_clock (self->bus)) < self->tick_us)
        return;
    self->tick_us = NEVER; // The tick sets when the next one is due, or something else does meanwhile
    make_ready (self, turn_begin (self));
}

static void attend (actor_t *self)
{
    mailbox_attend (self->mailbox);
    mailbox_attend (bus_requests_answers (self->requests));
}

// True if a letter came meanwhile.
static bool stop_attending (actor_t *self)
{
    bool letters = mailbox_leave (self->mailbox);
    return mailbox_leave (bus_requests_answers (self->requests)) || letters;
}

static int64_t later (int64_t now, int64_t left)
{
    return left == NEVER ? NEVER : now + left;
}

// In a guest's thread. One batch only: the guest waits for its own answer, and what it has to visit waits for the guest.
static void serve_for_guest (void *self_)
{
    actor_t *self = self_;
    const char *part = log_as (self->class->name);
    attend (self);
    bus_requests_lend (self->requests, true);
    take_letters (self);
    bus_requests_serve (self->requests);
    wake_due (self); // As its own thread does: what is asked after a time sees what was due at it
    take_tick (self);
    audit_take (self);
    serve_batch (self);
    bus_requests_lend (self->requests, false);
    bool letters = stop_attending (self);
    bool sooner = later (clock_monotonic_us (), until_due_us (self)) < self->rests_until_us;
    if (is_any_ready (self) || self->more || letters || sooner || bus_requests_has_sockets (self->requests))
        (void) !write (self->wake, &(uint64_t){1}, sizeof (uint64_t));
    (void) log_as (part);
}

// Waits without the seat, so that guests may serve meanwhile, but for sockets, which belong to this thread.
static bool rest (actor_t *self, pollable_t *const *list, size_t count)
{
    int64_t left = until_due_us (self);
    long ms = wait_ms (self, left);
    if (ms == 0 || stop_attending (self)) {
        attend (self);
        return pollables_wait (list, count, 0);
    }
    self->rests_until_us = later (clock_monotonic_us (), left);
    seat_leave (self->seat, !self->inbox && !bus_requests_has_sockets (self->requests));
    bool good = pollables_wait (list, count, ms);
    seat_take (self->seat);
    attend (self);
    return good;
}

// False when the actor is to end.
static bool wait_and_take (actor_t *self, pollable_t *pipe, pollable_t *wake)
{
    pollable_t *list[BUS_REQUESTS_POLLABLES + 3] = {pipe, wake, &self->mail};
    size_t count = self->inbox ? 3 : 2;
    count += bus_requests_pollables (self->requests, list + count);
    if (!rest (self, list, count))
        return false;
    if (pipe->ready && pollable_has_message (pipe))
        return false; // $TERM
    if (self->inbox && self->mail.ready)
        take_messages (self);
    if (wake->ready)
        take_posts (self);
    take_letters (self);
    bus_requests_serve (self->requests);
    announcer_attend (self);
    wake_due (self);
    take_tick (self);
    audit_take (self);
    return true;
}

// Requests that were taken are answered. One that waits for a notification learns that its time is up, and its caller asks another
// replica.
static void finish (actor_t *self)
{
    if (self->class->stop)
        self->class->stop (self->self);
    bus_leave (self->bus, self->class->name);
    mailbox_close (self->mailbox);
    take_posts (self);
    wake_all (self, true);
    for (int i = 0; i < ACTOR_TURNS; i++) {
        take_letters (self);
        take_messages (self);
        if (!is_any_ready (self))
            break;
        serve_batch (self);
    }
    announcer_end (self);
    bus_requests_destroy (&self->requests); // Ends all requests: their turns become ready, or end
    for (pace_t pace = QUICK; pace < PACES; pace++)
        for (served_t *served; (served = take_ready (self, pace));)
            park (self, served);
    while (self->parked_count > 0) {
        served_t *served = self->parked[0];
        unpark (self, served);
        if (served->handler)
            answer_unfinished (self, served);
        free (served->data);
        turn_end (self, &served);
    }
    end_spare_turns (self);
}

// The socket for other processes.
static bool open_inbox (actor_t *self, const char *endpoint)
{
    self->inbox = zsock_new (ZMQ_ROUTER);
    zsock_set_rcvhwm (self->inbox, BUS_QUEUE);
    zsock_set_sndhwm (self->inbox, 0); // Bounded by the requests that it answers
    zsock_set_maxmsgsize (self->inbox, FRAME_ON_WIRE);
    zsock_set_linger (self->inbox, 1000);
    zsock_set_sndtimeo (self->inbox, 0);
    zsock_set_router_mandatory (self->inbox, 1);
    bus_protect_server (self->bus, self->inbox);
    // A random port: a program that starts must not get the port of one that has just ended and still receives requests
    size_t size = strlen (endpoint);
    bool any = size > 0 && endpoint[size - 1] == '*';
    if (zsock_bind (self->inbox, "%.*s%s", (int) (size - any), endpoint, any ? "!" : "") >= 0) {
        self->endpoint = strdup (zsock_endpoint (self->inbox));
        return true;
    }
    log_error ("an inbox cannot be bound", "service", self->class->name, "endpoint", endpoint, NULL);
    zsock_destroy (&self->inbox);
    return false;
}

static void loop (zsock_t *pipe, void *context)
{
    actor_t *self = context;
    log_name_thread (self->class->name);
    seat_take (self->seat);
    self->requests = bus_requests_of_actor (self->bus, self->seat);
    attend (self);
    zsock_signal (pipe, 0);
    pollable_t end = pollable_of_socket (pipe), wake = pollable_of_fd (self->wake);
    if (self->inbox)
        self->mail = pollable_of_socket (self->inbox);
    while (wait_and_take (self, &end, &wake))
        serve_batch (self);
    finish (self);
    seat_leave (self->seat, false);
    zsock_destroy (&self->inbox);
    // This thread is not joined: what libcrypto keeps for it goes before its end is reported, or a process that ends then leaves it
    OPENSSL_thread_stop ();
    pthread_mutex_lock (&self->lock); // What this thread wrote is visible to the thread that joins it
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
                               "Duration of one run of a handler; a handler that waits runs several times.");
        self->metrics[i].faults =
            metrics_counter ("opencicd_faults_total", "message", name, "Requests answered with a fault.");
    }
    self->skew.service = self->class->name;
    self->skew.noticed = metrics_counter ("opencicd_skewed_clocks_total", "service", self->class->name,
                                          "Peers whose clock differs from ours.");
    self->own_faults = metrics_counter ("opencicd_tick_faults_total", "service", self->class->name,
                                        "Ticks and posted actions that failed and were rolled back.");
    self->waiting = metrics_gauge ("opencicd_turns", "service", self->class->name, "Requests in progress.");
}

actor_t *actor_new (const actor_class_t *class, void *own, bus_t *bus, const char *endpoint)
{
    actor_t *self = calloc (1, sizeof (actor_t));
    if (!self)
        abort ();
    self->class = class;
    self->self = own;
    self->bus = bus;
    announcer_init (&self->announcer);
    for (pace_t pace = QUICK; pace < PACES; pace++)
        self->ready[pace].end = &self->ready[pace].first;
    self->due_us = NEVER;
    self->audit_us = class->audit ? INT64_MIN / 2 : NEVER; // What an earlier process left
    self->tick_us = class->tick ? INT64_MIN / 2 : NEVER;
    self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init (&self->lock, NULL);
    make_metrics (self);
    self->seat = seat_new (serve_for_guest, self);
    self->mailbox = mailbox_new (self->wake, self->seat);
    if ((!endpoint || open_inbox (self, endpoint)) && bus_join (bus, class->name, self->mailbox))
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
    receiver_t *receiver = &self->mailbox->receiver;
    receiver_release (&receiver);
    seat_release (&self->seat);
    zsock_destroy (&self->inbox);
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
