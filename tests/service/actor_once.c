/* What may be done once is done once, however often it is asked and whatever becomes of the commit. */

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
    atomic_int adds, removes, acts, effects, lost, looked, ticks;
    atomic_bool entered, hold; // A handler has begun; it is to stay
} service_t;

static void count_effect (void *context, void *data)
{
    (void) data;
    ((service_t *) context)->effects++;
}

// ONCE. Each run gives another id, as a real one would. "idle": writes nothing.
static fault_t handle_add (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    const project_add_t *ask = message;
    project_t *answer = into;
    self->adds++;
    answer->id = arena_printf (turn->arena, "%s-%d", ask->name, (int) self->adds);
    answer->name = ask->name;
    answer->url = "";
    if (strcmp (ask->name, "idle") == 0)
        return OK;
    self->store.written++;
    actor_after (turn, count_effect, NULL);
    return OK;
}

#define JOBS 1000

// ONCE, with an answer that is too large to be kept.
static fault_t handle_trigger (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    run_t *run = into;
    (void) message;
    self->store.written++;
    self->adds++;
    run->jobs.count = JOBS;
    run->jobs.items = arena_array (turn->arena, JOBS, sizeof (job_t));
    for (int i = 0; i < JOBS; i++)
        run->jobs.items[i].name =
            "a job whose name is long enough to make the whole of the answer a large one";
    return OK;
}

// SECRET.
static fault_t handle_register (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message;
    self->store.written++;
    ((agent_registered_t *) into)->id = arena_strdup (turn->arena, "a1");
    ((agent_registered_t *) into)->token = arena_strdup (turn->arena, "hush-hush");
    return OK;
}

// AGAIN. "stay": holds the actor, so that what comes meanwhile is one batch.
static fault_t handle_remove (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    const project_remove_t *ask = message;
    (void) into;
    if (strcmp (ask->project, "stay") == 0) {
        self->entered = true;
        int64_t deadline_us = test_until_us ();
        while (self->hold && clock_monotonic_us () < deadline_us)
            poll (NULL, 0, 1);
        return OK;
    }
    self->removes++;
    self->store.written++;
    actor_after (turn, count_effect, NULL);
    return OK;
}

static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    return self->looked++ ? OK : actor_wait (turn, "projects", turn->now_us + SECONDS (600));
}

static fault_t act (void *context, turn_t *turn, void *data)
{
    service_t *self = context;
    (void) data;
    self->acts++;
    self->store.written++;
    actor_after (turn, count_effect, NULL);
    return OK;
}

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    (void) turn, (void) next_us;
    ((service_t *) context)->ticks++;
    return OK;
}

static void count_lost (void *context)
{
    ((service_t *) context)->lost++;
}

static const handler_t handlers[] = {{MSG_project_add, handle_add},
                                     {MSG_project_remove, handle_remove},
                                     {MSG_project_list, handle_list},
                                     {MSG_run_trigger, handle_trigger},
                                     {MSG_agent_register, handle_register}};
static const actor_class_t class = {.name = "scheduler",
                                    .handlers = handlers,
                                    .count = 5,
                                    .begin = store_begin,
                                    .commit = store_commit,
                                    .rollback = store_rollback,
                                    .writes = store_writes,
                                    .in_doubt = store_in_doubt,
                                    .requests = &store_requests,
                                    .effects_lost = count_lost,
                                    .tick = tick};

typedef struct {
    service_t service;
    wall_clock_t *clock;
    bus_t *bus;
    actor_t *actor;
    bus_client_t *client;
    arena_t *arena;
    turn_t turn;
    role_t role; // Of the next requests; nobody's: a developer's
} world_t;

static void begin (world_t *self)
{
    self->clock = clock_by_hand (SECONDS (1000));
    self->bus = bus_new (&proto_codec, self->clock);
    self->actor = actor_new (&class, &self->service, self->bus, NULL);
    CHECK (self->actor);
    self->client = bus_client_new (self->bus);
    self->arena = arena_new ();
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    bus_destroy (&self->bus);
    clock_destroy (&self->clock);
    arena_destroy (&self->arena);
    store_clear (&self->service.store);
}

static fault_t ask (world_t *self, turn_t *turn, uint16_t number, const void *message, void *answer)
{
    return ask_by (self->client, self->clock, turn, number, message, answer);
}

static fault_t add_as (world_t *self, const char *who, const char *key, const char *name, project_t *answer)
{
    turn_init (&self->turn, self->arena, "test", 0);
    self->turn.caller = (caller_t){.role = self->role ? self->role : ROLE_DEVELOPER, .subject = who};
    self->turn.once_key = key;
    return ask (self, &self->turn, MSG_project_add, &(project_add_t){.name = name, .url = "x"}, answer);
}

static fault_t add (world_t *self, const char *key, const char *name, project_t *answer)
{
    return add_as (self, "ada", key, name, answer);
}

