/* bus_requests.c - the table of requests under way, and when each is sent again or given up.
 *
 * A request is sent to the replica with the fewest under way. If its message is safe to repeat and the replica is
 * silent for BUS_ATTEMPT_MS, it goes to another one, or to the only one again after BUS_ALONE_MS; the wait doubles
 * each time, so that slow replicas are not buried in copies, until the deadline. What must run only once, and what waits on purpose (it has
 * more time than BUS_DEADLINE_MS), goes to another replica only when its own does not even answer a probe: that one is frozen,
 * not slow, and the row of the request's key keeps the two from both committing it. That row holds for a secret too: only the answer of one
 * that was committed and lost is not in it, and then its handler decides. Within a process a request is handed over, and nothing is lost. */

#include "common/bus/bus_requests.h"

#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"
#include "common/bus/replicas.h"
#include "common/bus/wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_DOUBLED 8 // How often the wait until the next attempt doubles

typedef struct bus_request {
    struct bus_request *next;
    uint64_t call;
    const char *service;
    bool again; // It is sent again if it is not answered soon; else only if its replica fails a probe
    bool once;  // It must run only once
    bool local; // A service of this process has it, and will answer
    bool parks; // It waits on purpose, and is safe to repeat
    int64_t deadline_us; // Monotonic
    int64_t retry_us;    // Monotonic; NEVER within this process
    unsigned sent;       // How often
    int64_t nowhere_us;  // When it fails if it could not be sent by then; monotonic
    replica_t *replica;  // The last one that it was sent to; NULL: not sent yet
    size_t header_size;
    char *header;
    zframe_t *body;
    bus_requests_done_fn done;
    void *context;
} bus_request_t;

#define BUCKETS 1024

struct bus_requests {
    bus_t *bus;
    arena_t *arena; // For headers of answers
    uint64_t version;
    uint64_t last_call;
    int64_t due_us; // No request is due before
    size_t count;
    bus_request_t *buckets[BUCKETS]; // By call
    replicas_t *replicas;
    int fd;             // eventfd
    mailbox_t *answers; // Of services of this process
    pollable_t arrived;
    bool lent; // To a guest
};

bus_requests_t *bus_requests_new (bus_t *bus)
{
    return bus_requests_of_actor (bus, NULL);
}

bus_requests_t *bus_requests_of_actor (bus_t *bus, struct seat *seat)
{
    bus_requests_t *self = calloc (1, sizeof (bus_requests_t));
    if (!self)
        abort ();
    self->bus = bus;
    self->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->answers = mailbox_new (self->fd, seat);
    self->arrived = pollable_of_fd (self->fd);
    self->replicas = replicas_new (bus);
    self->arena = arena_new ();
    self->due_us = NEVER;
    return self;
}

static void finish (bus_requests_t *self, bus_request_t *request, fault_t fault, const char *detail,
                    zframe_t *body)
{
    bus_request_t **at = &self->buckets[request->call % BUCKETS];
    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    self->count--;
    if (request->replica)
        request->replica->under_way--;
    request->done (request->context, fault, detail, &body);
    zframe_destroy (&body);
    zframe_destroy (&request->body);
    free (request->header);
    free (request);
}

