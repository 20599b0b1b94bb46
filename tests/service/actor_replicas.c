/* Which replica is asked, and which one instead: one that is silent, one that ends. The replicas are sockets that the test answers by hand,
 * so that it sees each message as it was sent. */

#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"
#include "common/bus/bus_requests.h"
#include "common/bus/replicas.h"
#include "common/bus/wire.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENT_MAX 64

typedef struct {
    int replica; // That took it
    uint64_t call;
    bool repeats;
    char key[BUS_KEY];
    zframe_t *identity;
} sent_t;

typedef struct {
    codec_t codec;
    bus_t *bus;
    bus_requests_t *requests;
    zsock_t *replicas[2];
    sent_t sent[SENT_MAX]; // In the order in which they were received
    int count;
    int probed[2];                    // Probes that each received
    bool frozen;                      // They answer none
    int gone[2];                      // Sockets that hold the ports of those that nobody reaches; 0 for none
    int ended, by_fault[FAULT_COUNT]; // Requests
} world_t;

// A port at which everybody is refused, and which nobody gets while it is held: a socket that was closed might be connected to a little
// longer, and its port be another program's.
static const char *refusing (world_t *self, int i, char address[64])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    self->gone[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (self->gone[i], (struct sockaddr *) &at, size) == 0);
    CHECK (getsockname (self->gone[i], (struct sockaddr *) &at, &size) == 0);
    snprintf (address, 64, "tcp://127.0.0.1:%u", ntohs (at.sin_port));
    return address;
}

// The first `gone` are reached by nobody.
static void setup_of (world_t *self, int replicas, int gone, bool turns)
{
    const char *endpoints[2];
    char addresses[2][64];
    *self = (world_t){.codec = proto_codec};
    if (!turns)
        self->codec.takes_turns = NULL;
    self->bus = bus_new (&self->codec, clock_system ());
    for (int i = 0; i < gone; i++)
        endpoints[i] = refusing (self, i, addresses[i]);
    for (int i = gone; i < replicas; i++) {
        self->replicas[i] = zsock_new (ZMQ_ROUTER);
        zsock_set_linger (self->replicas[i], 0);
        CHECK (zsock_bind (self->replicas[i], "tcp://127.0.0.1:!") > 0);
        endpoints[i] = zsock_endpoint (self->replicas[i]);
    }
    bus_set_endpoints (self->bus, "scheduler", endpoints, (size_t) replicas);
    self->requests = bus_requests_new (self->bus);
}

static void setup_where (world_t *self, int replicas, int gone)
{
    setup_of (self, replicas, gone, false);
}

static void setup (world_t *self, int replicas)
{
    setup_where (self, replicas, 0);
}

static void teardown (world_t *self)
{
    bus_requests_destroy (&self->requests);
    for (int i = 0; i < 2; i++)
        if (self->gone[i])
            close (self->gone[i]);
    for (int i = 0; i < self->count; i++)
        zframe_destroy (&self->sent[i].identity);
    for (int i = 0; i < 2; i++)
        zsock_destroy (&self->replicas[i]);
    bus_destroy (&self->bus);
}

static void note_end (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    (void) detail, (void) body_p;
    world_t *self = context;
    self->ended++;
    self->by_fault[fault]++;
}

