/* What a turn waits for: answers to what it asked, any of several topics; and how much may wait at once. */

#include "common/actor/actor.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/actor/store.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    atomic_int looked, runs, asked;
    atomic_int changes; // So often the handler asks for something else than before
} service_t;

// Waits for its project and for "all"; "soon" for ten seconds.
static fault_t handle_show (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    const project_show_t *ask = message;
    const char *topics[] = {"all", ask->project, "b", "c", "d"};
    size_t count = strcmp (ask->project, "many") == 0 ? 5 : strcmp (ask->project, "a") == 0 ? 3 : 2;
    (void) into;
    self->looked++;
    int64_t seconds = strncmp (ask->project, "soon", 4) == 0 ? 10 : 600;
    return actor_wait_any (turn, topics, count, turn->now_us + SECONDS (seconds));
}

static fault_t handle_remove (void *context, turn_t *turn, const void *message, void *into)
{
    (void) context, (void) into;
    actor_wake (turn, ((const project_remove_t *) message)->project);
    return OK;
}

// Asks for a repository whose name changes meanwhile, as one does that was moved in the database.
static fault_t handle_trigger (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    scm_tree_t first, second;
    (void) message;
    if (self->changes < 0) {
        const char *id = actor_id (turn, 'p'), *other = actor_id (turn, 'p');
        CHECK (strcmp (id, other) != 0);
        TRY (actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = id}, &first));
        TRY (actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = other}, &second));
        ((run_t *) into)->id = second.sha;
        return OK;
    }
    int number = self->runs++ < self->changes ? (int) self->runs : 1000;
    TRY (actor_call (turn, MSG_scm_fetch, &(scm_fetch_t){.url = "same"}, &first));
    TRY (actor_call (turn, MSG_scm_fetch,
                     &(scm_fetch_t){.url = arena_printf (turn->arena, "repo-%d", number)}, &second));
    ((run_t *) into)->id = second.sha;
    return OK;
}

static fault_t handle_append (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    if (actor_waited (turn))
        return OK;
    self->looked++;
    return actor_wait (turn, "nothing", turn->now_us + SECONDS (10));
}

static fault_t handle_fetch (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    self->asked++;
    ((scm_tree_t *) into)->sha =
        arena_printf (turn->arena, "sha of %s", ((const scm_fetch_t *) message)->url);
    return OK;
}

static const handler_t scheduler_handlers[] = {
    {MSG_project_show, handle_show}, {MSG_project_remove, handle_remove}, {MSG_run_trigger, handle_trigger}};
static const actor_class_t scheduler = {.name = "scheduler", .handlers = scheduler_handlers, .count = 3};
static const handler_t scm_handlers[] = {{MSG_scm_fetch, handle_fetch}};
static const actor_class_t scm = {.name = "scm", .handlers = scm_handlers, .count = 1};
static const handler_t logs_handlers[] = {{MSG_log_append, handle_append}};
static const actor_class_t logs = {.name = "logs", .handlers = logs_handlers, .count = 1};

typedef struct {
    service_t service;
    wall_clock_t *clock;
    bus_t *bus;
    actor_t *scheduler, *scm, *logs;
    bus_client_t *client;
} world_t;

static void begin (world_t *self)
{
    self->clock = clock_by_hand (SECONDS (1000));
    self->bus = bus_new (&proto_codec, self->clock);
    self->scheduler = actor_new (&scheduler, &self->service, self->bus, NULL);
    self->scm = actor_new (&scm, &self->service, self->bus, NULL);
    self->logs = actor_new (&logs, &self->service, self->bus, NULL);
    self->client = bus_client_new (self->bus);
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->scheduler);
    actor_destroy (&self->scm);
    actor_destroy (&self->logs);
    bus_destroy (&self->bus);
    clock_destroy (&self->clock);
}