void bus_requests_destroy (bus_requests_t **self_p)
{
    bus_requests_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (self->buckets[i])
            finish (self, self->buckets[i], UNAVAILABLE, "the service is being stopped", NULL);
    replicas_destroy (&self->replicas);
    mailbox_close (self->answers);
    receiver_t *receiver = &self->answers->receiver;
    receiver_release (&receiver);
    close (self->fd);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

// ---- asking ----

static bool send_to (replica_t *replica, const bus_request_t *request)
{
    zframe_t *header = zframe_new (request->header, request->header_size);
    zframe_t *body = zframe_dup (request->body);
    replica->pollable.used = true;
    bool sent = zframe_send (&header, replica->socket, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0 &&
                zframe_send (&body, replica->socket, ZFRAME_DONTWAIT) == 0;
    zframe_destroy (&header);
    zframe_destroy (&body);
    return sent;
}

static int64_t retry_at (const bus_requests_t *self, const bus_request_t *request)
{
    bool soon = !request->parks && replicas_have_another (self->replicas, request->replica);
    int64_t first = MILLISECONDS (soon ? BUS_ATTEMPT_MS : BUS_ALONE_MS);
    return clock_monotonic_us () + (first << (request->sent < MAX_DOUBLED ? request->sent : MAX_DOUBLED));
}

// Within a process nothing is lost, so it is handed over once.
static mailbox_result_t hand_over (bus_requests_t *self, bus_request_t *request)
{
    mailbox_t *mailbox = bus_local (self->bus, request->service);
    if (!mailbox)
        return MAILBOX_CLOSED;
    letter_t *letter =
        letter_of (request->header, request->header_size, &request->body, &self->answers->receiver);
    mailbox_result_t result = mailbox_put (mailbox, &letter);
    if (letter) { // It was not taken
        request->body = letter->body;
        letter->body = NULL;
    }
    letter_destroy (&letter);
    receiver_t *receiver = &mailbox->receiver;
    receiver_release (&receiver);
    request->local = result == MAILBOX_TAKEN;
    if (request->local)
        request->retry_us = NEVER;
    return result;
}

static bool try_send (bus_requests_t *self, bus_request_t *request)
{
    if (hand_over (self, request) == MAILBOX_TAKEN)
        return true;
    replica_t *replica = replicas_choose (self->replicas, request->service, request->once, request->replica);
    if (!replica || !send_to (replica, request))
        return false;
    if (request->replica)
        request->replica->under_way--;
    request->replica = replica;
    replica->under_way++;
    wire_repeats (request->header, request->header_size);
    request->retry_us = retry_at (self, request);
    request->sent++;
    return true;
}

static void watch (bus_requests_t *self, const bus_request_t *request)
{
    int64_t due = request->retry_us < request->deadline_us ? request->retry_us : request->deadline_us;
    if (due < self->due_us)
        self->due_us = due;
}

static bus_request_t *request_new (bus_requests_t *self, const turn_t *turn, uint16_t number, int64_t left_us)
{
    bus_request_t *request = calloc (1, sizeof (bus_request_t));
    if (!request)
        abort ();
    char key[BUS_KEY];
    bus_key (self->bus, key);
    wire_t wire = {.call = ++self->last_call,
                   .number = number,
                   .text = turn->request_id,
                   .left_us = left_us,
                   .caller = turn->caller,
                   .until_us = clock_now_us (bus_clock (self->bus)) + left_us,
                   .ends_us = clock_steady_us (bus_clock (self->bus)) + left_us,
                   .host = bus_host (self->bus),
                   .key = turn->once_key ? turn->once_key : key,
                   .repeats = turn->once_key != NULL,
                   .audit = turn->audit};
    char header[WIRE_MAX];
    request->header_size = wire_pack (&wire, header);
    request->header = malloc (request->header_size + 1);
    if (!request->header)
        abort ();
    memcpy (request->header, header, request->header_size);
    request->call = wire.call;
    return request;
}

static void give_up (bus_requests_t *self, bus_request_t *request)
{
    finish (self, request, UNAVAILABLE, "no replica of the service is known", NULL);
}

// No replica has begun with it, so it can be sent to the next one that connects, even if it must run only once.
static void wait_for_replica (bus_requests_t *self, bus_request_t *request, int64_t now)
{
    request->nowhere_us = now + MILLISECONDS (BUS_NOWHERE_MS);
    request->retry_us = now + MILLISECONDS (BUS_ATTEMPT_MS);
    if (bus_may_come (self->bus, request->service) || replicas_may_connect (self->replicas, request->service))
        watch (self, request);
    else
        give_up (self, request);
}

void bus_requests_ask (bus_requests_t *self, const turn_t *turn, uint16_t number, zframe_t **body_p,
                       bus_requests_done_fn done, void *context)
{
    uint16_t answer;
    int64_t now = clock_monotonic_us ();
    int64_t left = turn->deadline_us == NEVER ? MILLISECONDS (BUS_DEADLINE_MS)
                                              : turn->deadline_us - clock_now_us (bus_clock (self->bus));
    bus_request_t *request = request_new (self, turn, number, left);
    repeat_t repeat = REPEAT_ONCE;
    bus_codec (self->bus)->call_of (number, &answer, &request->service, &repeat);
    request->again = repeat == REPEAT_AGAIN;
    request->once = !request->again;
    request->body = *body_p;
    *body_p = NULL;
    request->done = done;
    request->context = context;
    request->deadline_us = now + left;
    request->parks = request->again && left > MILLISECONDS (BUS_DEADLINE_MS);
    request->again = request->again && !request->parks;
    request->next = self->buckets[request->call % BUCKETS];
    self->buckets[request->call % BUCKETS] = request;
    self->count++;
    if (left <= 0) {
        finish (self, request, TIMEOUT, "the deadline had passed before it was sent", NULL);
        return;
    }
    mailbox_result_t handed = self->count > BUS_REQUESTS_MAX ? MAILBOX_FULL : hand_over (self, request);
    if (handed == MAILBOX_FULL)
        finish (self, request, OVERLOADED, "the service's queue is full", NULL);
    else if (handed == MAILBOX_TAKEN)
        watch (self, request);
    else if (!replicas_choose (self->replicas, request->service, request->once, request->replica))
        wait_for_replica (self, request, now);
    else if (!try_send (self, request))
        finish (self, request, OVERLOADED, "the service's queue is full", NULL);
    else
        watch (self, request);
}

// ---- answers ----

static bus_request_t *find_request (bus_requests_t *self, uint64_t call)
{
    bus_request_t *request = self->buckets[call % BUCKETS];
    while (request && request->call != call)
        request = request->next;
    return request;
}

// The endpoint it was sent to belongs to another service now, which replaced a replica that ended and is still listed. Nothing has begun
// with it.
static void send_elsewhere (bus_requests_t *self, bus_request_t *request)
{
    request->replica->up = false;
    request->replica->down = true;
    request->replica->under_way--;
    request->replica = NULL;
    request->nowhere_us = clock_monotonic_us () + MILLISECONDS (BUS_NOWHERE_MS);
    request->retry_us = self->due_us = 0;
}

static void take_answer (bus_requests_t *self, const void *header, size_t size, zframe_t **body_p)
{
    wire_t wire;
    arena_reset (self->arena);
    bus_request_t *request = NULL;
    if (wire_unpack (&wire, self->arena, header, size))
        request = find_request (self, wire.call);
    if (request && request->replica && wire.number == WIRE_ELSEWHERE)
        send_elsewhere (self, request);
    else if (request && wire.fault == OK) {
        finish (self, request, OK, NULL, *body_p);
        *body_p = NULL;
    } else if (request)
        finish (self, request, wire.fault, *wire.text ? wire.text : NULL, NULL);
    zframe_destroy (body_p);
}

static void take_answers (bus_requests_t *self, replica_t *replica)
{
    zmsg_t *message;
    while ((message = pollable_receive (&replica->pollable))) {
        replica_heard (replica, clock_monotonic_us ());
        zframe_t *header = zmsg_pop (message), *body = zmsg_pop (message);
        if (header && body)
            take_answer (self, zframe_data (header), zframe_size (header), &body);
        zframe_destroy (&header);
        zframe_destroy (&body);
        zmsg_destroy (&message);
    }
}

// Its replica is not known to be frozen, or there is no other: it stays there. For what is parked nobody needs to hurry.
static bool stays (const bus_requests_t *self, bus_request_t *request, int64_t now)
{
    int64_t for_us = MILLISECONDS (request->parks ? BUS_ALONE_MS : BUS_ATTEMPT_MS);
    if (!request->replica || request->again)
        return false;
    if (replicas_have_another (self->replicas, request->replica) &&
        replica_fails_probe (request->replica, now, for_us))
        return false;
    request->retry_us = now + for_us;
    return true;
}

static void serve_due (bus_requests_t *self, bus_request_t *request, int64_t now)
{
    if (request->deadline_us <= now) {
        finish (self, request, TIMEOUT, NULL, NULL);
        return;
    }
    if (!request->replica && !request->local && request->nowhere_us <= now) {
        give_up (self, request);
        return;
    }
    if (request->retry_us <= now && !stays (self, request, now)) {
        if (request->replica)
            replica_mark_silent (request->replica, now);
        request->retry_us = now + MILLISECONDS (BUS_ATTEMPT_MS);
        (void) try_send (self, request); // If the queue is full it is tried again then
    }
    watch (self, request);
}

// What was under way there goes to another replica. A request that must run only once is marked as sent before.
static void lose (bus_requests_t *self, replica_t *replica)
{
    int64_t now = clock_monotonic_us ();
    replica->up = false;
    replica->down = true;
    for (size_t i = 0; i < BUCKETS; i++)
        for (bus_request_t *request = self->buckets[i], *next; request; request = next) {
            next = request->next;
            if (request->replica != replica)
                continue;
            if (request->again || replicas_have_another (self->replicas, replica)) {
                request->retry_us = replicas_have_another (self->replicas, replica) ? now : request->retry_us;
                watch (self, request);
            } else if (request->parks)
                finish (self, request, UNAVAILABLE, "the service ended", NULL);
            else
                finish (self, request, TIMEOUT, "the service ended; it may have begun with this", NULL);
        }
}

// It connected: what could not be sent meanwhile is tried at once.
static void find (bus_requests_t *self, replica_t *replica)
{
    replica->up = true;
    replica->down = false;
    replica_heard (replica, clock_monotonic_us ());
    for (size_t i = 0; i < BUCKETS; i++)
        for (bus_request_t *request = self->buckets[i]; request; request = request->next)
            if (!request->replica)
                request->retry_us = self->due_us = 0;
}

static void take_changes (bus_requests_t *self, replica_t *replica)
{
    zmsg_t *message;
    while ((message = pollable_receive (&replica->watch))) {
        uint16_t event = 0;
        zframe_t *first = zmsg_first (message);
        if (first && zframe_size (first) >= sizeof event)
            memcpy (&event, zframe_data (first), sizeof event);
        zmsg_destroy (&message);
        if (event == ZMQ_EVENT_DISCONNECTED)
            lose (self, replica);
        else
            find (self, replica);
    }
}

static void take_letters (bus_requests_t *self)
{
    for (letter_t *letter; (letter = mailbox_take (self->answers));) {
        take_answer (self, letter->header, letter->size, &letter->body);
        letter_destroy (&letter);
    }
}

void bus_requests_serve (bus_requests_t *self)
{
    uint64_t count;
    if (!self->lent && self->arrived.ready)
        (void) !read (self->fd, &count, sizeof count); // First: what comes after it signals again
    take_letters (self);
    if (self->lent)
        return;
    // An answer may lead to a request and so to a new replica, which has not been waited for; none leaves meanwhile.
    for (size_t i = 0; i < replicas_count (self->replicas); i++)
        if (replicas_at (self->replicas, i)->pollable.ready)
            take_answers (self, replicas_at (self->replicas, i));
    for (size_t i = 0; i < replicas_count (self->replicas); i++)
        if (replicas_at (self->replicas, i)->monitor && replicas_at (self->replicas, i)->watch.ready)
            take_changes (self, replicas_at (self->replicas, i));
    replicas_leave (self->replicas);
    int64_t now = clock_monotonic_us ();
    if (now < self->due_us)
        return;
    self->due_us = NEVER;
    for (size_t i = 0; i < BUCKETS; i++)
        for (bus_request_t *request = self->buckets[i], *next; request; request = next) {
            next = request->next;
            serve_due (self, request, now);
        }
}

size_t bus_requests_pollables (bus_requests_t *self, pollable_t *list[BUS_REQUESTS_POLLABLES])
{
    list[0] = &self->arrived;
    return 1 + replicas_pollables (self->replicas, list + 1);
}

void bus_requests_lend (bus_requests_t *self, bool to_guest)
{
    self->lent = to_guest;
}

bool bus_requests_has_sockets (const bus_requests_t *self)
{
    return replicas_count (self->replicas) > 0;
}

mailbox_t *bus_requests_answers (bus_requests_t *self)
{
    return self->answers;
}

int64_t bus_requests_due_us (const bus_requests_t *self)
{
    return self->due_us;
}
