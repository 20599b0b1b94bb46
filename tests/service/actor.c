/* An actor serves messages in batches, waits without blocking, and pays for its faults alone. */

#include "common/actor/actor.h"
#include "common/base/metrics.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// ---- a service that remembers names, with a pretended unit of work ----

typedef struct {
    atomic_int written, committed, undone;
    atomic_bool broken; // The next commit fails
} store_t;

static fault_t store_begin (void *context, turn_t *turn)
{
    (void) turn;
    store_t *self = context;
    self->written = (int) self->committed;
    return OK;
}

static fault_t store_commit (void *context, turn_t *turn)
{
    store_t *self = context;
    if (self->broken) {
        self->broken = false;
        return turn_fail (turn, NO_SPACE, "the disk is full");
    }
    self->committed = (int) self->written;
    return OK;
}

static void store_rollback (void *context)
{
    store_t *self = context;
    self->undone++;
    self->written = (int) self->committed;
}

static uint64_t store_writes (void *context)
{
    return (uint64_t) atomic_load (&((store_t *) context)->written);
}

// Writes, and fails for the name "bad" after it wrote.
static fault_t handle_add (void *context, turn_t *turn, const void *message, void *into)
{
    store_t *self = context;
    const project_add_t *ask = message;
    project_t *answer = into;
    self->written++;
    if (strcmp (ask->name, "bad") == 0)
        return turn_fail (turn, CONFLICT, "the name %s is taken", ask->name);
    answer->id = ask->name;
    answer->url = turn->caller.subject;
    actor_wake (turn, "projects");
    return OK;
}

// Waits until something was added, or for as long as `limit` seconds.
static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    store_t *self = context;
    const project_list_t *ask = message;
    project_page_t *answer = into;
    answer->next = actor_waited (turn) ? "waited" : "woken";
    if (self->written > 0 || actor_waited (turn))
        return OK;
    return actor_wait (turn, "projects", turn->now_us + SECONDS (ask->limit));
}

// Asks another service, then writes.
static fault_t handle_trigger (void *context, turn_t *turn, const void *message, void *into)
{
    store_t *self = context;
    const run_trigger_t *ask = message;
    scm_tree_t tree;
    fault_t fault = actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = ask->project}, &tree);
    if (fault != OK)
        return fault;
    self->written++;
    ((run_t *) into)->id = tree.sha;
    return OK;
}

static const handler_t scheduler_handlers[] = {
    {MSG_project_add, handle_add}, {MSG_project_list, handle_list}, {MSG_run_trigger, handle_trigger}};
static const actor_class_t scheduler = {.name = "scheduler",
                                        .handlers = scheduler_handlers,
                                        .count = 3,
                                        .begin = store_begin,
                                        .commit = store_commit,
                                        .rollback = store_rollback,
                                        .writes = store_writes};

static fault_t handle_fetch (void *context, turn_t *turn, const void *message, void *into)
{
    (void) context;
    const scm_fetch_t *ask = message;
    if (turn->caller.role != ROLE_SERVICE)
        return FORBIDDEN;
    if (strcmp (ask->url, "gone") == 0)
        return turn_fail (turn, NOT_FOUND, "there is no repository %s", ask->url);
    ((scm_tree_t *) into)->sha = arena_printf (turn->arena, "sha of %s", ask->url);
    return OK;
}

static const handler_t scm_handlers[] = {{MSG_scm_fetch, handle_fetch}};
static const actor_class_t scm = {.name = "scm", .handlers = scm_handlers, .count = 1};

// ---- the world of a test ----

typedef struct {
    wall_clock_t *clock;
    bus_t *bus;
    store_t store;
    actor_t *scheduler, *scm;
    bus_client_t *client;
    arena_t *arena;
    turn_t turn;
} world_t;

