/* What one replica commits wakes who waits at another, on both engines; a clock that stands still shows that no time did it. */

#include "common/actor/actor.h"
#include "common/db/db_unit.h"
#include "common/db/notify.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/on_engines.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGINS SECONDS (1000000)

typedef struct {
    db_t *db; // First, for db_unit.h
    bus_t *bus;
    actor_t *actor;
    notify_t *news;
    bus_client_t *client;
    atomic_int looked; // How often the waiting handler ran
    atomic_int ticks;
} replica_t;

typedef struct {
    char folder[256];
    const char *url;
    arena_t *arena;
    turn_t turn;
    wall_clock_t *clock;
    replica_t replicas[2];
    notify_t *observer;
    atomic_int hellos, everythings, topics; // Announcements of each kind
} world_t;

// ---- a service: somebody adds a row, somebody else waits for one ----

static fault_t add (void *context, turn_t *turn, const void *asked, void *answered)
{
    replica_t *self = context;
    const project_add_t *ask = asked;
    (void) answered;
    fault_t fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = db_exec (self->db, turn, "insert into notify_rows (name) values ($1)", P_STR (ask->name));
    (strncmp (ask->name, "soon", 4) == 0 ? actor_announce_soon : actor_announce) (turn, "rows");
    if (!fault && strcmp (ask->name, "later") == 0)
        actor_tick_at (turn, turn->now_us + SECONDS (60));
    return !fault && strcmp (ask->name, "refused") == 0 ? turn_fail (turn, CONFLICT, "refused") : fault;
}

static fault_t wait_for_row (void *context, turn_t *turn, const void *asked, void *answered)
{
    replica_t *self = context;
    const project_show_t *ask = asked;
    const rows_t *rows;
    fault_t fault = db_query (self->db, turn, "select name from notify_rows where name = $1", &rows,
                              P_STR (ask->project));
    atomic_fetch_add (&self->looked, 1); // What is written when that is seen was not found
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return actor_wait (turn, "rows", turn->now_us + SECONDS (600));
    ((project_t *) answered)->name = rows_str (rows, 0, 0);
    return OK;
}

static fault_t tick (void *context, turn_t *turn, int64_t *next_us)
{
    replica_t *self = context;
    (void) turn, (void) next_us;
    atomic_fetch_add (&self->ticks, 1);
    return OK;
}

static const handler_t handlers[] = {{MSG_project_add, add}, {MSG_project_show, wait_for_row}};
static const actor_class_t class = {.name = "scheduler",
                                    .handlers = handlers,
                                    .count = 2,
                                    .commit = db_unit_commit,
                                    .rollback = db_unit_rollback,
                                    .writes = db_unit_writes,
                                    .announce = db_unit_announce,
                                    .tick = tick};

// ---- its life ----

static void start_replica (world_t *world, replica_t *self)
{
    self->bus = bus_new (&proto_codec, world->clock);
    CHECK_INT (db_open (&self->db, world->url, &world->turn), OK);
    self->actor = actor_new (&class, self, self->bus, "tcp://127.0.0.1:*");
    CHECK (self->actor);
    CHECK_INT (notify_new (&self->news, &world->turn, world->url, "scheduler", actor_notified, self->actor),
               OK);
    self->client = bus_client_new (self->bus);
}

static void stop_replica (replica_t *self)
{
    bus_client_destroy (&self->client);
    notify_destroy (&self->news);
    actor_destroy (&self->actor);
    db_close (&self->db);
    bus_destroy (&self->bus);
}

static void observe (void *context, const char *text)
{
    world_t *self = context;
    if (text && strchr (text, '*'))
        atomic_fetch_add (&self->everythings, 1);
    else if (text)
        atomic_fetch_add (strchr (strchr (text, ' ') + 1, ' ') ? &self->topics : &self->hellos, 1);
}

static void meet (world_t *self);

static void begin (world_t *self, const char *postgres)
{
    db_t *db;
    *self = (world_t){.arena = arena_new (), .clock = clock_by_hand (BEGINS)};
    turn_init (&self->turn, self->arena, "test", BEGINS);
    test_folder (self->folder, sizeof (self->folder));
    self->url = postgres ? postgres : arena_printf (self->arena, "sqlite:%s/db", self->folder);
    CHECK_INT (db_open (&db, self->url, &self->turn), OK);
    CHECK_INT (db_exec (db, &self->turn, "drop table if exists notify_rows"), OK);
    CHECK_INT (db_exec (db, &self->turn, "create table notify_rows (name text not null)"), OK);
    db_close (&db);
    CHECK_INT (notify_new (&self->observer, &self->turn, self->url, "scheduler", observe, self), OK);
    for (int i = 0; i < 2; i++)
        start_replica (self, &self->replicas[i]);
    meet (self);
}

