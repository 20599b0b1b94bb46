/* bus_client.c - many threads ask, one thread talks.
 *
 * A call is a counted heap object, because it may outlive the stack of a caller that has given up. The talking thread takes
 * new calls from a list when its eventfd wakes it, and hands each answer to the caller's own condition variable. */

#include "common/bus_frame.h"
#include "common/log.h"
#include "common/peers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct call {
    struct call *next; // In the list of new ones
    atomic_int owners; // The caller and the talking thread
    pthread_mutex_t lock;
    pthread_cond_t done_now;
    bool done;
    arena_t *arena; // Holds the texts of `turn`
    turn_t turn;
    uint16_t number;
    zframe_t *body; // The ask, then the answer
    fault_t fault;
    char *detail;
} call_t;

struct bus_client {
    bus_t *bus;
    zactor_t *thread;
    int wake;             // eventfd
    pthread_mutex_t lock; // Of what follows
    call_t *fresh;        // In reverse order
    bool closed;
};

static void call_release (call_t *self)
{
    if (atomic_fetch_sub (&self->owners, 1) != 1)
        return;
    pthread_mutex_destroy (&self->lock);
    pthread_cond_destroy (&self->done_now);
    zframe_destroy (&self->body);
    arena_destroy (&self->arena);
    free (self->detail);
    free (self);
}

static call_t *call_new (const turn_t *turn, uint16_t number, zframe_t *body)
{
    call_t *self = calloc (1, sizeof (call_t));
    if (!self)
        abort ();
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->done_now, &monotonic);
    pthread_condattr_destroy (&monotonic);
    atomic_init (&self->owners, 2);
    self->arena = arena_new ();
    self->turn = *turn;
    self->turn.request_id = arena_strdup (self->arena, turn->request_id);
    self->turn.caller.subject = arena_strdup (self->arena, turn->caller.subject);
    self->number = number;
    self->body = body;
    self->fault = TIMEOUT;
    return self;
}

// ---- the talking thread ----

static void take_answer (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    call_t *call = context;
    pthread_mutex_lock (&call->lock);
    call->fault = fault;
    call->detail = detail ? strdup (detail) : NULL;
    call->body = *body_p;
    *body_p = NULL;
    call->done = true;
    pthread_cond_signal (&call->done_now);
    pthread_mutex_unlock (&call->lock);
    call_release (call);
}

static call_t *take_fresh (bus_client_t *self)
{
    uint64_t count;
    (void) !read (self->wake, &count, sizeof count);
    pthread_mutex_lock (&self->lock);
    call_t *reversed = self->fresh, *fresh = NULL;
    self->fresh = NULL;
    pthread_mutex_unlock (&self->lock);
    while (reversed) {
        call_t *next = reversed->next;
        reversed->next = fresh;
        fresh = reversed;
        reversed = next;
    }
    return fresh;
}

static void ask_fresh (bus_client_t *self, peers_t *peers)
{
    for (call_t *call = take_fresh (self), *next; call; call = next) {
        next = call->next;
        zframe_t *body = call->body;
        call->body = NULL;
        peers_ask (peers, &call->turn, call->number, &body, take_answer, call);
    }
}

static long wait_ms (const peers_t *peers)
{
    int64_t due = peers_due_us (peers), now = clock_monotonic_us ();
    if (due == NEVER)
        return -1;
    return due > now ? (long) ((due - now) / 1000 + 1) : 0;
}

static void talk (zsock_t *pipe, void *context)
{
    bus_client_t *self = context;
    log_name_thread ("bus");
    peers_t *peers = peers_new (self->bus);
    zsock_signal (pipe, 0);
    inlet_t end = inlet_of_socket (pipe), wake = inlet_of_fd (self->wake);
    inlet_t *list[PEERS_INLETS + 2] = {&end, &wake};
    while (inlets_wait (list, 2 + peers_inlets (peers, list + 2), wait_ms (peers))) {
        if (end.ready && inlet_has_message (&end))
            break; // $TERM
        if (wake.ready)
            ask_fresh (self, peers);
        peers_serve (peers);
    }
    ask_fresh (self, peers);
    peers_destroy (&peers);
    pthread_mutex_lock (&self->lock); // What this thread wrote is there for the one that ends it
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

static bool enqueue (bus_client_t *self, call_t *call)
{
    pthread_mutex_lock (&self->lock);
    bool open = !self->closed;
    if (open) {
        call->next = self->fresh;
        self->fresh = call;
    }
    pthread_mutex_unlock (&self->lock);
    if (open)
        (void) !write (self->wake, &(uint64_t){1}, sizeof (uint64_t));
    return open;
}

// The talking thread ends every call at its deadline; a second more, should it be stuck.
static void wait_for (call_t *call, int64_t left_us)
{
    int64_t until = clock_monotonic_us () + left_us + SECONDS (1);
    struct timespec at = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_mutex_lock (&call->lock);
    while (!call->done && pthread_cond_timedwait (&call->done_now, &call->lock, &at) == 0)
        ;
    pthread_mutex_unlock (&call->lock);
}

static fault_t take_result (bus_client_t *self, turn_t *turn, call_t *call, uint16_t number, void *answer)
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

fault_t bus_client_call (bus_client_t *self, turn_t *turn, uint16_t ask_number, const void *ask, void *answer)
{
    uint16_t number;
    const char *service;
    bool again;
    zframe_t *body;
    if (!bus_codec (self->bus)->call_of (ask_number, &number, &service, &again))
        return turn_fail (turn, BROKEN, "message %u asks for nothing", ask_number);
    fault_t fault = bus_pack (self->bus, ask_number, ask, &body);
    if (fault != OK)
        return turn_fail (turn, fault, "the request is too large for one message");
    if (turn->deadline_us == NEVER)
        turn->deadline_us = clock_now_us (bus_clock (self->bus)) + MILLISECONDS (BUS_DEADLINE_MS);
    int64_t left_us = turn->deadline_us - clock_now_us (bus_clock (self->bus));
    call_t *call = call_new (turn, ask_number, body);
    if (enqueue (self, call)) {
        wait_for (call, left_us);
        fault = take_result (self, turn, call, number, answer);
    } else {
        call_release (call); // The talking thread's share
        fault = turn_fail (turn, UNAVAILABLE, "the server is being stopped");
    }
    call_release (call);
    return fault;
}
