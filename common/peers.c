/* peers.c - DEALERs to replicas, and the table of questions under way.
 *
 * A question is sent to the replica with the fewest under way. Where its message may be asked again and the replica is
 * silent for BUS_ATTEMPT_MS, it goes to another one; to the only one again after BUS_ALONE_MS; each time twice as long is
 * waited, so that slow replicas are not buried in copies; until its deadline. Within a process nothing is lost, so it is sent
 * once, and so is one with more time than BUS_DEADLINE_MS, which waits on purpose. */

#include "common/peers.h"

#include "common/bus_directory.h"
#include "common/bus_frame.h"
#include "common/log.h"
#include "common/wire.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_QUESTIONS 8192 // Under way at once; past it OVERLOADED
#define MAX_DOUBLED   8    // How often the time until the next attempt is doubled

typedef struct {
    char service[64];
    char endpoint[BUS_ENDPOINT];
    zsock_t *socket;
    inlet_t inlet;     // Of the socket
    zsock_t *monitor;  // Tells when its connection ends and comes; NULL within a process
    inlet_t watch;     // Of the monitor
    bool down;         // Its connection ended and did not come again
    uint64_t version;  // Of the directory that named it last
    bool gone;         // The directory does not name it any more
    size_t under_way;  // Questions
    int64_t silent_us; // When it was found silent last; monotonic
} replica_t;

typedef struct question {
    struct question *next;
    uint64_t call;
    const char *service;
    bool repeatable;     // May be asked of another replica
    bool again;          // And is sent again when it is not answered soon
    int64_t deadline_us; // Monotonic
    int64_t retry_us;    // Monotonic; NEVER where it is sent once
    unsigned sent;       // How often
    int64_t nowhere_us;  // When it is given up where it could not be sent yet; monotonic
    replica_t *replica;  // That it was sent to last; NULL: it was not sent yet
    size_t header_size;
    char *header;
    zframe_t *body;
    peers_done_fn done;
    void *context;
} question_t;

#define BUCKETS 1024

struct peers {
    bus_t *bus;
    arena_t *arena; // For headers of answers
    uint64_t version;
    uint64_t last_call;
    int64_t due_us; // No question is due before
    size_t count;
    question_t *buckets[BUCKETS]; // By call
    replica_t *replicas[PEERS_SOCKETS];
    size_t replica_count;
};

peers_t *peers_new (bus_t *bus)
{
    peers_t *self = calloc (1, sizeof (peers_t));
    if (!self)
        abort ();
    self->bus = bus;
    self->arena = arena_new ();
    self->due_us = NEVER;
    return self;
}

static void replica_destroy (replica_t **self_p)
{
    zsock_destroy (&(*self_p)->socket);
    zsock_destroy (&(*self_p)->monitor);
    free (*self_p);
    *self_p = NULL;
}

static void finish (peers_t *self, question_t *question, fault_t fault, const char *detail, zframe_t *body)
{
    question_t **at = &self->buckets[question->call % BUCKETS];
    while (*at != question)
        at = &(*at)->next;
    *at = question->next;
    self->count--;
    if (question->replica)
        question->replica->under_way--;
    question->done (question->context, fault, detail, &body);
    zframe_destroy (&body);
    zframe_destroy (&question->body);
    free (question->header);
    free (question);
}