static void end (world_t *self)
{
    for (int i = 0; i < 2; i++)
        if (self->replicas[i].actor)
            stop_replica (&self->replicas[i]);
    notify_destroy (&self->observer);
    test_folder_remove (self->folder);
    clock_destroy (&self->clock);
    arena_destroy (&self->arena);
}

ON_EACH_ENGINE (begin, end)

// ---- the language ----

typedef struct {
    replica_t *replica;
    const char *name;
    pthread_t thread;
    fault_t fault;
    int64_t took_us;
} waiter_t;

static void *wait_there (void *context)
{
    waiter_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    project_t answer;
    int64_t began = clock_monotonic_us ();
    turn_init (&turn, arena, "waiter", BEGINS);
    turn.caller.subject = "";
    turn.deadline_us = BEGINS + SECONDS (120);
    self->fault = bus_client_call (self->replica->client, &turn, MSG_project_show,
                                   &(project_show_t){.project = self->name}, &answer);
    self->took_us = clock_monotonic_us () - began;
    arena_destroy (&arena);
    return NULL;
}

static void until (atomic_int *number, int least)
{
    int64_t deadline_us = test_until_us ();
    while (atomic_load (number) < least && clock_monotonic_us () < deadline_us)
        poll (NULL, 0, 1);
    CHECK (atomic_load (number) >= least);
}

static waiter_t *begin_to_wait (world_t *world, int replica, const char *name)
{
    waiter_t *self = arena_alloc (world->arena, sizeof (waiter_t));
    *self = (waiter_t){.replica = &world->replicas[replica], .name = name};
    int looked = atomic_load (&self->replica->looked);
    CHECK (pthread_create (&self->thread, NULL, wait_there, self) == 0);
    until (&self->replica->looked, looked + 1);
    return self;
}

static fault_t end_of_wait (waiter_t *self)
{
    pthread_join (self->thread, NULL);
    return self->fault;
}

static fault_t write_at (world_t *world, int replica, const char *name)
{
    project_t answer;
    world->turn.caller.subject = "";
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (20);
    return bus_client_call (world->replicas[replica].client, &world->turn, MSG_project_add,
                            &(project_add_t){.name = name, .url = ""}, &answer);
}

// Each has heard of the other, and what they wake for that is behind us.
static void meet (world_t *self)
{
    until (&self->everythings, 2);
    for (int i = 0; i < 2; i++) {
        const char *name = arena_printf (self->arena, "meet-%d", i);
        waiter_t *waiter = begin_to_wait (self, i, name);
        CHECK_INT (write_at (self, 1 - i, name), OK);
        CHECK_INT (end_of_wait (waiter), OK);
    }
}

static void pass (world_t *self, int64_t us)
{
    int hellos = atomic_load (&self->hellos);
    clock_turn (self->clock, us);
    until (&self->hellos, hellos + 1);
}

TEST_ON_ENGINES (a_turn_that_waits_at_one_replica_is_woken_by_a_commit_at_the_other)
{
    for (int i = 0; i < 4; i++) {
        const char *name = arena_printf (world->arena, "row-%d", i);
        waiter_t *waiter = begin_to_wait (world, i % 2, name);
        int64_t began = clock_monotonic_us ();
        CHECK_INT (write_at (world, 1 - i % 2, name), OK);
        CHECK_INT (end_of_wait (waiter), OK);
        CHECK (clock_monotonic_us () - began < SECONDS (2)); // Nothing asks again sooner
    }
}

TEST_ON_ENGINES (what_is_undone_wakes_nobody_at_the_other)
{
    waiter_t *waiter = begin_to_wait (world, 1, "row");
    int looked = atomic_load (&world->replicas[1].looked);
    CHECK_INT (write_at (world, 0, "refused"), CONFLICT);
    CHECK_INT (write_at (world, 0, "row"), OK);
    CHECK_INT (end_of_wait (waiter), OK);
    CHECK_INT (atomic_load (&world->replicas[1].looked), looked + 1);
}