static fault_t ask (world_t *self, turn_t *turn, uint16_t number, const void *message, void *answer)
{
    return ask_by (self->client, self->clock, turn, number, message, answer);
}

// ---- topics ----

typedef struct {
    world_t *world;
    const char *project;
    pthread_t thread;
    fault_t fault;
} waiter_t;

static void *wait_there (void *context)
{
    waiter_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    project_t answer;
    turn_init (&turn, arena, "waiter", 0);
    self->fault =
        ask (self->world, &turn, MSG_project_show, &(project_show_t){.project = self->project}, &answer);
    arena_destroy (&arena);
    return NULL;
}

static void wake (world_t *self, const char *topic)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    done_t answer;
    turn_init (&turn, arena, "wake", 0);
    CHECK_INT (ask (self, &turn, MSG_project_remove, &(project_remove_t){.project = topic}, &answer), OK);
    arena_destroy (&arena);
}

TEST (a_turn_that_waits_for_several_topics_is_woken_by_each_and_by_no_other)
{
    world_t world = {.service.looked = 0};
    begin (&world);
    waiter_t waiters[2] = {{.world = &world, .project = "a"}, {.world = &world, .project = "x"}};
    for (int i = 0; i < 2; i++) {
        pthread_create (&waiters[i].thread, NULL, wait_there, &waiters[i]);
        until_at_least (&world.service.looked, i + 1);
    }
    static const struct {
        const char *topic;
        int woken;
    } wakes[] = {{"a", 1}, {"b", 1}, {"x", 1}, {"c", 0}, {"all", 2}, {"nobody", 0}, {"b", 1}, {"all", 2}};
    int looked = 2;
    for (size_t i = 0; i < sizeof wakes / sizeof *wakes; i++) {
        wake (&world, wakes[i].topic);
        looked += wakes[i].woken;
        until_at_least (&world.service.looked, looked);
        wake (&world, "nobody"); // Behind those that were woken
        CHECK_INT (world.service.looked, looked);
    }
    clock_turn (world.clock, SECONDS (31));
    for (int i = 0; i < 2; i++) {
        pthread_join (waiters[i].thread, NULL);
        CHECK_INT (waiters[i].fault, TIMEOUT);
    }
    end (&world);
}

TEST (turns_that_were_woken_in_vain_wait_no_longer_than_they_said_first)
{
    world_t world = {.service.looked = 0};
    begin (&world);
    waiter_t waiters[3] = {{.project = "soon1"}, {.project = "soon2"}, {.project = "soon3"}};
    for (int i = 0; i < 3; i++) {
        waiters[i].world = &world;
        pthread_create (&waiters[i].thread, NULL, wait_there, &waiters[i]);
        until_at_least (&world.service.looked, i + 1);
    }
    clock_turn (world.clock, SECONDS (6));
    static const char *const woken[] = {"soon1", "soon3"};
    for (int i = 0; i < 2; i++) {
        wake (&world, woken[i]);
        until_at_least (&world.service.looked, 4 + i);
    }
    clock_turn (world.clock, SECONDS (5));
    until_at_least (&world.service.looked, 8); // Each of them
    wake (&world, "nobody");
    CHECK_INT (world.service.looked, 8);
    clock_turn (world.clock, SECONDS (31));
    for (int i = 0; i < 3; i++) {
        pthread_join (waiters[i].thread, NULL);
        CHECK_INT (waiters[i].fault, TIMEOUT);
    }
    end (&world);
}

TEST (more_topics_than_there_are_places_are_refused)
{
    world_t world = {.service.looked = 0};
    begin (&world);
    waiter_t waiter = {.world = &world, .project = "many"};
    wait_there (&waiter);
    CHECK_INT (waiter.fault, BROKEN);
    end (&world);
}

// ---- answers ----

static fault_t trigger (world_t *world, turn_t *turn, run_t *run)
{
    return ask (world, turn, MSG_run_trigger, &(run_trigger_t){.project = "p"}, run);
}

