/* bus_client.c - calls from any number of threads.
 *
 * A service of this process is handed the call by its caller's own thread, runs in that thread where it rests (guest.h), and answers into
 * the call. For those of other processes one thread
 * talks: it holds a connection to each replica and takes new calls from a list when its eventfd wakes it.
 * A call is a counted heap object, because it may outlive the stack of a caller that has given up. Each
 * answer wakes the caller by a condition variable of its own. */

#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"
#include "common/bus/bus_requests.h"
#include "common/bus/guest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct call {
    receiver_t receiver; // First. Held by the caller, and by the talking thread or whoever is to answer
    struct call *next;   // In the list of new ones
    struct call *after, *before; // In the list of those that a service of this process holds
    pthread_mutex_t lock;        // Of `done` and of the answer: whoever answers and whoever gives up may meet
    pthread_cond_t done_now;
    bool done;
    arena_t *arena; // Holds the texts of `turn`
    turn_t turn;
    uint16_t number;
    zframe_t *body; // The ask, then the answer
    fault_t fault;
    char *detail;
} pending_call_t;

struct bus_client {
    bus_t *bus;
    zactor_t *thread;
    int wake;               // eventfd
    pthread_mutex_t lock;   // Of what follows
    pending_call_t *fresh;  // In reverse order
    pending_call_t *handed; // To services of this process
    bool closed;
};

static void call_destroy (receiver_t *receiver)
{
    pending_call_t *self = (pending_call_t *) receiver;
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->done_now);
    zframe_destroy (&self->body);
    arena_destroy (&self->arena);
    free (self->detail);
    free (self);
}

static void call_release (pending_call_t *self)
{
    receiver_t *receiver = &self->receiver;
    receiver_release (&receiver);
}

// Only once: a second answer is dropped.
static void call_end (pending_call_t *self, fault_t fault, const char *detail, zframe_t **body_p)
{
    pthread_mutex_lock (&self->lock);
    if (!self->done) {
        self->fault = fault;
        self->detail = detail ? strdup (detail) : NULL;
        zframe_destroy (&self->body);
        self->body = *body_p;
        *body_p = NULL;
        self->done = true;
        pthread_cond_signal (&self->done_now);
    }
    pthread_mutex_unlock (&self->lock);
    zframe_destroy (body_p);
}

// In the thread that runs a service of this process.
static void call_deliver (receiver_t *receiver, letter_t **letter_p)
{
    wire_t wire;
    arena_t *arena = arena_new ();
    if (wire_unpack (&wire, arena, (*letter_p)->header, (*letter_p)->size))
        call_end ((pending_call_t *) receiver, wire.fault, *wire.text ? wire.text : NULL, &(*letter_p)->body);
    arena_destroy (&arena);
    letter_destroy (letter_p);
}

static pending_call_t *call_new (const turn_t *turn, uint16_t number, zframe_t *body)
{
    pending_call_t *self = calloc (1, sizeof (pending_call_t));
    if (!self)
        abort ();
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->done_now, &monotonic);
    pthread_condattr_destroy (&monotonic);
    self->receiver = (receiver_t){.deliver = call_deliver, .destroy = call_destroy};
    atomic_init (&self->receiver.owners, 1);
    self->arena = arena_new ();
    self->turn = *turn;
    self->turn.request_id = arena_strdup (self->arena, turn->request_id);
    self->turn.caller.subject = arena_strdup (self->arena, turn->caller.subject);
    self->turn.caller.grants = arena_strdup (self->arena, turn->caller.grants);
    self->turn.once_key = arena_strdup (self->arena, turn->once_key);
    self->turn.audit = arena_strdup (self->arena, turn->audit);
    self->number = number;
    self->body = body;
    self->fault = TIMEOUT;
    return self;
}

// ---- the talking thread ----

static void take_answer (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    pending_call_t *call = context;
    call_end (call, fault, detail, body_p);
    call_release (call);
}

static pending_call_t *take_fresh (bus_client_t *self)
{
    uint64_t count;
    (void) !read (self->wake, &count, sizeof count);
    pthread_mutex_lock (&self->lock);
    pending_call_t *reversed = self->fresh, *fresh = NULL;
    self->fresh = NULL;
    pthread_mutex_unlock (&self->lock);
    while (reversed) {
        pending_call_t *next = reversed->next;
        reversed->next = fresh;
        fresh = reversed;
        reversed = next;
    }
    return fresh;
}