// ---- commits that nobody heard of ----

TEST (a_commit_that_took_effect_although_its_answer_was_lost_is_not_repeated)
{
    world_t world = {.service.store = {.uncertain = true, .doubt_commits = 1, .doubt_holds = true}};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer), OK);
    CHECK_STR (answer.id, "one-1");
    CHECK_INT (world.service.adds, 1);
    CHECK_INT (world.service.store.committed, 1);
    CHECK_INT (world.service.effects, 1); // What it left for after the commit was done
    CHECK_INT (world.service.lost, 0);
    end (&world);
}

TEST (a_commit_that_was_undone_and_whose_answer_was_lost_is_repeated)
{
    world_t world = {.service.store = {.uncertain = true, .doubt_commits = 1, .doubt_holds = false}};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer), OK);
    CHECK_STR (answer.id, "one-2");
    CHECK_INT (world.service.store.committed, 1);
    CHECK_INT (world.service.effects, 1);
    end (&world);
}

TEST (a_row_that_another_replica_wrote_under_the_same_key_is_not_mistaken_for_ours)
{
    world_t world = {.service.store = {.uncertain = true, .doubt_commits = 1, .doubt_rival = true}};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer), OK);
    CHECK_STR (answer.id, "one-9"); // What is there, and not what was undone
    CHECK_INT (world.service.adds, 1);
    CHECK_INT (world.service.effects, 0);
    end (&world);
}

TEST (a_commit_in_doubt_is_looked_up_until_the_database_is_back)
{
    world_t world = {
        .service.store = {.uncertain = true, .doubt_commits = 1, .doubt_holds = true, .fail_recalls = 3}};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer), OK);
    CHECK_INT (world.service.adds, 1);
    end (&world);
}

TEST (what_cannot_be_looked_up_is_neither_repeated_nor_called_done)
{
    world_t world = {.service.store = {
                         .uncertain = true, .doubt_commits = 1, .doubt_holds = true, .fail_recalls = 100000}};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer), TIMEOUT);
    CHECK (strstr (world.turn.detail, "may have taken effect"));
    CHECK_INT (world.service.adds, 1);
    until_at_least (&world.service.lost, 1); // After the answer
    end (&world);
}

typedef struct {
    world_t *world;
    const char *remove, *add; // One of them; none: waits
    arena_t *arena;
    pthread_t thread;
    fault_t fault;
} sender_t;

static void *send_one (void *context)
{
    sender_t *self = context;
    union {
        project_t project;
        project_page_t page;
        done_t done;
    } answer;
    turn_t turn;
    turn_init (&turn, self->arena, "sender", 0);
    if (self->add)
        self->fault = ask (self->world, &turn, MSG_project_add,
                           &(project_add_t){.name = self->add, .url = "x"}, &answer);
    else if (self->remove)
        self->fault = ask (self->world, &turn, MSG_project_remove,
                           &(project_remove_t){.project = self->remove}, &answer);
    else
        self->fault = ask (self->world, &turn, MSG_project_list, &(project_list_t){.limit = 1}, &answer);
    return NULL;
}

static void start (sender_t *self)
{
    self->arena = arena_new ();
    CHECK (pthread_create (&self->thread, NULL, send_one, self) == 0);
}

static fault_t end_of (sender_t *self)
{
    pthread_join (self->thread, NULL);
    arena_destroy (&self->arena);
    return self->fault;
}