TEST (an_answer_is_given_only_to_what_was_asked)
{
    world_t world = {.service.changes = 2}; // The second run asks for another repository than the first
    arena_t *arena = arena_new ();
    turn_t turn;
    run_t run;
    begin (&world);
    turn_init (&turn, arena, "trigger", 0);
    CHECK_INT (trigger (&world, &turn, &run), OK);
    CHECK_STR (run.id, "sha of repo-1000"); // What it asked for last
    CHECK (world.service.asked > 2);
    end (&world);
    arena_destroy (&arena);
}

TEST (what_asks_for_something_else_each_time_ends_in_a_conflict)
{
    world_t world = {.service.changes = 1000};
    arena_t *arena = arena_new ();
    turn_t turn;
    run_t run;
    begin (&world);
    turn_init (&turn, arena, "trigger", 0);
    CHECK_INT (trigger (&world, &turn, &run), CONFLICT);
    CHECK (strstr (turn.detail, "changes all the time"));
    end (&world);
    arena_destroy (&arena);
}

TEST (an_id_that_a_handler_made_is_the_same_when_it_runs_again)
{
    world_t world = {.service.changes = -1}; // Asks for a repository of a new id
    arena_t *arena = arena_new ();
    turn_t turn;
    run_t run;
    begin (&world);
    turn_init (&turn, arena, "trigger", 0);
    CHECK_INT (trigger (&world, &turn, &run), OK);
    CHECK (strncmp (run.id, "sha of p", 8) == 0);
    CHECK_INT (world.service.asked, 2); // Neither was asked for twice
    end (&world);
    arena_destroy (&arena);
}

// ---- bytes ----

#define PIECE   (1 << 20)
#define SENDERS (ACTOR_BYTES / PIECE + 8)

typedef struct {
    world_t *world;
    const void *piece;
    atomic_int *refused;
    pthread_t thread;
    fault_t fault;
} sender_t;

static void *send_piece (void *context)
{
    sender_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    log_offset_t answer;
    turn_init (&turn, arena, "sender", 0);
    log_append_t append = {.job = "j", .attempt = 1, .data = {.data = self->piece, .size = PIECE}};
    self->fault = ask (self->world, &turn, MSG_log_append, &append, &answer);
    if (self->fault == OVERLOADED)
        atomic_fetch_add (self->refused, 1);
    arena_destroy (&arena);
    return NULL;
}

TEST (past_its_bytes_a_service_is_overloaded_and_takes_more_when_it_has_answered)
{
    static sender_t senders[SENDERS];
    world_t world = {.service.looked = 0};
    void *piece = calloc (1, PIECE);
    atomic_int refused = 0;
    begin (&world);
    for (size_t i = 0; i < SENDERS; i++) {
        senders[i] = (sender_t){.world = &world, .piece = piece, .refused = &refused};
        pthread_create (&senders[i].thread, NULL, send_piece, &senders[i]);
    }
    until_at_least (&world.service.looked, ACTOR_BYTES / PIECE - 1); // Each is a little more than its piece
    until_at_least (&refused, 9);
    clock_turn (world.clock, SECONDS (11));
    int taken = 0, overloaded = 0;
    for (size_t i = 0; i < SENDERS; i++) {
        pthread_join (senders[i].thread, NULL);
        taken += senders[i].fault == OK;
        overloaded += senders[i].fault == OVERLOADED;
    }
    CHECK_INT (taken, ACTOR_BYTES / PIECE - 1);
    CHECK_INT (overloaded, 9);
    sender_t late = {.world = &world, .piece = piece, .refused = &refused};
    pthread_create (&late.thread, NULL, send_piece, &late);
    until_at_least (&world.service.looked, taken + 1); // There is room again
    clock_turn (world.clock, SECONDS (11));
    pthread_join (late.thread, NULL);
    CHECK_INT (late.fault, OK);
    end (&world);
    free (piece);
}