static world_t *world_new (const char *endpoint)
{
    world_t *self = calloc (1, sizeof (world_t));
    self->clock = clock_by_hand (SECONDS (1000));
    self->bus = bus_new (&proto_codec, self->clock);
    self->scheduler = actor_new (&scheduler, &self->store, self->bus, endpoint);
    self->scm = actor_new (&scm, NULL, self->bus, NULL);
    CHECK (self->scheduler && self->scm);
    if (endpoint)
        bus_set_endpoints (self->bus, "scheduler", (const char *[]){actor_endpoint (self->scheduler)}, 1);
    self->client = bus_client_new (self->bus);
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "request-1", clock_now_us (self->clock));
    self->turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return self;
}

static void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    bus_client_destroy (&self->client);
    actor_destroy (&self->scheduler);
    actor_destroy (&self->scm);
    bus_destroy (&self->bus);
    clock_destroy (&self->clock);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

static fault_t add (world_t *world, const char *name, project_t *answer)
{
    return bus_client_call (world->client, &world->turn, MSG_project_add,
                            &(project_add_t){.name = name, .url = "x"}, answer);
}

static void ask_and_be_answered (const char *endpoint)
{
    world_t *world = world_new (endpoint);
    project_t answer;
    CHECK_INT (add (world, "one", &answer), OK);
    CHECK_STR (answer.id, "one");
    CHECK_STR (answer.url, "ada"); // The caller travels along
    CHECK_INT (world->store.committed, 1);
    world_destroy (&world);
}

TEST (a_message_is_answered_within_a_process)
{
    ask_and_be_answered (NULL);
}

TEST (a_message_is_answered_over_tcp)
{
    ask_and_be_answered ("tcp://127.0.0.1:*");
}

TEST (a_fault_comes_back_with_its_detail_and_writes_nothing)
{
    world_t *world = world_new (NULL);
    project_t answer;
    CHECK_INT (add (world, "bad", &answer), CONFLICT);
    CHECK_STR (world->turn.detail, "the name bad is taken");
    CHECK_INT (world->store.committed, 0);
    world_destroy (&world);
}

TEST (a_commit_that_fails_is_reported_and_the_next_one_works)
{
    world_t *world = world_new (NULL);
    project_t answer;
    world->store.broken = true;
    // The batch fails, the message is served again alone and then succeeds.
    CHECK_INT (add (world, "one", &answer), OK);
    CHECK_INT (world->store.committed, 1);
    CHECK_INT (world->store.undone, 1);
    world_destroy (&world);
}

TEST (a_message_that_nobody_takes_is_refused)
{
    world_t *world = world_new (NULL);
    run_t answer;
    CHECK_INT (
        bus_client_call (world->client, &world->turn, MSG_run_show, &(run_show_t){.run = "r"}, &answer),
        BAD_INPUT);
    CHECK (strstr (world->turn.detail, "scheduler does not take message"));
    world_destroy (&world);
}

TEST (a_handler_asks_another_service_before_it_writes)
{
    world_t *world = world_new (NULL);
    run_t run;
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_run_trigger,
                                &(run_trigger_t){.project = "here"}, &run),
               OK);
    CHECK_STR (run.id, "sha of here");
    CHECK_INT (world->store.committed, 1);
    CHECK_INT (bus_client_call (world->client, &world->turn, MSG_run_trigger,
                                &(run_trigger_t){.project = "gone"}, &run),
               NOT_FOUND);
    CHECK_STR (world->turn.detail, "there is no repository gone");
    world_destroy (&world);
}

// ---- waiting ----

typedef struct {
    world_t *world;
    fault_t fault;
    const char *next;
    arena_t *arena;
} waiter_t;

static atomic_bool answered; // The waiter was

static void *wait_for_projects (void *context)
{
    waiter_t *self = context;
    turn_t turn;
    turn_init (&turn, self->arena, "waiter", 0);
    turn.deadline_us = clock_now_us (self->world->clock) + SECONDS (1000000); // The clock runs while it comes
    project_page_t answer = {0};
    self->fault = bus_client_call (self->world->client, &turn, MSG_project_list,
                                   &(project_list_t){.limit = 30}, &answer);
    self->next = answer.next;
    atomic_store (&answered, true);
    return NULL;
}