static void ask_for (world_t *self, uint16_t number, const void *ask, int64_t for_us)
{
    turn_t turn;
    zframe_t *body;
    turn_init (&turn, NULL, "replicas", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + for_us;
    CHECK_INT (bus_pack (self->bus, number, ask, &body), OK);
    bus_requests_ask (self->requests, &turn, number, &body, note_end, self);
}

static void ask_again_kind (world_t *self)
{
    ask_for (self, MSG_project_show, &(project_show_t){.project = "p"}, SECONDS (10));
}

static void ask_once_kind (world_t *self, int64_t for_us)
{
    ask_for (self, MSG_project_add, &(project_add_t){.name = "p", .url = "u"}, for_us);
}

static void answer_with (world_t *self, const sent_t *sent, const wire_t *wire)
{
    char packed[WIRE_MAX];
    zmsg_t *message = zmsg_new ();
    zframe_t *identity = zframe_dup (sent->identity);
    zmsg_append (message, &identity);
    zmsg_addmem (message, packed, wire_pack (wire, packed));
    zmsg_addmem (message, NULL, 0);
    CHECK_INT (zmsg_send (&message, self->replicas[sent->replica]), 0);
}

static void receive (world_t *self, int replica, zmsg_t *message)
{
    CHECK (self->count < SENT_MAX);
    sent_t *sent = &self->sent[self->count++];
    wire_t wire;
    arena_t *arena = arena_new ();
    *sent = (sent_t){.replica = replica, .identity = zmsg_pop (message)};
    zframe_t *header = zmsg_pop (message);
    CHECK (wire_unpack (&wire, arena, zframe_data (header), zframe_size (header)));
    if (wire.number == WIRE_PROBE) {
        self->probed[replica]++;
        self->count--;
        if (!self->frozen)
            answer_with (self, sent, &(wire_t){.text = ""});
        zframe_destroy (&sent->identity);
    }
    sent->call = wire.call;
    sent->repeats = wire.repeats;
    snprintf (sent->key, sizeof sent->key, "%s", wire.key);
    zframe_destroy (&header);
    zmsg_destroy (&message);
    arena_destroy (&arena);
}

// One round of waiting, of the bus and of the replicas.
static void go_on (world_t *self)
{
    pollable_t *list[BUS_REQUESTS_POLLABLES];
    CHECK (pollables_wait (list, bus_requests_pollables (self->requests, list), 1));
    bus_requests_serve (self->requests);
    for (int i = 0; i < 2; i++)
        for (zmsg_t *message; self->replicas[i] && (message = zmsg_recv_nowait (self->replicas[i]));)
            receive (self, i, message);
}

static void until (world_t *self, const int *number, int least)
{
    int64_t deadline_us = test_until_us ();
    while (*number < least && clock_monotonic_us () < deadline_us)
        go_on (self);
    CHECK (*number >= least);
}

static void answer (world_t *self, const sent_t *sent)
{
    answer_with (self, sent, &(wire_t){.call = sent->call, .text = ""});
}

// Both connections have come.
static void connect_both (world_t *self)
{
    ask_again_kind (self);
    ask_again_kind (self);
    until (self, &self->count, 2);
    for (int i = 0; i < self->count; i++)
        answer (self, &self->sent[i]);
    until (self, &self->ended, 2);
    for (int i = 0; i < self->count; i++) // More, where one was asked again meanwhile
        zframe_destroy (&self->sent[i].identity);
    self->count = self->ended = self->by_fault[OK] = 0;
}

// ---- one that ends ----

TEST (what_may_be_done_once_goes_to_another_replica_when_its_own_ends_and_says_that_it_was_sent_before)
{
    world_t world;
    setup (&world, 2);
    ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 1);
    const sent_t *first = &world.sent[0], *second = &world.sent[1];
    CHECK (!first->repeats);
    zsock_destroy (&world.replicas[first->replica]);
    until (&world, &world.count, 2);
    CHECK (second->replica != first->replica);
    CHECK (second->repeats);
    CHECK (*first->key);
    CHECK_STR (second->key, first->key);
    answer (&world, second);
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[OK], 1);
    teardown (&world);
}

TEST (what_may_be_done_once_ends_with_the_only_replica)
{
    world_t world;
    setup (&world, 1);
    ask_once_kind (&world, SECONDS (3600)); // Its end is heard, not waited for
    until (&world, &world.count, 1);
    zsock_destroy (&world.replicas[0]);
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[TIMEOUT], 1);
    teardown (&world);
}