TEST_ON_ENGINES (a_replica_ticks_when_another_announced_that_something_is_due)
{
    int ticks = atomic_load (&world->replicas[1].ticks);
    CHECK_INT (write_at (world, 0, "later"), OK);
    waiter_t *waiter = begin_to_wait (world, 1, "row"); // Behind the news of the first commit
    CHECK_INT (write_at (world, 0, "row"), OK);
    CHECK_INT (end_of_wait (waiter), OK);
    CHECK_INT (atomic_load (&world->replicas[1].ticks), ticks);
    clock_turn (world->clock, SECONDS (60));
    until (&world->replicas[1].ticks, ticks + 1);
}

TEST_ON_ENGINES (what_may_be_announced_soon_is_announced_though_nothing_follows)
{
    waiter_t *first = begin_to_wait (world, 1, "first"), *soon = begin_to_wait (world, 1, "soon");
    CHECK_INT (write_at (world, 0, "first"), OK); // Told at once: what follows waits
    CHECK_INT (write_at (world, 0, "soon"), OK);
    CHECK_INT (end_of_wait (first), OK);
    CHECK_INT (end_of_wait (soon), OK);
}

TEST_ON_ENGINES (what_may_be_announced_soon_is_announced_together)
{
    int before = atomic_load (&world->topics);
    int64_t began = clock_monotonic_us ();
    for (int i = 0; i < 40; i++)
        CHECK_INT (write_at (world, 0, arena_printf (world->arena, "soon-%d", i)), OK);
    int most = (int) ((clock_monotonic_us () - began) / ACTOR_SOON) + 2;
    waiter_t *waiter = begin_to_wait (world, 1, "row");
    CHECK_INT (write_at (world, 0, "row"), OK); // Behind them
    CHECK_INT (end_of_wait (waiter), OK);
    CHECK (atomic_load (&world->topics) - before <= most + 1);
}

TEST_ON_ENGINES (what_was_to_be_announced_soon_is_announced_by_one_that_ends)
{
    waiter_t *first = begin_to_wait (world, 1, "first"), *soon = begin_to_wait (world, 1, "soon");
    CHECK_INT (write_at (world, 0, "first"), OK);
    CHECK_INT (write_at (world, 0, "soon"), OK);
    stop_replica (&world->replicas[0]);
    CHECK_INT (end_of_wait (first), OK);
    CHECK_INT (end_of_wait (soon), OK);
}

TEST_ON_ENGINES (a_replica_that_is_alone_announces_nothing_until_it_hears_of_another)
{
    stop_replica (&world->replicas[1]);
    for (int i = 0; i < 4; i++) // Until it is taken for gone
        pass (world, SECONDS (5));
    int before = atomic_load (&world->topics), greeted = atomic_load (&world->everythings);
    CHECK_INT (write_at (world, 0, "alone"), OK);
    CHECK_INT (write_at (world, 0, "soon-alone"), OK);
    pass (world, SECONDS (5)); // Behind them
    CHECK_INT (atomic_load (&world->topics), before);
    start_replica (world, &world->replicas[1]);
    until (&world->everythings, greeted + 2);
    waiter_t *waiter = begin_to_wait (world, 1, "row");
    CHECK_INT (write_at (world, 0, "row"), OK);
    CHECK_INT (end_of_wait (waiter), OK);
}

TEST_ON_ENGINES (one_that_falls_silent_may_have_gone_with_an_announcement_and_everybody_looks)
{
    waiter_t *waiter = begin_to_wait (world, 0, "row");
    int looked = atomic_load (&world->replicas[0].looked), ticks = atomic_load (&world->replicas[0].ticks);
    stop_replica (&world->replicas[1]);
    pass (world, SECONDS (20));
    until (&world->replicas[0].looked, looked + 1);
    until (&world->replicas[0].ticks, ticks + 1);
    CHECK_INT (write_at (world, 0, "row"), OK);
    CHECK_INT (end_of_wait (waiter), OK);
}

TEST_ON_ENGINES (a_malformed_announcement_counts_as_lost_ones_and_everybody_looks)
{
    waiter_t *waiter = begin_to_wait (world, 1, "row");
    int looked = atomic_load (&world->replicas[1].looked);
    actor_notified (world->replicas[1].actor, "not one of ours");
    until (&world->replicas[1].looked, looked + 1);
    CHECK_INT (write_at (world, 0, "row"), OK);
    CHECK_INT (end_of_wait (waiter), OK);
}