static void wait_and (void (*then) (world_t *world), const char *expected)
{
    world_t *world = world_new (NULL);
    waiter_t waiter = {.world = world, .arena = arena_new ()};
    pthread_t thread;
    atomic_store (&answered, false);
    pthread_create (&thread, NULL, wait_for_projects, &waiter);
    then (world);
    pthread_join (thread, NULL);
    CHECK_INT (waiter.fault, OK);
    CHECK_STR (waiter.next, expected);
    arena_destroy (&waiter.arena);
    world_destroy (&world);
}

static void add_one (world_t *world)
{
    project_t answer;
    CHECK_INT (add (world, "one", &answer), OK);
}

static void turn_clock (world_t *world)
{
    // Whenever the waiter comes, its time passes.
    int64_t until_us = test_until_us ();
    while (!atomic_load (&answered) && clock_monotonic_us () < until_us) {
        project_t answer;
        CHECK_INT (add (world, "bad", &answer), CONFLICT);
        clock_turn (world->clock, SECONDS (1));
        world->turn.deadline_us = NEVER;
    }
}

TEST (a_turn_that_waits_for_a_topic_is_woken_by_it)
{
    wait_and (add_one, "woken");
}

TEST (a_waiting_turn_learns_that_its_time_has_passed)
{
    wait_and (turn_clock, "waited");
}

// ---- load ----

typedef struct {
    world_t *world;
    int failed, conflicts;
} worker_t;

static void *work (void *context)
{
    worker_t *self = context;
    arena_t *arena = arena_new ();
    for (int i = 0; i < 300; i++) {
        turn_t turn;
        arena_reset (arena);
        turn_init (&turn, arena, "load", 0);
        project_t answer;
        bool bad = i % 7 == 0;
        fault_t fault = bus_client_call (self->world->client, &turn, MSG_project_add,
                                         &(project_add_t){.name = bad ? "bad" : "good", .url = "x"}, &answer);
        self->conflicts += fault == CONFLICT && bad;
        self->failed += bad ? fault != CONFLICT : fault != OK;
    }
    arena_destroy (&arena);
    return NULL;
}

TEST (under_load_many_share_a_commit_and_nobody_pays_for_anothers_fault)
{
    world_t *world = world_new (NULL);
    pthread_t threads[8];
    worker_t workers[8];
    for (int i = 0; i < 8; i++) {
        workers[i] = (worker_t){.world = world};
        pthread_create (&threads[i], NULL, work, &workers[i]);
    }
    int conflicts = 0;
    for (int i = 0; i < 8; i++) {
        pthread_join (threads[i], NULL);
        CHECK_INT (workers[i].failed, 0);
        conflicts += workers[i].conflicts;
    }
    CHECK_INT (conflicts, 8 * 43);
    CHECK_INT (world->store.committed, 8 * 257);
    world_destroy (&world);
}

TEST (a_service_that_is_not_there_ends_in_a_timeout)
{
    world_t *world = world_new (NULL);
    world->turn.deadline_us = clock_now_us (world->clock) + MILLISECONDS (50);
    log_info_t answer;
    CHECK_INT (
        bus_client_call (world->client, &world->turn, MSG_log_show, &(log_show_t){.job = "j"}, &answer),
        TIMEOUT);
    world_destroy (&world);
}

// Until a message has been taken and is not answered.
static void until_one_waits (void)
{
    metric_t *turns = metrics_gauge ("opencicd_turns", "service", "scheduler", "");
    int64_t deadline_us = test_until_us ();
    while (metric_read (turns) == 0 && clock_monotonic_us () < deadline_us)
        sched_yield ();
}