void peers_destroy (peers_t **self_p)
{
    peers_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (self->buckets[i])
            finish (self, self->buckets[i], UNAVAILABLE, "the service is being stopped", NULL);
    for (size_t i = 0; i < self->replica_count; i++)
        replica_destroy (&self->replicas[i]);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

// ---- replicas ----

static replica_t *find_replica (peers_t *self, const char *service, const char *endpoint)
{
    for (size_t i = 0; i < self->replica_count; i++)
        if (strcmp (self->replicas[i]->service, service) == 0 &&
            strcmp (self->replicas[i]->endpoint, endpoint) == 0)
            return self->replicas[i];
    return NULL;
}

// The kernel closes the connections of a process that was killed: that is heard long before its row in the directory is too old.
static void monitor (replica_t *self)
{
    static atomic_uint count;
    char name[64];
    snprintf (name, sizeof name, "inproc://opencicd-monitor-%u", atomic_fetch_add (&count, 1));
    if (zmq_socket_monitor (zsock_resolve (self->socket), name,
                            ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0)
        return;
    self->monitor = zsock_new (ZMQ_PAIR);
    if (zsock_connect (self->monitor, "%s", name) == 0)
        self->watch = inlet_of_socket (self->monitor);
    else
        zsock_destroy (&self->monitor);
}

static replica_t *replica_new (const bus_t *bus, const char *service, const char *endpoint)
{
    replica_t *self = calloc (1, sizeof (replica_t));
    if (!self)
        abort ();
    self->silent_us = INT64_MIN / 2; // Never
    snprintf (self->service, sizeof (self->service), "%s", service);
    snprintf (self->endpoint, sizeof (self->endpoint), "%s", endpoint);
    self->socket = zsock_new (ZMQ_DEALER);
    zsock_set_sndhwm (self->socket, BUS_QUEUE);
    zsock_set_rcvhwm (self->socket, 0); // Answers are bounded by what was asked
    zsock_set_maxmsgsize (self->socket, FRAME_ON_WIRE);
    zsock_set_linger (self->socket, 0);
    zsock_set_sndtimeo (self->socket, 0);
    zsock_set_tcp_keepalive (self->socket, 1);
    zsock_set_tcp_keepalive_idle (self->socket, 30);
    if (strncmp (endpoint, "inproc:", 7) != 0) {
        bus_protect_client (bus, self->socket);
        monitor (self);
    }
    if (zsock_connect (self->socket, "%s", endpoint) == 0) {
        self->inlet = inlet_of_socket (self->socket);
        return self;
    }
    log_warn ("a replica cannot be reached", "service", service, "endpoint", endpoint, NULL);
    replica_destroy (&self);
    return NULL;
}

static void leave (peers_t *self)
{
    for (size_t i = 0; i < self->replica_count; i++)
        if (self->replicas[i]->gone && self->replicas[i]->under_way == 0) {
            replica_destroy (&self->replicas[i]);
            self->replicas[i--] = self->replicas[--self->replica_count];
        }
}

// Connects to what is new in the directory and leaves what is gone, once nothing is under way there. Gives the version that it
// read: there may be a newer one by now.
static uint64_t refresh (peers_t *self, const char *service)
{
    char endpoints[BUS_REPLICAS][BUS_ENDPOINT];
    uint64_t version;
    size_t count = bus_endpoints (self->bus, service, endpoints, &version);
    for (size_t i = 0; i < count; i++) {
        replica_t *replica = find_replica (self, service, endpoints[i]);
        if (!replica && self->replica_count < PEERS_SOCKETS) {
            replica = replica_new (self->bus, service, endpoints[i]);
            if (replica)
                self->replicas[self->replica_count++] = replica;
        }
        if (replica)
            replica->version = version;
    }
    for (size_t i = 0; i < self->replica_count; i++) {
        replica_t *replica = self->replicas[i];
        if (strcmp (replica->service, service) == 0)
            replica->gone = replica->version != version;
    }
    leave (self);
    return version;
}

static bool was_silent (const replica_t *replica, int64_t now)
{
    return replica->silent_us + MILLISECONDS (BUS_ALONE_MS) > now;
}

// One that was silent lately comes last; else the one with the fewest questions.
static bool is_better (const replica_t *one, const replica_t *other, int64_t now)
{
    bool one_silent = was_silent (one, now), other_silent = was_silent (other, now);
    return one_silent == other_silent ? one->under_way < other->under_way : other_silent;
}

static replica_t *choose (peers_t *self, const char *service, const replica_t *not_this)
{
    uint64_t version = bus_version (self->bus);
    int64_t now = clock_monotonic_us ();
    replica_t *best = NULL, *only = NULL;
    for (int pass = 0; pass < 2 && !best && !only; pass++) {
        if (pass == 1)
            version = refresh (self, service);
        for (size_t i = 0; i < self->replica_count; i++) {
            replica_t *replica = self->replicas[i];
            if (replica->version != version || strcmp (replica->service, service) != 0)
                continue;
            only = replica->down ? only : replica;
            if (replica != not_this && !replica->down && (!best || is_better (replica, best, now)))
                best = replica;
        }
    }
    return best ? best : only;
}

// ---- asking ----

static bool send_to (replica_t *replica, const question_t *question)
{
    zframe_t *header = zframe_new (question->header, question->header_size);
    zframe_t *body = zframe_dup (question->body);
    replica->inlet.used = true;
    bool sent = zframe_send (&header, replica->socket, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0 &&
                zframe_send (&body, replica->socket, ZFRAME_DONTWAIT) == 0;
    zframe_destroy (&header);
    zframe_destroy (&body);
    return sent;
}

static bool has_another (const peers_t *self, const replica_t *than)
{
    for (size_t i = 0; i < self->replica_count; i++)
        if (self->replicas[i] != than && !self->replicas[i]->down &&
            self->replicas[i]->version == than->version &&
            strcmp (self->replicas[i]->service, than->service) == 0)
            return true;
    return false;
}

static int64_t retry_at (const peers_t *self, const question_t *question)
{
    const replica_t *replica = question->replica;
    if (!question->again || strncmp (replica->endpoint, "inproc:", 7) == 0)
        return NEVER;
    int64_t first = MILLISECONDS (has_another (self, replica) ? BUS_ATTEMPT_MS : BUS_ALONE_MS);
    return clock_monotonic_us () + (first << (question->sent < MAX_DOUBLED ? question->sent : MAX_DOUBLED));
}

static bool try_send (peers_t *self, question_t *question)
{
    replica_t *replica = choose (self, question->service, question->replica);
    if (!replica || !send_to (replica, question))
        return false;
    if (question->replica)
        question->replica->under_way--;
    question->replica = replica;
    replica->under_way++;
    question->retry_us = retry_at (self, question);
    question->sent++;
    return true;
}

static void watch (peers_t *self, const question_t *question)
{
    int64_t due = question->retry_us < question->deadline_us ? question->retry_us : question->deadline_us;
    if (due < self->due_us)
        self->due_us = due;
}

static question_t *question_new (peers_t *self, const turn_t *turn, uint16_t number, int64_t left_us)
{
    question_t *question = calloc (1, sizeof (question_t));
    if (!question)
        abort ();
    wire_t wire = {.call = ++self->last_call,
                   .number = number,
                   .text = turn->request_id,
                   .left_us = left_us,
                   .caller = turn->caller,
                   .until_us = clock_now_us (bus_clock (self->bus)) + left_us};
    char header[WIRE_MAX];
    question->header_size = wire_pack (&wire, header);
    question->header = malloc (question->header_size + 1);
    if (!question->header)
        abort ();
    memcpy (question->header, header, question->header_size);
    question->call = wire.call;
    return question;
}

// Is there one whose connection may come again?
static bool is_down (const peers_t *self, const char *service)
{
    for (size_t i = 0; i < self->replica_count; i++)
        if (self->replicas[i]->down && !self->replicas[i]->gone &&
            strcmp (self->replicas[i]->service, service) == 0)
            return true;
    return false;
}

static void give_up (peers_t *self, question_t *question)
{
    finish (self, question, UNAVAILABLE, "no replica of the service is known", NULL);
}

// Nobody has begun with it, so it can be sent to whoever comes, even where it may be asked only once.
static void wait_for_replica (peers_t *self, question_t *question, int64_t now)
{
    question->nowhere_us = now + MILLISECONDS (BUS_NOWHERE_MS);
    question->retry_us = now + MILLISECONDS (BUS_ATTEMPT_MS);
    bool may_come = bus_is_apart (self->bus) || is_down (self, question->service);
    if (may_come && self->count <= MAX_QUESTIONS)
        watch (self, question);
    else
        give_up (self, question);
}

void peers_ask (peers_t *self, const turn_t *turn, uint16_t number, zframe_t **body_p, peers_done_fn done,
                void *context)
{
    uint16_t answer;
    int64_t now = clock_monotonic_us ();
    int64_t left = turn->deadline_us == NEVER ? MILLISECONDS (BUS_DEADLINE_MS)
                                              : turn->deadline_us - clock_now_us (bus_clock (self->bus));
    question_t *question = question_new (self, turn, number, left);
    bus_codec (self->bus)->call_of (number, &answer, &question->service, &question->again);
    question->body = *body_p;
    *body_p = NULL;
    question->done = done;
    question->context = context;
    question->deadline_us = now + left;
    question->repeatable = question->again;
    question->again = question->again && left <= MILLISECONDS (BUS_DEADLINE_MS);
    question->next = self->buckets[question->call % BUCKETS];
    self->buckets[question->call % BUCKETS] = question;
    self->count++;
    if (left <= 0)
        finish (self, question, TIMEOUT, "the deadline had passed before it was asked", NULL);
    else if (!choose (self, question->service, NULL))
        wait_for_replica (self, question, now);
    else if (self->count > MAX_QUESTIONS || !try_send (self, question))
        finish (self, question, OVERLOADED, "the service's queue is full", NULL);
    else
        watch (self, question);
}

// ---- answers ----

static question_t *find_question (peers_t *self, uint64_t call)
{
    question_t *question = self->buckets[call % BUCKETS];
    while (question && question->call != call)
        question = question->next;
    return question;
}

static void take_answer (peers_t *self, zmsg_t *message)
{
    zframe_t *header = zmsg_pop (message), *body = zmsg_pop (message);
    wire_t wire;
    arena_reset (self->arena);
    question_t *question = NULL;
    if (header && body && wire_unpack (&wire, self->arena, zframe_data (header), zframe_size (header)))
        question = find_question (self, wire.call);
    if (question && wire.fault == OK) {
        finish (self, question, OK, NULL, body);
        body = NULL;
    } else if (question)
        finish (self, question, wire.fault, *wire.text ? wire.text : NULL, NULL);
    zframe_destroy (&header);
    zframe_destroy (&body);
}

static void take_answers (peers_t *self, replica_t *replica)
{
    zmsg_t *message;
    while ((message = inlet_receive (&replica->inlet))) {
        take_answer (self, message);
        zmsg_destroy (&message);
    }
}

static void note_silence (replica_t *replica, int64_t now)
{
    if (!was_silent (replica, now)) // Once, not for each question
        log_info ("a replica is silent", "service", replica->service, "endpoint", replica->endpoint, NULL);
    replica->silent_us = now;
}

static void serve_due (peers_t *self, question_t *question, int64_t now)
{
    if (question->deadline_us <= now) {
        finish (self, question, TIMEOUT, NULL, NULL);
        return;
    }
    if (!question->replica && question->nowhere_us <= now) {
        give_up (self, question);
        return;
    }
    if (question->retry_us <= now) {
        if (question->replica)
            note_silence (question->replica, now);
        question->retry_us = now + MILLISECONDS (BUS_ATTEMPT_MS);
        (void) try_send (self, question); // A full queue is tried again then
    }
    watch (self, question);
}

// What was under way there is asked of another replica, where it may be; where not, nobody knows whether it was begun.
static void lose (peers_t *self, replica_t *replica)
{
    int64_t now = clock_monotonic_us ();
    replica->down = true;
    for (size_t i = 0; i < BUCKETS; i++)
        for (question_t *question = self->buckets[i], *next; question; question = next) {
            next = question->next;
            if (question->replica != replica)
                continue;
            if (!question->repeatable)
                finish (self, question, TIMEOUT, "the service ended; it may have begun with this", NULL);
            else if (question->again || has_another (self, replica)) {
                question->retry_us = has_another (self, replica) ? now : question->retry_us;
                watch (self, question);
            } else
                finish (self, question, UNAVAILABLE, "the service ended", NULL);
        }
}

// It came again: what could not be sent meanwhile is tried at once.
static void find (peers_t *self, replica_t *replica)
{
    replica->down = false;
    for (size_t i = 0; i < BUCKETS; i++)
        for (question_t *question = self->buckets[i]; question; question = question->next)
            if (!question->replica)
                question->retry_us = self->due_us = 0;
}

static void take_changes (peers_t *self, replica_t *replica)
{
    zmsg_t *message;
    while ((message = inlet_receive (&replica->watch))) {
        uint16_t event = 0;
        zframe_t *first = zmsg_first (message);
        if (first && zframe_size (first) >= sizeof event)
            memcpy (&event, zframe_data (first), sizeof event);
        zmsg_destroy (&message);
        if (event == ZMQ_EVENT_DISCONNECTED)
            lose (self, replica);
        else if (replica->down)
            find (self, replica);
    }
}

void peers_serve (peers_t *self)
{
    // An answer may lead to a question and so to a new replica, which has not been waited for; none leaves meanwhile.
    for (size_t i = 0; i < self->replica_count; i++)
        if (self->replicas[i]->inlet.ready)
            take_answers (self, self->replicas[i]);
    for (size_t i = 0; i < self->replica_count; i++)
        if (self->replicas[i]->monitor && self->replicas[i]->watch.ready)
            take_changes (self, self->replicas[i]);
    leave (self);
    int64_t now = clock_monotonic_us ();
    if (now < self->due_us)
        return;
    self->due_us = NEVER;
    for (size_t i = 0; i < BUCKETS; i++)
        for (question_t *question = self->buckets[i], *next; question; question = next) {
            next = question->next;
            serve_due (self, question, now);
        }
}

size_t peers_inlets (peers_t *self, inlet_t *list[PEERS_INLETS])
{
    size_t count = 0;
    for (size_t i = 0; i < self->replica_count; i++) {
        list[count++] = &self->replicas[i]->inlet;
        if (self->replicas[i]->monitor)
            list[count++] = &self->replicas[i]->watch;
    }
    return count;
}

int64_t peers_due_us (const peers_t *self)
{
    return self->due_us;
}