TEST (what_waits_on_purpose_ends_with_the_only_replica_and_may_be_asked_again)
{
    world_t world;
    setup (&world, 1);
    ask_for (&world, MSG_project_show, &(project_show_t){.project = "p"}, SECONDS (3600));
    until (&world, &world.count, 1);
    zsock_destroy (&world.replicas[0]);
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[UNAVAILABLE], 1);
    teardown (&world);
}

// ---- one that is silent ----

TEST (what_may_be_done_once_stays_with_a_silent_replica_that_answers_probes)
{
    world_t world;
    setup (&world, 2);
    ask_once_kind (&world, MILLISECONDS (8 * BUS_ATTEMPT_MS));
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[TIMEOUT], 1);
    CHECK_INT (world.count, 1);
    CHECK (world.probed[world.sent[0].replica] > 0);
    CHECK_INT (world.probed[!world.sent[0].replica], 0);
    teardown (&world);
}

static void goes_on_elsewhere (world_t *world)
{
    world->frozen = true;
    until (world, &world->count, 2);
    const sent_t *first = &world->sent[0], *second = &world->sent[1];
    CHECK_INT (world->probed[first->replica], 1);
    CHECK_INT (second->replica, !first->replica);
    CHECK_INT (second->call, first->call);
    CHECK (second->repeats);
    CHECK (*first->key);
    CHECK_STR (second->key, first->key);
    answer (world, second);
    until (world, &world->ended, 1);
    CHECK_INT (world->by_fault[OK], 1);
    answer (world, first); // It wakes up: nobody waits for that any more
    go_on (world);
    CHECK_INT (world->ended, 1);
}

TEST (what_may_be_done_once_goes_to_another_replica_when_its_own_is_frozen_and_says_that_it_was_sent_before)
{
    world_t world;
    setup (&world, 2);
    ask_once_kind (&world, SECONDS (10));
    goes_on_elsewhere (&world);
    teardown (&world);
}

TEST (what_waits_on_purpose_goes_on_waiting_at_another_replica_when_its_own_is_frozen)
{
    world_t world;
    setup (&world, 2);
    ask_for (&world, MSG_project_show, &(project_show_t){.project = "p"}, SECONDS (3600));
    goes_on_elsewhere (&world);
    teardown (&world);
}

TEST (what_answers_with_a_secret_goes_to_another_replica_when_its_own_is_frozen)
{
    world_t world;
    setup (&world, 2);
    ask_for (&world, MSG_agent_register, &(agent_register_t){.name = "ada"}, SECONDS (10));
    goes_on_elsewhere (&world);
    teardown (&world);
}

TEST (what_answers_with_a_secret_stays_with_a_silent_replica_that_answers_probes)
{
    world_t world;
    setup (&world, 2);
    ask_for (&world, MSG_agent_register, &(agent_register_t){.name = "ada"},
             MILLISECONDS (4 * BUS_ATTEMPT_MS));
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[TIMEOUT], 1);
    CHECK_INT (world.count, 1);
    teardown (&world);
}

static void count_sends (const world_t *self, uint64_t call, int *sends, int *to_the_same)
{
    int last = -1;
    *sends = *to_the_same = 0;
    for (int i = 0; i < self->count; i++)
        if (self->sent[i].call == call) {
            *to_the_same += self->sent[i].replica == last;
            last = self->sent[i].replica;
            ++*sends;
        }
}

TEST (a_repeated_request_goes_to_another_replica_than_the_silent_one)
{
    world_t world;
    setup (&world, 2);
    ask_again_kind (&world);
    until (&world, &world.count, 1);
    ask_again_kind (&world); // Goes to the other one
    until (&world, &world.count, 2);
    answer (&world, &world.sent[0]);
    until (&world, &world.ended, 1);
    ask_again_kind (&world);
    // Both are silent, with as many under way: neither is better for another reason.
    for (int call = 2; call <= 3; call++) {
        int sends = 0, to_the_same = 0;
        int64_t deadline_us = test_until_us ();
        while (sends < 3 && clock_monotonic_us () < deadline_us) {
            go_on (&world);
            count_sends (&world, (uint64_t) call, &sends, &to_the_same);
        }
        CHECK (sends >= 3);
        CHECK_INT (to_the_same, 0);
    }
    teardown (&world);
}

