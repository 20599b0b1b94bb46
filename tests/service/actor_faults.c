/* What must not happen to actors and the bus: an ask that is repeated, lost, too late, or too large. */

#include "common/actor/actor.h"
#include "common/bus/bus_frame.h"
#include "common/bus/bus_requests.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

// ---- asking without a thread of its own, many at once ----

typedef struct {
    bus_requests_t *requests;
    int answered, by_fault[FAULT_COUNT];
} asker_t;

static void count_answer (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    (void) detail, (void) body_p;
    asker_t *self = context;
    self->answered++;
    self->by_fault[fault]++;
}

static void ask_show (asker_t *self, bus_t *bus, const turn_t *turn)
{
    zframe_t *body;
    CHECK_INT (bus_pack (bus, MSG_project_show, &(project_show_t){.project = "p"}, &body), OK);
    bus_requests_ask (self->requests, turn, MSG_project_show, &body, count_answer, self);
}

static void until_answered (asker_t *self, int wanted)
{
    int64_t deadline_us = test_until_us ();
    while (self->answered < wanted && clock_monotonic_us () < deadline_us) {
        pollable_t *list[BUS_REQUESTS_POLLABLES];
        CHECK (pollables_wait (list, bus_requests_pollables (self->requests, list), 1));
        bus_requests_serve (self->requests);
    }
    CHECK_INT (self->answered, wanted);
}

// ---- a service that counts ----

typedef struct {
    atomic_int runs;
    atomic_bool entered, hold; // A handler has begun; it is to stay
    asker_t *at_stop;          // Asks much when the service is being stopped
    bus_t *bus;
} counter_t;

static fault_t handle_show (void *context, turn_t *turn, const void *message, void *into)
{
    (void) turn, (void) message;
    counter_t *self = context;
    self->runs++;
    self->entered = true;
    int64_t deadline_us = test_until_us ();
    while (self->hold && clock_monotonic_us () < deadline_us)
        sched_yield ();
    *(project_t *) into = (project_t){.id = "p", .name = "p", .url = "u"};
    return OK;
}

// Waits for `limit` times 100 ms.
static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    (void) into;
    counter_t *self = context;
    if (actor_waited (turn))
        return OK;
    self->runs++;
    return actor_wait (turn, "nothing",
                       turn->now_us + MILLISECONDS (100) * ((const project_list_t *) message)->limit);
}

#define ASKS_AT_STOP 1000

static void stop (void *context)
{
    counter_t *self = context;
    turn_t turn;
    turn_init (&turn, NULL, "stop", 0);
    for (int i = 0; self->at_stop && i < ASKS_AT_STOP; i++)
        ask_show (self->at_stop, self->bus, &turn);
}

// Asks a service that never answers.
static fault_t handle_run (void *context, turn_t *turn, const void *message, void *into)
{
    (void) message;
    counter_t *self = context;
    log_info_t log;
    self->runs++;
    if (self->hold)
        return actor_call (turn, MSG_log_show, &(log_show_t){.job = "j"}, &log);
    *(run_t *) into = (run_t){.id = "r"};
    return OK;
}

static const handler_t handlers[] = {
    {MSG_project_show, handle_show}, {MSG_project_list, handle_list}, {MSG_run_show, handle_run}};
static const actor_class_t scheduler = {.name = "scheduler", .handlers = handlers, .count = 3, .stop = stop};

static fault_t show (bus_client_t *client, int64_t for_us)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    project_t answer;
    turn_init (&turn, arena, "show", 0);
    turn.deadline_us = for_us == NEVER ? NEVER : clock_now_us (clock_system ()) + for_us;
    fault_t fault =
        bus_client_call (client, &turn, MSG_project_show, &(project_show_t){.project = "p"}, &answer);
    arena_destroy (&arena);
    return fault;
}

TEST (all_that_waits_in_the_inbox_of_a_service_that_is_stopped_is_answered)
{
    bus_t *bus = bus_new (&proto_codec, clock_system ());
    asker_t asker = {.requests = bus_requests_new (bus)};
    counter_t counter = {.at_stop = &asker, .bus = bus};
    actor_t *actor = actor_new (&scheduler, &counter, bus, NULL);
    actor_destroy (&actor);
    until_answered (&asker, ASKS_AT_STOP);
    CHECK_INT (asker.by_fault[OK], ASKS_AT_STOP);
    bus_requests_destroy (&asker.requests);
    bus_destroy (&bus);
}

#define TOO_MANY 10

