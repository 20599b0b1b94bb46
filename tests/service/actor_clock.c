/* Somebody sets the time of day, or two machines do not agree on it: nothing is stopped, ended or refused by that. */

#include "common/base/metrics.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/actor/store.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <string.h>

typedef struct {
    atomic_int looked, ticks;
    _Atomic int64_t deadline_us; // Of the handler that waits, where that must not move; 1 before the first
    _Atomic int64_t saw_us,
        left_us; // Of the last handler: the time of day, and what was left to its deadline
} service_t;

static fault_t handle_show (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    self->looked++;
    if (self->deadline_us == 1)
        self->deadline_us = turn->deadline_us;
    if (self->deadline_us && self->deadline_us != turn->deadline_us)
        return turn_fail (turn, BROKEN, "the deadline has moved");
    return actor_waited (turn) ? OK : actor_wait (turn, "news", turn->now_us + SECONDS (60));
}

static fault_t handle_remove (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) into;
    self->saw_us = turn->now_us;
    self->left_us = turn->deadline_us - turn->now_us;
    actor_wake (turn, ((const project_remove_t *) message)->project);
    return OK;
}

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    service_t *self = context;
    self->ticks++;
    *next_us = turn->now_us + SECONDS (60);
    return OK;
}

static const handler_t handlers[] = {{MSG_project_show, handle_show}, {MSG_project_remove, handle_remove}};
static const actor_class_t class = {.name = "scheduler", .handlers = handlers, .count = 2, .tick = tick};

#define BEGINS SECONDS (1000000)

typedef struct {
    service_t service;
    wall_clock_t *clock, *their_clock;
    bus_t *bus, *theirs;
    actor_t *actor;
    bus_client_t *client;
} world_t;

// The service beyond TCP and by a clock of its own where that is ahead by so much.
static void begin (world_t *self, int64_t ahead_us)
{
    self->clock = clock_by_hand (BEGINS);
    self->bus = bus_new (&proto_codec, self->clock);
    if (ahead_us) {
        self->their_clock = clock_by_hand (BEGINS + ahead_us);
        self->theirs = bus_new (&proto_codec, self->their_clock);
    }
    self->actor = actor_new (&class, &self->service, ahead_us ? self->theirs : self->bus,
                             ahead_us ? "tcp://127.0.0.1:*" : NULL);
    CHECK (self->actor);
    if (ahead_us)
        bus_set_endpoints (self->bus, "scheduler", (const char *[]){actor_endpoint (self->actor)}, 1);
    self->client = bus_client_new (self->bus);
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    bus_destroy (&self->bus);
    bus_destroy (&self->theirs);
    clock_destroy (&self->clock);
    clock_destroy (&self->their_clock);
}

static fault_t ask (world_t *self, uint16_t number, const void *message)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    union {
        project_t project;
        done_t done;
    } answer;
    turn_init (&turn, arena, "test", 0);
    turn.deadline_us = clock_now_us (self->clock) + SECONDS (100);
    fault_t fault = bus_client_call (self->client, &turn, number, message, &answer);
    arena_destroy (&arena);
    return fault;
}

static void *wait_there (void *context)
{
    return (void *) (intptr_t) ask (context, MSG_project_show, &(project_show_t){.project = "p"});
}

// When it has been served, so has all that was there before it.
static void pass (world_t *self)
{
    for (int i = 0; i < 2; i++)
        CHECK_INT (ask (self, MSG_project_remove, &(project_remove_t){.project = "nobody"}), OK);
}

static void step (int64_t by_us)
{
    world_t world = {.service.looked = 0};
    pthread_t waiter;
    void *fault;
    begin (&world, 0);
    until_at_least (&world.service.ticks, 1);
    pthread_create (&waiter, NULL, wait_there, &world);
    until_at_least (&world.service.looked, 1);
    clock_step (world.clock, by_us);
    pass (&world);
    CHECK_INT (world.service.looked, 1);
    CHECK_INT (world.service.ticks, 1);
    CHECK_INT (world.service.saw_us, BEGINS + by_us); // What is written in rows
    CHECK_INT (world.service.left_us, SECONDS (100));
    clock_turn (world.clock, SECONDS (59));
    pass (&world);
    CHECK_INT (world.service.looked, 1);
    CHECK_INT (world.service.ticks, 1);
    clock_turn (world.clock, SECONDS (1));
    pthread_join (waiter, &fault);
    CHECK_INT ((intptr_t) fault, OK);
    CHECK_INT (world.service.looked, 2);
    until_at_least (&world.service.ticks, 2);
    end (&world);
}

TEST (a_time_of_day_that_is_set_ahead_ends_no_wait_and_fires_no_tick)
{
    step (SECONDS (3600));
}

TEST (a_time_of_day_that_is_set_back_delays_no_wait_and_no_tick)
{
    step (-SECONDS (3600));
}

static void differ (int64_t ahead_us)
{
    world_t world = {.service.looked = 0};
    metric_t *noticed = metrics_counter ("opencicd_skewed_clocks_total", "service", "scheduler", "");
    int64_t before = metric_read (noticed);
    begin (&world, ahead_us);
    for (int i = 0; i < 10; i++) {
        pass (&world);
        CHECK_INT (world.service.left_us, SECONDS (100)); // The time left, by whichever clock
    }
    bool far = ahead_us > MILLISECONDS (BUS_SKEW_MS) || ahead_us < -MILLISECONDS (BUS_SKEW_MS);
    CHECK_INT (metric_read (noticed), before + far); // Once
    end (&world);
}

TEST (a_host_whose_clock_is_two_minutes_ahead_is_served_and_mentioned_once)
{
    differ (SECONDS (120));
}

TEST (a_host_whose_clock_is_two_minutes_slow_is_served_and_logged_once)
{
    differ (-SECONDS (120));
}

TEST (clocks_that_differ_by_a_second_are_not_mentioned)
{
    differ (SECONDS (1));
    differ (-SECONDS (1));
}

TEST (a_turn_has_the_same_deadline_each_time_it_runs)
{
    world_t world = {.service.deadline_us = 1};
    pthread_t waiter;
    void *fault;
    world.clock = clock_system ();
    world.bus = bus_new (&proto_codec, world.clock);
    world.actor = actor_new (&class, &world.service, world.bus, NULL);
    world.client = bus_client_new (world.bus);
    pthread_create (&waiter, NULL, wait_there, &world);
    for (int i = 1; i <= 20; i++) {
        until_at_least (&world.service.looked, i);
        CHECK_INT (ask (&world, MSG_project_remove, &(project_remove_t){.project = "news"}), OK);
    }
    until_at_least (&world.service.looked, 21); // It waits again: what is woken and not served yet is refused
    actor_destroy (&world.actor);
    pthread_join (waiter, &fault);
    CHECK_INT ((intptr_t) fault, OK); // As if its time had come, and not BROKEN
    end (&world);
}