TEST (a_replica_that_was_silent_lately_is_chosen_last_for_new_requests)
{
    world_t world;
    setup (&world, 2);
    ask_again_kind (&world);
    until (&world, &world.count, 2);
    int silent = world.sent[0].replica;
    CHECK (world.sent[1].replica != silent);
    answer (&world, &world.sent[1]);
    until (&world, &world.ended, 1);
    for (int i = 0; i < 3; i++) // Although the other one has ever more under way
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 5);
    for (int i = 2; i < 5; i++)
        CHECK (world.sent[i].replica != silent);
    teardown (&world);
}

TEST (a_request_goes_to_the_replica_with_the_fewest_under_way)
{
    world_t world;
    setup (&world, 2);
    connect_both (&world);
    for (int i = 0; i < 6; i++)
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 6);
    int at_first = 0;
    for (int i = 0; i < 6; i++)
        at_first += world.sent[i].replica == 0;
    CHECK_INT (at_first, 3);
    for (int i = 0; i < 6; i++)
        if (world.sent[i].replica == 0)
            answer (&world, &world.sent[i]);
    until (&world, &world.ended, 3);
    for (int i = 0; i < 3; i++)
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 9);
    for (int i = 6; i < 9; i++)
        CHECK_INT (world.sent[i].replica, 0);
    teardown (&world);
}

static int count_at (const world_t *self, int replica)
{
    int count = 0;
    for (int i = 0; i < self->count; i++)
        count += self->sent[i].replica == replica;
    return count;
}

TEST (where_replicas_take_turns_one_is_asked_until_it_has_many_more_than_another)
{
    world_t world;
    setup_of (&world, 2, 0, true);
    int first = strcmp (zsock_endpoint (world.replicas[0]), zsock_endpoint (world.replicas[1])) > 0;
    connect_both (&world);
    for (int i = 0; i < REPLICAS_BUSIER; i++)
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, REPLICAS_BUSIER);
    CHECK_INT (count_at (&world, first), REPLICAS_BUSIER);
    for (int i = 0; i < 2; i++)
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, REPLICAS_BUSIER + 2);
    CHECK_INT (count_at (&world, !first), 1); // The other one helps
    for (int i = 0; i < 4; i++)
        answer (&world, &world.sent[i]);
    until (&world, &world.ended, 4);
    ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, REPLICAS_BUSIER + 3);
    CHECK_INT (world.sent[world.count - 1].replica, first);
    teardown (&world);
}

// Until nothing is concluded any more from a silence.
static void forget_silence (world_t *self)
{
    int ended = self->ended + 1;
    ask_once_kind (self, MILLISECONDS (BUS_ALONE_MS + BUS_ATTEMPT_MS));
    until (self, &self->ended, ended); // Nobody answers it
}

TEST (what_may_be_done_once_is_not_given_to_a_replica_that_was_silent_until_that_answers_something)
{
    world_t world;
    setup_of (&world, 2, 0, true);
    int first = strcmp (zsock_endpoint (world.replicas[0]), zsock_endpoint (world.replicas[1])) > 0;
    connect_both (&world);
    ask_again_kind (&world);
    until (&world, &world.count, 2); // The first one is silent, the other is asked
    CHECK_INT (world.sent[0].replica, first);
    answer (&world, &world.sent[1]);
    until (&world, &world.ended, 1);
    forget_silence (&world);
    ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 4);
    CHECK_INT (count_at (&world, first), 1);
    ask_again_kind (&world); // What may be asked again finds out
    until (&world, &world.count, 5);
    CHECK_INT (world.sent[4].replica, first);
    answer (&world, &world.sent[4]);
    until (&world, &world.ended, 3);
    ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 6);
    CHECK_INT (world.sent[5].replica, first);
    teardown (&world);
}