static void ask_fresh (bus_client_t *self, bus_requests_t *requests)
{
    for (pending_call_t *call = take_fresh (self), *next; call; call = next) {
        next = call->next;
        zframe_t *body = call->body;
        call->body = NULL;
        bus_requests_ask (requests, &call->turn, call->number, &body, take_answer, call);
    }
}

static long wait_ms (const bus_requests_t *requests)
{
    int64_t due = bus_requests_due_us (requests), now = clock_monotonic_us ();
    if (due == NEVER)
        return -1;
    return due > now ? (long) ((due - now) / 1000 + 1) : 0;
}

static void talk (zsock_t *pipe, void *context)
{
    bus_client_t *self = context;
    log_name_thread ("bus");
    bus_requests_t *requests = bus_requests_new (self->bus);
    zsock_signal (pipe, 0);
    pollable_t end = pollable_of_socket (pipe), wake = pollable_of_fd (self->wake);
    pollable_t *list[BUS_REQUESTS_POLLABLES + 2] = {&end, &wake};
    while (pollables_wait (list, 2 + bus_requests_pollables (requests, list + 2), wait_ms (requests))) {
        if (end.ready && pollable_has_message (&end))
            break; // $TERM
        if (wake.ready)
            ask_fresh (self, requests);
        bus_requests_serve (requests);
    }
    ask_fresh (self, requests);
    bus_requests_destroy (&requests);
    pthread_mutex_lock (&self->lock); // What this thread wrote is visible to the thread that joins it
    pthread_mutex_unlock (&self->lock);
}

// ---- any thread ----

bus_client_t *bus_client_new (bus_t *bus)
{
    bus_client_t *self = calloc (1, sizeof (bus_client_t));
    if (!self)
        abort ();
    self->bus = bus;
    self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init (&self->lock, NULL);
    self->thread = zactor_new (talk, self);
    return self;
}

void bus_client_close (bus_client_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->closed = true;
    pthread_mutex_unlock (&self->lock);
    zactor_destroy (&self->thread);
    pthread_mutex_lock (&self->lock);
    for (pending_call_t *call = self->handed; call; call = call->after) {
        zframe_t *none = NULL;
        call_end (call, UNAVAILABLE, "the server is being stopped", &none);
    }
    pthread_mutex_unlock (&self->lock);
}

