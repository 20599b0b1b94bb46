/* A turn, a tick or an act that fails leaves no trace: nothing half-done is committed, no effect of it gets out, others do not notice. */

#include "common/base/metrics.h"
#include "common/bus/bus_frame.h"
#include "common/bus/bus_requests.h"
#include "common/db/db.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/actor/store.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    store_t store; // First
    atomic_int ticks, fail_ticks, wait_ticks, acts, fail_acts, effects, looked;
    atomic_bool entered, hold;      // A handler has begun; it is to stay
    atomic_int asked, ahead, alone; // Ahead of a batch; handlers that found it, and that did not
    atomic_int fetched;             // Requests that came to another service
    char order[8];                  // In which effects came
} service_t;

static void count_effect (void *context, void *data)
{
    (void) data;
    ((service_t *) context)->effects++;
}

static void note_effect (void *context, void *data)
{
    service_t *self = context;
    strncat (self->order, data, sizeof self->order - strlen (self->order) - 1);
}

// Asks another service, and fails before that could answer.
static fault_t handle_sync (void *context, turn_t *turn, const void *message, void *into)
{
    scm_tree_t tree;
    (void) context, (void) message, (void) into;
    return actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = "x"}, &tree) == LATER
               ? turn_fail (turn, CONFLICT, "refused")
               : OK;
}

static fault_t handle_fetch (void *context, turn_t *turn, const void *message, void *into)
{
    (void) turn, (void) message, (void) into;
    ((service_t *) context)->fetched++;
    return OK;
}

static fault_t handle_remove (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    self->store.written++;
    actor_after (turn, note_effect, "a");
    actor_after (turn, note_effect, "b");
    actor_after (turn, note_effect, "c");
    return OK;
}

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    service_t *self = context;
    (void) next_us;
    self->ticks++;
    self->store.written++;
    actor_after (turn, count_effect, NULL);
    if (self->wait_ticks > 0) {
        self->wait_ticks--;
        return actor_wait (turn, "nothing", NEVER);
    }
    if (self->fail_ticks == 0)
        return OK;
    self->fail_ticks--;
    return turn_fail (turn, INVALID, "a row that nobody can read");
}

static fault_t act (void *context, turn_t *turn, void *data)
{
    service_t *self = context;
    (void) data;
    self->acts++;
    self->store.written++;
    actor_after (turn, count_effect, NULL);
    return self->fail_acts > 0 ? turn_fail (turn, NOT_FOUND, "it is gone") : OK;
}

// "stay": holds the actor, so that what comes meanwhile is one batch. "bad": fails after it wrote, woke and left something for later.
static fault_t handle_add (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    const project_add_t *ask = message;
    (void) into;
    bool keeps = strcmp (ask->name, "write and stay") == 0;
    self->store.written += keeps;
    if (keeps || strcmp (ask->name, "stay") == 0) {
        self->entered = true;
        int64_t deadline_us = test_until_us ();
        while (self->hold && clock_monotonic_us () < deadline_us)
            poll (NULL, 0, 1);
        return OK;
    }
    CHECK (!actor_ahead (turn) || self->asked > self->ahead);
    self->ahead += actor_ahead (turn) == ask;
    self->alone += !actor_ahead (turn);
    self->store.written++;
    actor_wake (turn, "projects");
    actor_tick_at (turn, turn->now_us);
    actor_after (turn, count_effect, NULL);
    return strcmp (ask->name, "bad") == 0 ? turn_fail (turn, CONFLICT, "refused") : OK;
}

// Writes, then waits for as long as its deadline; as a parked agent does, whose lease is renewed on the way.
static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    self->store.written++;
    self->looked++;
    return actor_wait (turn, "projects", NEVER);
}

// What it returns is the message itself.
static void *ahead (void *context, turn_t *turn, uint16_t ask_number, const void *message)
{
    service_t *self = context;
    (void) turn;
    self->asked += ask_number == MSG_project_add;
    return (void *) message;
}

static const handler_t handlers[] = {{MSG_project_add, handle_add},
                                     {MSG_project_list, handle_list},
                                     {MSG_project_sync, handle_sync},
                                     {MSG_project_remove, handle_remove}};