TEST (waiting_turns_end_as_if_their_time_had_come_when_the_service_stops)
{
    world_t *world = world_new (NULL);
    waiter_t waiter = {.world = world, .arena = arena_new ()};
    pthread_t thread;
    pthread_create (&thread, NULL, wait_for_projects, &waiter);
    until_one_waits ();
    actor_destroy (&world->scheduler);
    pthread_join (thread, NULL);
    CHECK_INT (waiter.fault, OK);
    CHECK_STR (waiter.next, "waited");
    arena_destroy (&waiter.arena);
    world_destroy (&world);
}

// ---- replicas ----

static fault_t handle_show (void *context, turn_t *turn, const void *message, void *into)
{
    (void) turn;
    (void) message;
    ((project_t *) into)->id = context;
    return OK;
}

static const handler_t show_handlers[] = {{MSG_project_show, handle_show}};
static const actor_class_t shower = {.name = "scheduler", .handlers = show_handlers, .count = 1};

static const unsigned char secret[BUS_SECRET] = "thirty-one letters of a secret!";

TEST (a_peer_without_the_secret_gets_no_reply)
{
    bus_t *theirs = bus_new (&proto_codec, clock_system ()), *mine = bus_new (&proto_codec, clock_system ());
    bus_t *plain = bus_new (&proto_codec, clock_system ());
    bus_protect (theirs, secret);
    bus_protect (mine, (const unsigned char[BUS_SECRET]){"another secret, of that length!"});
    actor_t *actor = actor_new (&shower, "first", theirs, "tcp://127.0.0.1:*");
    bus_t *const outsiders[] = {mine, plain};
    for (int i = 0; i < 2; i++) {
        bus_set_endpoints (outsiders[i], "scheduler", (const char *[]){actor_endpoint (actor)}, 1);
        bus_client_t *client = bus_client_new (outsiders[i]);
        arena_t *arena = arena_new ();
        turn_t turn;
        project_t answer;
        turn_init (&turn, arena, "outsider", 0);
        turn.deadline_us = clock_now_us (clock_system ()) + MILLISECONDS (200);
        CHECK_INT (
            bus_client_call (client, &turn, MSG_project_show, &(project_show_t){.project = "p"}, &answer),
            TIMEOUT);
        bus_client_destroy (&client);
        arena_destroy (&arena);
    }
    actor_destroy (&actor);
    bus_destroy (&theirs);
    bus_destroy (&mine);
    bus_destroy (&plain);
}

TEST (a_replica_that_is_gone_gets_no_more_requests_and_no_caller_notices)
{
    bus_t *one = bus_new (&proto_codec, clock_system ()), *two = bus_new (&proto_codec, clock_system ());
    bus_t *mine = bus_new (&proto_codec, clock_system ());
    bus_protect (one, secret);
    bus_protect (two, secret);
    bus_protect (mine, secret);
    // The schedulers take turns: of two that are as busy the first by name is asked
    actor_t *first = actor_new (&shower, "first", one, "ipc://@opencicd-test-*");
    actor_t *second = actor_new (&shower, "second", two, "tcp://127.0.0.1:*");
    bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (first), actor_endpoint (second)},
                       2);
    bus_client_t *client = bus_client_new (mine);
    arena_t *arena = arena_new ();
    bool answered_by_first = false;
    for (int i = 0; i < 200; i++) {
        turn_t turn;
        project_t answer;
        if (i == 100)
            actor_destroy (&first);
        turn_init (&turn, arena, "replicas", 0);
        CHECK_INT (
            bus_client_call (client, &turn, MSG_project_show, &(project_show_t){.project = "p"}, &answer),
            OK);
        answered_by_first = answered_by_first || strcmp (answer.id, "first") == 0;
        CHECK (i < 100 || strcmp (answer.id, "second") == 0);
        if (i == 110) // The directory has noticed
            bus_set_endpoints (mine, "scheduler", (const char *[]){actor_endpoint (second)}, 1);
    }
    CHECK (answered_by_first);
    bus_client_destroy (&client);
    actor_destroy (&second);
    bus_destroy (&one);
    bus_destroy (&two);
    bus_destroy (&mine);
    arena_destroy (&arena);
}