static void hold (world_t *world, sender_t *stay)
{
    world->service.hold = true;
    *stay = (sender_t){.world = world, .remove = "stay"};
    start (stay);
    int64_t deadline_us = test_until_us ();
    while (!world->service.entered && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK (world->service.entered);
}

TEST (the_row_of_one_request_proves_all_that_was_committed_with_it)
{
    world_t world = {.service.store = {.uncertain = true}};
    begin (&world);
    sender_t stay, others[4];
    hold (&world, &stay);
    for (int i = 0; i < 4; i++) {
        others[i] = (sender_t){.world = &world, .add = i == 0 ? "one" : NULL, .remove = "two"};
        start (&others[i]);
    }
    actor_post (world.actor, act, malloc (1));
    world.service.store.doubt_holds = world.service.store.doubt_rows = true;
    world.service.store.doubt_commits = 1;
    world.service.hold = false;
    CHECK_INT (end_of (&stay), OK);
    for (int i = 0; i < 4; i++)
        CHECK_INT (end_of (&others[i]), OK);
    until_at_least (&world.service.effects, 5);
    CHECK_INT (world.service.store.committed, 5);
    CHECK_INT (world.service.acts, 1);
    CHECK_INT (world.service.adds, 1);
    end (&world);
}

TEST (an_act_in_doubt_is_not_repeated_and_everything_is_checked_again)
{
    world_t world = {.service.store = {.uncertain = true}};
    begin (&world);
    until_at_least (&world.service.ticks, 1);
    sender_t waiter = {.world = &world};
    start (&waiter);
    until_at_least (&world.service.looked, 1);
    world.service.store.doubt_commits = 1;
    actor_post (world.actor, act, malloc (1));
    until_at_least (&world.service.lost, 1);
    CHECK_INT (end_of (&waiter), OK); // Woken, because its news may have been in it
    until_at_least (&world.service.ticks, 2);
    CHECK_INT (world.service.acts, 1);
    CHECK_INT (world.service.effects, 0);
    end (&world);
}

TEST (an_idempotent_request_is_run_again_after_a_commit_in_doubt)
{
    world_t world = {.service.store = {.uncertain = true, .doubt_commits = 1}};
    done_t answer;
    begin (&world);
    turn_init (&world.turn, world.arena, "test", 0);
    CHECK_INT (ask (&world, &world.turn, MSG_project_remove, &(project_remove_t){.project = "p"}, &answer),
               OK);
    CHECK_INT (world.service.removes, 2);
    CHECK_INT (world.service.store.committed, 1);
    end (&world);
}

// ---- requests that come again ----

TEST (a_request_repeated_under_its_key_gets_the_same_answer_and_nothing_is_done)
{
    world_t world = {.service.store.written = 0};
    project_t answer;
    begin (&world);
    for (int i = 0; i < 3; i++) {
        CHECK_INT (add (&world, "key-1", "one", &answer), OK);
        CHECK_STR (answer.id, "one-1");
    }
    CHECK_INT (world.service.adds, 1);
    CHECK_INT (world.service.effects, 1);
    CHECK_INT (add (&world, "key-2", "one", &answer), OK);
    CHECK_STR (answer.id, "one-2");
    end (&world);
}

TEST (a_key_belongs_to_its_caller)
{
    world_t world = {.service.store.written = 0};
    project_t answer;
    begin (&world);
    CHECK_INT (add_as (&world, "ada", "key", "one", &answer), OK);
    CHECK_INT (add_as (&world, "bob", "key", "one", &answer), OK);
    CHECK_STR (answer.id, "one-2");
    world.role = ROLE_ADMIN; // Who has the same name in another role is another caller
    CHECK_INT (add_as (&world, "ada", "key", "one", &answer), OK);
    CHECK_STR (answer.id, "one-3");
    end (&world);
}

TEST (a_key_that_was_used_for_another_request_is_refused)
{
    world_t world = {.service.store.written = 0};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, "key", "one", &answer), OK);
    CHECK_INT (add (&world, "key", "two", &answer), INVALID);
    CHECK_STR (world.turn.detail, "this key was used for another request");
    CHECK_INT (world.service.adds, 1);
    end (&world);
}

TEST (a_secret_is_not_kept_and_a_repeated_request_gets_another)
{
    world_t world = {.service.store.written = 0};
    agent_registered_t answer;
    begin (&world);
    fault_t faults[2];
    for (int i = 0; i < 2; i++) {
        turn_init (&world.turn, world.arena, "test", 0);
        world.turn.once_key = "key";
        agent_register_t register_ask = {.name = "a", .url = "http://a", .labels = {0}};
        faults[i] = ask (&world, &world.turn, MSG_agent_register, &register_ask, &answer);
    }
    CHECK_INT (faults[0], OK);
    CHECK_INT (faults[1], OK);
    CHECK_INT (world.service.store.committed, 2);
    CHECK_INT (world.service.store.count, 1);
    CHECK_INT (world.service.store.rows[0].size, 0);
    end (&world);
}

TEST (an_answer_too_large_to_be_kept_is_given_once)
{
    world_t world = {.service.store.written = 0};
    run_t answer;
    begin (&world);
    fault_t faults[2];
    for (int i = 0; i < 2; i++) {
        turn_init (&world.turn, world.arena, "test", 0);
        world.turn.once_key = "key";
        faults[i] = ask (&world, &world.turn, MSG_run_trigger, &(run_trigger_t){.project = "p"}, &answer);
        CHECK_INT (i == 0 ? (int) answer.jobs.count : JOBS, JOBS);
    }
    CHECK_INT (faults[0], OK);
    CHECK_INT (faults[1], CONFLICT);
    CHECK_INT (world.service.adds, 1);
    end (&world);
}

TEST (no_row_is_written_where_nobody_can_look_for_it)
{
    world_t world = {.service.store.written = 0};
    project_t answer;
    begin (&world);
    CHECK_INT (add (&world, NULL, "one", &answer),
               OK); // One process, a commit that is heard of, a request without a name
    CHECK_INT (world.service.store.count, 0);
    CHECK_INT (add (&world, "key", "idle", &answer), OK); // Nothing was done
    CHECK_INT (world.service.store.count, 0);
    CHECK_INT (add (&world, "key", "one", &answer), OK);
    CHECK_INT (world.service.store.count, 1);
    end (&world);
}