void bus_client_destroy (bus_client_t **self_p)
{
    bus_client_t *self = *self_p;
    if (!self)
        return;
    bus_client_close (self);
    close (self->wake);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

static bool enqueue (bus_client_t *self, pending_call_t *call)
{
    pthread_mutex_lock (&self->lock);
    bool open = !self->closed;
    if (open) {
        receiver_hold (&call->receiver); // The talking thread's share
        call->next = self->fresh;
        self->fresh = call;
    }
    pthread_mutex_unlock (&self->lock);
    if (open)
        (void) !write (self->wake, &(uint64_t){1}, sizeof (uint64_t));
    return open;
}

// The talking thread ends every call at its deadline; one more second, in case it is stuck.
static void wait_for (pending_call_t *call, int64_t left_us)
{
    int64_t until = clock_monotonic_us () + left_us + SECONDS (1);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_mutex_lock (&call->lock);
    while (!call->done && pthread_cond_timedwait (&call->done_now, &call->lock, &at) == 0)
        ;
    pthread_mutex_unlock (&call->lock);
}

static bool is_done (void *context)
{
    pending_call_t *call = context;
    pthread_mutex_lock (&call->lock);
    bool done = call->done;
    pthread_mutex_unlock (&call->lock);
    return done;
}

static fault_t take_result (bus_client_t *self, turn_t *turn, pending_call_t *call, uint16_t number,
                            void *answer)
{
    pthread_mutex_lock (&call->lock);
    fault_t fault = call->fault;
    zframe_t *body = call->done ? call->body : NULL;
    turn->detail = arena_strdup (turn->arena, call->detail);
    const void *data = body ? arena_copy (turn->arena, zframe_data (body), zframe_size (body)) : NULL;
    size_t size = body ? zframe_size (body) : 0;
    pthread_mutex_unlock (&call->lock);
    return fault == OK ? bus_codec (self->bus)->unpack (number, turn, data, size, answer) : fault;
}

static bool begin_handing (bus_client_t *self, pending_call_t *call)
{
    pthread_mutex_lock (&self->lock);
    bool open = !self->closed;
    if (open) {
        call->after = self->handed;
        if (call->after)
            call->after->before = call;
        self->handed = call;
    }
    pthread_mutex_unlock (&self->lock);
    return open;
}

static void end_handing (bus_client_t *self, pending_call_t *call)
{
    pthread_mutex_lock (&self->lock);
    if (call->after)
        call->after->before = call->before;
    *(call->before ? &call->before->after : &self->handed) = call->after;
    pthread_mutex_unlock (&self->lock);
}

static letter_t *letter_of_call (bus_client_t *self, pending_call_t *call, int64_t left_us)
{
    const turn_t *turn = &call->turn;
    wall_clock_t *clock = bus_clock (self->bus);
    char key[BUS_KEY];
    bus_key (self->bus, key);
    wire_t wire = {.number = call->number,
                   .text = turn->request_id,
                   .left_us = left_us,
                   .caller = turn->caller,
                   .until_us = clock_now_us (clock) + left_us,
                   .ends_us = clock_steady_us (clock) + left_us,
                   .host = bus_host (self->bus),
                   .key = turn->once_key ? turn->once_key : key,
                   .repeats = turn->once_key != NULL,
                   .audit = turn->audit};
    return letter_new (&wire, &call->body, &call->receiver);
}

// To a service of this process, without the talking thread. False if it is not here, or has ended.
static bool hand_over (bus_client_t *self, pending_call_t *call, const char *service, int64_t left_us)
{
    mailbox_t *mailbox = left_us > 0 ? bus_local (self->bus, service) : NULL;
    if (!mailbox)
        return false;
    letter_t *letter = letter_of_call (self, call, left_us);
    mailbox_result_t result = MAILBOX_CLOSED;
    if (begin_handing (self, call)) {
        bus_guest_t guest;
        guest_begin (&guest);
        result = mailbox_put (mailbox, &letter);
        guest_end (&guest, is_done, call);
        if (result == MAILBOX_TAKEN)
            wait_for (call, left_us);
        end_handing (self, call);
    }
    zframe_t *none = NULL;
    if (result == MAILBOX_FULL)
        call_end (call, OVERLOADED, "the service's queue is full", &none);
    if (letter) {
        call->body = letter->body;
        letter->body = NULL;
    }
    letter_destroy (&letter);
    receiver_t *receiver = &mailbox->receiver;
    receiver_release (&receiver);
    return result != MAILBOX_CLOSED;
}

fault_t bus_client_call (bus_client_t *self, turn_t *turn, uint16_t ask_number, const void *ask, void *answer)
{
    uint16_t number;
    const char *service;
    repeat_t repeat;
    zframe_t *body;
    if (!bus_codec (self->bus)->call_of (ask_number, &number, &service, &repeat))
        return turn_fail (turn, BROKEN, "message %u is not a request", ask_number);
    fault_t fault = bus_pack (self->bus, ask_number, ask, &body);
    if (fault != OK)
        return turn_fail (turn, fault, "the request is too large for one message");
    if (turn->deadline_us == NEVER)
        turn->deadline_us = clock_now_us (bus_clock (self->bus)) + MILLISECONDS (BUS_DEADLINE_MS);
    int64_t left_us = turn->deadline_us - clock_now_us (bus_clock (self->bus));
    pending_call_t *call = call_new (turn, ask_number, body);
    if (hand_over (self, call, service, left_us))
        fault = take_result (self, turn, call, number, answer);
    else if (enqueue (self, call)) {
        wait_for (call, left_us);
        fault = take_result (self, turn, call, number, answer);
    } else
        fault = turn_fail (turn, UNAVAILABLE, "the server is being stopped");
    call_release (call);
    return fault;
}