// ---- one that goes ----

// The thread that serves all connections of a process tells of their ends, and waits until somebody takes what it tells.
TEST (a_connection_that_ends_while_it_is_being_left_stops_no_other)
{
    world_t world;
    for (int i = 0; i < 200; i++) {
        setup (&world, 2);
        connect_both (&world);
        zsock_destroy (&world.replicas[i % 2]);
        zsock_destroy (&world.replicas[(i + 1) % 2]);
        teardown (&world);
    }
}

// ---- one that is not there ----

// A program that ended is in the directory for a while, and its port may be another's by then.
TEST (what_reached_another_service_goes_to_a_replica_of_the_right_one_and_never_there_again)
{
    world_t world;
    setup (&world, 2);
    connect_both (&world);
    ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 1);
    const sent_t *first = &world.sent[0];
    answer_with (&world, first,
                 &(wire_t){.call = first->call, .number = WIRE_ELSEWHERE, .fault = UNAVAILABLE, .text = ""});
    for (int i = 2; i < 6; i++) {
        until (&world, &world.count, i);
        CHECK (world.sent[i - 1].replica != first->replica);
        ask_once_kind (&world, SECONDS (10));
    }
    answer (&world, &world.sent[1]);
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[OK], 1);
    teardown (&world);
}

TEST (what_may_be_done_once_is_not_left_with_a_replica_that_was_never_reached)
{
    world_t world;
    setup_where (&world, 2, 1);
    for (int i = 0; i < 4; i++)
        ask_once_kind (&world, SECONDS (10));
    until (&world, &world.count, 4);
    for (int i = 0; i < 4; i++)
        CHECK (world.sent[i].replica == 1 && (i == 0 || world.sent[i].call != world.sent[i - 1].call));
    teardown (&world);
}

TEST (what_may_be_done_once_ends_undone_where_no_replica_is_ever_reached)
{
    world_t world;
    setup_where (&world, 2, 2);
    ask_once_kind (&world, SECONDS (3600));
    until (&world, &world.ended, 1);
    CHECK_INT (world.by_fault[UNAVAILABLE], 1); // Not TIMEOUT, which would mean that it may have begun
    teardown (&world);
}

TEST (a_replica_that_is_listed_no_more_is_left_once_what_it_had_was_done_by_another)
{
    world_t world;
    setup (&world, 2);
    connect_both (&world);
    ask_again_kind (&world);
    until (&world, &world.count, 1);
    int first = world.sent[0].replica;
    const char *other = zsock_endpoint (world.replicas[!first]);
    bus_set_endpoints (world.bus, "scheduler", &other, 1);
    until (&world, &world.count, 2); // The first one says nothing
    CHECK_INT (world.sent[1].replica, !first);
    answer (&world, &world.sent[1]);
    until (&world, &world.ended, 1);
    pollable_t *list[BUS_REQUESTS_POLLABLES];
    int64_t deadline_us = test_until_us ();
    while (bus_requests_pollables (world.requests, list) > 3 && clock_monotonic_us () < deadline_us)
        go_on (&world);
    CHECK_INT (bus_requests_pollables (world.requests, list), 3); // Answers, the other one, its connection
    teardown (&world);
}

TEST (past_so_many_under_way_a_request_is_refused_at_once)
{
    world_t world;
    setup_where (&world, 2, 2); // They wait for a replica
    for (int i = 0; i < BUS_REQUESTS_MAX; i++)
        ask_once_kind (&world, SECONDS (10));
    CHECK_INT (world.ended, 0);
    ask_once_kind (&world, SECONDS (10));
    CHECK_INT (world.ended, 1);
    CHECK_INT (world.by_fault[OVERLOADED], 1);
    teardown (&world);
}