static const actor_class_t plain = {.name = "scheduler",
                                    .handlers = handlers,
                                    .count = 4,
                                    .begin = store_begin,
                                    .commit = store_commit,
                                    .rollback = store_rollback,
                                    .writes = store_writes,
                                    .ahead = ahead};

typedef struct {
    service_t service;
    wall_clock_t *clock;
    bus_t *bus;
    actor_t *actor;
    bus_client_t *client;
    actor_class_t class;
} world_t;

static void begin (world_t *self, bool ticks)
{
    self->clock = clock_by_hand (SECONDS (1000));
    self->bus = bus_new (&proto_codec, self->clock);
    self->class = plain;
    self->class.tick = ticks ? tick : NULL;
    self->actor = actor_new (&self->class, &self->service, self->bus, NULL);
    CHECK (self->actor);
    self->client = bus_client_new (self->bus);
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    bus_destroy (&self->bus);
    clock_destroy (&self->clock);
}

static fault_t ask (world_t *self, uint16_t number, const void *message, int64_t for_us)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    union {
        project_t project;
        project_page_t page;
    } answer;
    turn_init (&turn, arena, "test", 0);
    turn.deadline_us = clock_now_us (self->clock) + for_us;
    fault_t fault = bus_client_call (self->client, &turn, number, message, &answer);
    arena_destroy (&arena);
    return fault;
}

static fault_t add (world_t *self, const char *name)
{
    return ask (self, MSG_project_add, &(project_add_t){.name = name, .url = "x"}, SECONDS (20));
}

TEST (a_tick_that_fails_after_it_wrote_is_undone_and_called_again_a_second_later)
{
    world_t world = {.service.fail_ticks = 2}; // Once with its batch, once alone
    metric_t *faults = metrics_counter ("opencicd_tick_faults_total", "service", "scheduler", "");
    int64_t before = metric_read (faults);
    begin (&world, true);
    until_at_least (&world.service.ticks, 2);
    CHECK_INT (add (&world, "stay"), OK); // Behind the failed tick
    CHECK_INT (world.service.ticks, 2);
    CHECK_INT (world.service.store.committed, 0);
    CHECK_INT (world.service.effects, 0);
    CHECK_INT (metric_read (faults), before + 1);
    clock_turn (world.clock, ACTOR_TICK_AGAIN);
    until_at_least (&world.service.effects, 1);
    CHECK_INT (world.service.ticks, 3);
    CHECK_INT (world.service.store.committed, 1);
    end (&world);
}

TEST (a_tick_that_wants_to_wait_is_undone)
{
    world_t world = {.service.wait_ticks = 2};
    begin (&world, true);
    until_at_least (&world.service.ticks, 2);
    CHECK_INT (add (&world, "stay"), OK);
    CHECK_INT (world.service.store.committed, 0);
    CHECK_INT (world.service.effects, 0);
    end (&world);
}

TEST (an_act_that_fails_is_undone_alone_and_a_tick_follows)
{
    world_t world = {.service.fail_acts = 1};
    begin (&world, true);
    until_at_least (&world.service.effects, 1); // The first tick
    actor_post (world.actor, act, malloc (1));
    until_at_least (&world.service.acts, 2); // With its batch, and alone
    CHECK_INT (add (&world, "stay"), OK);
    CHECK_INT (world.service.store.committed, 1);
    CHECK_INT (world.service.effects, 1);
    clock_turn (world.clock, ACTOR_TICK_AGAIN);
    until_at_least (&world.service.ticks, 2);
    CHECK_INT (world.service.acts, 2); // It is not run again by itself
    end (&world);
}

// ---- several in one batch ----

typedef struct {
    world_t *world;
    const char *name; // NULL: waits
    int64_t for_us;
    pthread_t thread;
    fault_t fault;
} sender_t;

static void *send_one (void *context)
{
    sender_t *self = context;
    self->fault = self->name
                      ? add (self->world, self->name)
                      : ask (self->world, MSG_project_list, &(project_list_t){.limit = 1}, self->for_us);
    return NULL;
}

static void start (sender_t *self)
{
    CHECK (pthread_create (&self->thread, NULL, send_one, self) == 0);
}

static fault_t end_of (sender_t *self)
{
    pthread_join (self->thread, NULL);
    return self->fault;
}