TEST (turns_past_the_bound_are_refused_and_waiting_ones_keep_waiting)
{
    bus_t *bus = bus_new (&proto_codec, clock_system ());
    asker_t asker = {.requests = bus_requests_new (bus)};
    counter_t counter = {.runs = 0};
    actor_t *actor = actor_new (&scheduler, &counter, bus, NULL);
    turn_t turn;
    turn_init (&turn, NULL, "crowd", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (120);
    for (int i = 0; i < ACTOR_TURNS + TOO_MANY; i++) {
        zframe_t *body;
        CHECK_INT (bus_pack (bus, MSG_project_list, &(project_list_t){.limit = 200}, &body), OK);
        bus_requests_ask (asker.requests, &turn, MSG_project_list, &body, count_answer, &asker);
        int64_t until_us = test_until_us (); // One by one, so that no queue is full before
        while (counter.runs < i + 1 && i < ACTOR_TURNS && clock_monotonic_us () < until_us)
            sched_yield ();
    }
    until_answered (&asker, TOO_MANY);
    CHECK_INT (asker.by_fault[OVERLOADED], TOO_MANY);
    CHECK_INT (counter.runs, ACTOR_TURNS);
    actor_destroy (&actor);
    until_answered (&asker, ACTOR_TURNS + TOO_MANY);
    CHECK_INT (asker.by_fault[OVERLOADED], TOO_MANY);
    bus_requests_destroy (&asker.requests);
    bus_destroy (&bus);
}

// Its service, which serves others meanwhile, is asked whether it is still there, and says so.
TEST (a_request_that_waits_longer_than_the_bus_is_sent_once)
{
    bus_t *here = bus_new (&proto_codec, clock_system ()), *there = bus_new (&proto_codec, clock_system ());
    bus_t *mine = bus_new (&proto_codec, clock_system ());
    counter_t counter = {.runs = 0};
    actor_t *one = actor_new (&scheduler, &counter, here, "tcp://127.0.0.1:*");
    actor_t *two = actor_new (&scheduler, &counter, there, "tcp://127.0.0.1:*");
    bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (one), actor_endpoint (two)}, 2);
    bus_client_t *client = bus_client_new (mine);
    arena_t *arena = arena_new ();
    turn_t turn;
    project_page_t page;
    turn_init (&turn, arena, "long", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + MILLISECONDS (BUS_DEADLINE_MS) + SECONDS (5);
    CHECK_INT (bus_client_call (client, &turn, MSG_project_list, &(project_list_t){.limit = 28}, &page), OK);
    CHECK_INT (counter.runs, 1);
    bus_client_destroy (&client);
    arena_destroy (&arena);
    actor_destroy (&one);
    actor_destroy (&two);
    bus_destroy (&here);
    bus_destroy (&there);
    bus_destroy (&mine);
}

TEST (a_slow_replica_gets_fewer_and_fewer_requests)
{
    bus_t *here = bus_new (&proto_codec, clock_system ()), *there = bus_new (&proto_codec, clock_system ());
    bus_t *mine = bus_new (&proto_codec, clock_system ());
    counter_t counter = {.runs = 0};
    actor_t *one = actor_new (&scheduler, &counter, here, "tcp://127.0.0.1:*");
    actor_t *two = actor_new (&scheduler, &counter, there, "tcp://127.0.0.1:*");
    bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (one), actor_endpoint (two)}, 2);
    bus_client_t *client = bus_client_new (mine);
    arena_t *arena = arena_new ();
    turn_t turn;
    project_page_t page;
    turn_init (&turn, arena, "slow", 0);
    CHECK_INT (bus_client_call (client, &turn, MSG_project_list, &(project_list_t){.limit = 16}, &page), OK);
    CHECK (counter.runs >= 2 &&
           counter.runs <= 3); // After 250 ms and 500 more; the next is due after 1 s more
    bus_client_destroy (&client);
    arena_destroy (&arena);
    actor_destroy (&one);
    actor_destroy (&two);
    bus_destroy (&here);
    bus_destroy (&there);
    bus_destroy (&mine);
}

// ---- a directory that is behind ----

TEST (a_message_that_reaches_another_service_is_answered_by_the_right_one)
{
    static const actor_class_t logs = {.name = "logs"};
    bus_t *here = bus_new (&proto_codec, clock_system ()), *there = bus_new (&proto_codec, clock_system ());
    counter_t counter = {.runs = 0};
    actor_t *right = actor_new (&scheduler, &counter, here, "tcp://127.0.0.1:*");
    actor_t *wrong = actor_new (&logs, &counter, there, "tcp://127.0.0.1:*");
    for (int i = 0; i < 4; i++) {
        bus_t *mine = bus_new (&proto_codec, clock_system ());
        const char *ends[] = {actor_endpoint (i % 2 ? wrong : right), actor_endpoint (i % 2 ? right : wrong)};
        bus_set_endpoints (mine, "scheduler", ends, 2);
        bus_client_t *client = bus_client_new (mine);
        for (int j = 0; j < 3; j++)
            CHECK_INT (show (client, SECONDS (10)), OK);
        bus_client_destroy (&client);
        bus_destroy (&mine);
    }
    actor_destroy (&right);
    actor_destroy (&wrong);
    bus_destroy (&here);
    bus_destroy (&there);
}

typedef struct {
    bus_client_t *client;
    fault_t fault;
} run_asker_t;

static void *ask_run (void *context)
{
    run_asker_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    run_t answer;
    turn_init (&turn, arena, "run", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (20);
    self->fault = bus_client_call (self->client, &turn, MSG_run_show, &(run_show_t){.run = "r"}, &answer);
    arena_destroy (&arena);
    return NULL;
}

TEST (what_a_service_could_not_finish_when_it_was_stopped_is_done_by_another_replica)
{
    bus_t *here = bus_new (&proto_codec, clock_system ()), *there = bus_new (&proto_codec, clock_system ());
    bus_t *mine = bus_new (&proto_codec, clock_system ());
    counter_t waits = {.hold = true}, answers = {.hold = false};
    bus_set_endpoints (here, "logs", (const char *[]){"tcp://127.0.0.1:1"}, 1);
    actor_t *one = actor_new (&scheduler, &waits, here, "tcp://127.0.0.1:*");
    actor_t *two = actor_new (&scheduler, &answers, there, "tcp://127.0.0.1:*");
    const char *ends[] = {actor_endpoint (one), actor_endpoint (two)};
    pthread_t thread;
    bus_set_endpoints (mine, "scheduler", ends, 1);
    run_asker_t asker = {.client = bus_client_new (mine)};
    pthread_create (&thread, NULL, ask_run, &asker);
    for (int64_t until_us = test_until_us (); waits.runs == 0 && clock_monotonic_us () < until_us;)
        sched_yield ();
    bus_set_endpoints (mine, "scheduler", ends, 2);
    actor_destroy (&one);
    pthread_join (thread, NULL);
    CHECK_INT (asker.fault, OK);
    CHECK_INT (answers.runs, 1);
    bus_client_destroy (&asker.client);
    actor_destroy (&two);
    bus_destroy (&here);
    bus_destroy (&there);
    bus_destroy (&mine);
}

// ---- a directory that changes all the time ----

typedef struct {
    bus_t *bus;
    atomic_bool stop;
} changer_t;

static void *change (void *context)
{
    changer_t *self = context;
    for (unsigned i = 0; !self->stop; i++)
        bus_set_endpoints (self->bus, i % 2 ? "logs" : "identity",
                           (const char *[]){i % 3 ? "tcp://127.0.0.1:1" : "tcp://127.0.0.1:2"}, 1);
    return NULL;
}

TEST (a_directory_that_changes_while_it_is_read_loses_no_replica)
{
    bus_t *theirs = bus_new (&proto_codec, clock_system ()), *mine = bus_new (&proto_codec, clock_system ());
    counter_t counter = {.runs = 0};
    actor_t *actor = actor_new (&scheduler, &counter, theirs, "tcp://127.0.0.1:*");
    bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (actor)}, 1);
    bus_client_t *client = bus_client_new (mine);
    changer_t changer = {.bus = mine};
    pthread_t thread;
    pthread_create (&thread, NULL, change, &changer);
    int lost = 0;
    for (int i = 0; i < 2000; i++)
        lost += show (client, NEVER) != OK;
    changer.stop = true;
    pthread_join (thread, NULL);
    CHECK_INT (lost, 0);
    bus_client_destroy (&client);
    actor_destroy (&actor);
    bus_destroy (&theirs);
    bus_destroy (&mine);
}

// ---- too late, too large ----

TEST (what_waited_past_its_deadline_before_it_was_taken_is_not_done)
{
    wall_clock_t *clock = clock_by_hand (SECONDS (1000));
    bus_t *bus = bus_new (&proto_codec, clock);
    asker_t asker = {.requests = bus_requests_new (bus)};
    counter_t counter = {.hold = true};
    actor_t *actor = actor_new (&scheduler, &counter, bus, NULL);
    turn_t turn;
    turn_init (&turn, NULL, "late", 0);
    turn.deadline_us = SECONDS (1010);
    ask_show (&asker, bus, &turn);
    int64_t deadline_us = test_until_us ();
    while (!counter.entered && clock_monotonic_us () < deadline_us)
        sched_yield ();
    ask_show (&asker, bus, &turn); // Waits in the inbox, because the handler stays
    clock_turn (clock, SECONDS (60));
    counter.hold = false;
    until_answered (&asker, 2);
    CHECK_INT (counter.runs, 1);
    CHECK_INT (asker.by_fault[TIMEOUT], 1);
    bus_requests_destroy (&asker.requests);
    actor_destroy (&actor);
    bus_destroy (&bus);
    clock_destroy (&clock);
}