static void until_entered (world_t *world)
{
    int64_t deadline_us = test_until_us ();
    while (!world->service.entered && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK (world->service.entered);
}

TEST (a_turn_that_fails_lets_no_effect_out)
{
    world_t world = {.service.hold = false};
    begin (&world, true);
    until_at_least (&world.service.effects, 1); // The first tick
    sender_t waiter = {.world = &world, .for_us = SECONDS (40)};
    start (&waiter);
    until_at_least (&world.service.looked, 1);
    CHECK_INT (add (&world, "bad"), CONFLICT);
    CHECK_INT (add (&world, "stay"), OK);
    CHECK_INT (world.service.looked, 1);  // Not woken
    CHECK_INT (world.service.effects, 1); // Nor run what it had left for after the commit
    CHECK_INT (world.service.ticks, 1);   // Nor ticked
    CHECK_INT (add (&world, "good"), OK);
    until_at_least (&world.service.looked, 2);
    until_at_least (&world.service.ticks, 2);
    until_at_least (&world.service.effects, 3); // Of the tick: after its commit
    CHECK_INT (world.service.effects, 3);
    actor_destroy (&world.actor);
    CHECK_INT (end_of (&waiter), UNAVAILABLE); // It wanted to wait again
    end (&world);
}

TEST (a_turn_that_waits_after_it_wrote_does_not_undo_its_batch)
{
    world_t world = {.service.hold = true};
    begin (&world, false);
    sender_t stay = {.world = &world, .name = "stay"};
    start (&stay);
    until_entered (&world);
    sender_t waiters[8];
    for (int i = 0; i < 8; i++) {
        waiters[i] = (sender_t){.world = &world, .for_us = SECONDS (40)};
        start (&waiters[i]);
    }
    world.service.hold = false;
    CHECK_INT (end_of (&stay), OK);
    until_at_least (&world.service.looked, 8);
    CHECK_INT (add (&world, "stay"), OK); // Behind them
    CHECK_INT (world.service.store.undone, 0);
    CHECK_INT (world.service.store.committed, 8);
    CHECK_INT (world.service.looked, 8); // None ran twice
    clock_turn (world.clock, SECONDS (41));
    for (int i = 0; i < 8; i++)
        CHECK_INT (end_of (&waiters[i]), TIMEOUT);
    end (&world);
}

TEST (a_batch_prefetches_for_all_and_a_turn_that_runs_again_alone_reads_itself)
{
    static const char *const names[] = {"good", "bad", "better"};
    world_t world = {.service.hold = true};
    begin (&world, false);
    sender_t stay = {.world = &world, .name = "stay"}, senders[3];
    start (&stay);
    until_entered (&world);
    for (int i = 0; i < 3; i++) {
        senders[i] = (sender_t){.world = &world, .name = names[i]};
        start (&senders[i]);
    }
    world.service.hold = false;
    CHECK_INT (end_of (&stay), OK);
    for (int i = 0; i < 3; i++)
        CHECK_INT (end_of (&senders[i]), i == 1 ? CONFLICT : OK);
    CHECK_INT (world.service.store.committed, 2);
    CHECK_INT (world.service.asked, 4);
    CHECK (world.service.ahead >= 1);
    CHECK (world.service.alone >= 1);
    end (&world);
}

static void count_answer (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    (void) body_p;
    CHECK_STR (detail ? detail : "", "");
    CHECK_INT (fault, OK);
    ++*(int *) context;
}

TEST (a_message_that_arrives_during_a_batch_shares_its_commit)
{
    world_t world = {.service.hold = true};
    begin (&world, false);
    sender_t keeps = {.world = &world, .name = "write and stay"};
    start (&keeps);
    until_entered (&world);
    arena_t *arena = arena_new ();
    turn_t turn;
    zframe_t *body;
    int answers = 0;
    turn_init (&turn, arena, "test", clock_now_us (world.clock));
    turn.deadline_us = turn.now_us + SECONDS (20);
    bus_requests_t *requests = bus_requests_new (world.bus);
    CHECK_INT (bus_pack (world.bus, MSG_project_add, &(project_add_t){.name = "good", .url = "x"}, &body),
               OK);
    bus_requests_ask (requests, &turn, MSG_project_add, &body, count_answer, &answers);
    bus_requests_serve (requests);
    world.service.hold = false;
    CHECK_INT (end_of (&keeps), OK);
    for (int64_t until = test_until_us (); answers == 0 && clock_monotonic_us () < until;) {
        pollable_t *list[BUS_REQUESTS_POLLABLES];
        CHECK (pollables_wait (list, bus_requests_pollables (requests, list), 10));
        bus_requests_serve (requests);
    }
    CHECK_INT (answers, 1);
    CHECK_INT (world.service.store.committed, 2);
    CHECK_INT (world.service.store.commits, 1);
    bus_requests_destroy (&requests);
    arena_destroy (&arena);
    end (&world);
}

TEST (a_turn_that_still_waits_at_its_deadline_times_out)
{
    world_t world = {.service.hold = false};
    begin (&world, false);
    sender_t waiter = {.world = &world, .for_us = SECONDS (5)};
    start (&waiter);
    until_at_least (&world.service.looked, 1);
    clock_turn (world.clock, SECONDS (6));
    CHECK_INT (end_of (&waiter), TIMEOUT);
    end (&world);
}

// ---- memory ----

// Reads the same row until there is no room for it.
static fault_t handle_greedy (void *context, turn_t *turn, const void *message, void *into)
{
    db_t *db = *(db_t **) context;
    (void) message, (void) into;
    for (int i = 0; i < 1000; i++) {
        const rows_t *rows;
        arena_alloc (turn->arena, 1 << 20);
        TRY (db_query (db, turn, "select 1", &rows));
    }
    return OK;
}

static fault_t handle_modest (void *context, turn_t *turn, const void *message, void *into)
{
    const rows_t *rows;
    (void) message, (void) into;
    return db_query (*(db_t **) context, turn, "select 1", &rows);
}

TEST (a_turn_that_takes_too_much_memory_is_refused_and_the_next_one_works)
{
    static const handler_t greedy[] = {{MSG_project_list, handle_greedy}, {MSG_project_add, handle_modest}};
    static const actor_class_t class = {.name = "scheduler", .handlers = greedy, .count = 2};
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    project_page_t page;
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    bus_t *bus = bus_new (&proto_codec, clock_system ());
    actor_t *actor = actor_new (&class, &db, bus, NULL);
    bus_client_t *client = bus_client_new (bus);
    turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (100);
    CHECK_INT (bus_client_call (client, &turn, MSG_project_list, &(project_list_t){.limit = 1}, &page),
               TOO_LARGE);
    CHECK (strstr (turn.detail, "ask for less")); // The log says how much it was
    project_t project;
    CHECK_INT (
        bus_client_call (client, &turn, MSG_project_add, &(project_add_t){.name = "n", .url = "u"}, &project),
        OK);
    bus_client_destroy (&client);
    actor_destroy (&actor);
    bus_destroy (&bus);
    db_close (&db);
    arena_destroy (&arena);
}

TEST (what_a_turn_asked_of_another_service_before_it_failed_is_not_sent)
{
    world_t world = {.service.hold = false};
    static const handler_t fetch[] = {{MSG_scm_fetch, handle_fetch}};
    static const actor_class_t scm = {.name = "scm", .handlers = fetch, .count = 1};
    begin (&world, false);
    actor_t *other = actor_new (&scm, &world.service, world.bus, NULL);
    scm_tree_t tree;
    turn_t turn;
    arena_t *arena = arena_new ();
    CHECK_INT (ask (&world, MSG_project_sync, &(project_sync_t){.project = "p"}, SECONDS (20)), CONFLICT);
    turn_init (&turn, arena, "test", 0);
    turn.deadline_us = clock_now_us (world.clock) + SECONDS (20);
    CHECK_INT (bus_client_call (world.client, &turn, MSG_scm_fetch, &(scm_fetch_t){.url = "y"}, &tree), OK);
    CHECK_INT (world.service.fetched, 1); // Ours alone
    arena_destroy (&arena);
    actor_destroy (&other);
    end (&world);
}

TEST (effects_come_in_the_order_in_which_they_were_left)
{
    world_t world = {.service.hold = false};
    begin (&world, false);
    CHECK_INT (ask (&world, MSG_project_remove, &(project_remove_t){.project = "p"}, SECONDS (20)), OK);
    CHECK_STR (world.service.order, "abc");
    end (&world);
}