TEST (what_is_asked_when_its_deadline_has_come_is_sent_to_nobody)
{
    wall_clock_t *clock = clock_by_hand (SECONDS (1000));
    bus_t *bus = bus_new (&proto_codec, clock);
    asker_t asker = {.requests = bus_requests_new (bus)};
    counter_t counter = {.hold = false};
    actor_t *actor = actor_new (&scheduler, &counter, bus, NULL);
    turn_t turn;
    turn_init (&turn, NULL, "late", 0);
    for (int early = 0; early < 2; early++) {
        turn.deadline_us = SECONDS (1000) - early;
        ask_show (&asker, bus, &turn);
        CHECK_INT (asker.by_fault[TIMEOUT], early + 1); // At once
    }
    turn.deadline_us = SECONDS (1001);
    ask_show (&asker, bus, &turn);
    until_answered (&asker, 3);
    CHECK_INT (asker.by_fault[OK], 1);
    CHECK_INT (counter.runs, 1);
    bus_requests_destroy (&asker.requests);
    actor_destroy (&actor);
    bus_destroy (&bus);
    clock_destroy (&clock);
}

TEST (a_frame_past_every_bound_is_not_taken_in)
{
    bus_t *theirs = bus_new (&proto_codec, clock_system ()), *mine = bus_new (&proto_codec, clock_system ());
    counter_t counter = {.runs = 0};
    actor_t *actor = actor_new (&scheduler, &counter, theirs, "tcp://127.0.0.1:*");
    bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (actor)}, 1);
    asker_t asker = {.requests = bus_requests_new (mine)};
    turn_t turn;
    turn_init (&turn, NULL, "large", 0);
    turn.deadline_us = clock_now_us (clock_system ()) + MILLISECONDS (300);
    zframe_t *body = zframe_new (NULL, 2 * FRAME_MAX);
    memset (zframe_data (body), 0, 2 * FRAME_MAX);
    bus_requests_ask (asker.requests, &turn, MSG_project_show, &body, count_answer, &asker);
    until_answered (&asker, 1);
    CHECK_INT (asker.by_fault[TIMEOUT], 1);
    bus_client_t *client = bus_client_new (mine);
    CHECK_INT (show (client, NEVER), OK); // And goes on
    bus_client_destroy (&client);
    bus_requests_destroy (&asker.requests);
    actor_destroy (&actor);
    bus_destroy (&theirs);
    bus_destroy (&mine);
}

// ---- a tick that is undone ----

typedef struct {
    atomic_int ticks;
    bool failed;
} ticker_t;

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    static const char *const urls[] = {"undone", "meant"};
    ticker_t *self = context;
    scm_tree_t tree;
    (void) next_us;
    if (self->ticks < 2)
        CHECK_INT (actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = urls[self->ticks]}, &tree), OK);
    self->ticks++;
    return OK;
}

static fault_t commit_at_second (void *context, turn_t *turn)
{
    ticker_t *self = context;
    if (self->failed)
        return OK;
    self->failed = true;
    return turn_fail (turn, NO_SPACE, "the disk is full");
}

static void undo_nothing (void *context)
{
    (void) context;
}

typedef struct {
    atomic_int count;
    char url[64]; // Of the last
} fetched_t;

static fault_t handle_fetch (void *context, turn_t *turn, const void *message, void *into)
{
    (void) turn, (void) into;
    fetched_t *self = context;
    snprintf (self->url, sizeof self->url, "%s", ((const scm_fetch_t *) message)->url);
    self->count++;
    return OK;
}

TEST (what_a_tick_asked_before_it_was_undone_is_forgotten)
{
    static const handler_t fetch[] = {{MSG_scm_fetch, handle_fetch}};
    static const actor_class_t scm = {.name = "scm", .handlers = fetch, .count = 1};
    static const actor_class_t ticking = {
        .name = "scheduler", .tick = tick, .commit = commit_at_second, .rollback = undo_nothing};
    bus_t *bus = bus_new (&proto_codec, clock_system ());
    fetched_t fetched = {.count = 0};
    ticker_t ticker = {.ticks = 0};
    actor_t *asked = actor_new (&scm, &fetched, bus, NULL),
            *asking = actor_new (&ticking, &ticker, bus, NULL);
    int64_t deadline_us = test_until_us ();
    while (fetched.count == 0 && clock_monotonic_us () < deadline_us)
        sched_yield ();
    actor_destroy (&asking);
    actor_destroy (&asked);
    CHECK_INT (fetched.count, 1);
    CHECK_STR (fetched.url, "meant");
    bus_destroy (&bus);
}
