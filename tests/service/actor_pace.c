/* What is quick does not wait until everything slow that came before it is done. */

#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/actor/store.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <string.h>

#define MANY 20 // Slow requests, far fewer than a batch may have

typedef struct {
    store_t store;   // First
    atomic_bool go;  // What has come is served
    atomic_int came; // Requests that wait for that
    atomic_int slow; // That were served since then
    int before;      // Of those, how many before the quick one
} service_t;

static fault_t wait_to_go (service_t *self, turn_t *turn)
{
    self->came++;
    return actor_wait (turn, "go", turn->now_us + SECONDS (1000));
}

static void compute (int64_t time_us)
{
    for (int64_t until = clock_thread_us () + time_us; clock_thread_us () < until;)
        ;
}

// "learn": takes its time at once.
static fault_t handle_add (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    bool learn = strcmp (((const project_add_t *) message)->name, "learn") == 0;
    (void) into;
    if (!learn && !self->go)
        return wait_to_go (self, turn);
    compute (MILLISECONDS (4));
    self->store.written++;
    self->slow += !learn;
    return OK;
}

static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message;
    ((project_page_t *) into)->next = "";
    if (!self->go)
        return wait_to_go (self, turn);
    self->before = self->slow;
    return OK;
}

static fault_t handle_sync (void *context, turn_t *turn, const void *message, void *into)
{
    (void) message;
    (void) into;
    ((service_t *) context)->go = true;
    actor_wake (turn, "go");
    return OK;
}

static const handler_t handlers[] = {
    {MSG_project_add, handle_add}, {MSG_project_list, handle_list}, {MSG_project_sync, handle_sync}};
static const actor_class_t scheduler = {.name = "scheduler",
                                        .handlers = handlers,
                                        .count = 3,
                                        .begin = store_begin,
                                        .commit = store_commit,
                                        .rollback = store_rollback,
                                        .writes = store_writes};

typedef struct {
    bus_client_t *client;
    wall_clock_t *clock;
    uint16_t number;
    const void *message;
    pthread_t thread;
} asker_t;

static void *ask_once (void *context)
{
    asker_t *self = context;
    arena_t *arena = arena_new ();
    turn_t turn;
    union {
        project_t project;
        project_page_t page;
        done_t done;
    } answer;
    turn_init (&turn, arena, "pace", 0);
    CHECK_INT (ask_by (self->client, self->clock, &turn, self->number, self->message, &answer), OK);
    arena_destroy (&arena);
    return NULL;
}

TEST (a_quick_request_waits_for_a_part_of_the_slow_ones_before_it)
{
    service_t service = {.before = -1};
    wall_clock_t *clock = clock_by_hand (SECONDS (1000));
    bus_t *bus = bus_new (&proto_codec, clock);
    actor_t *actor = actor_new (&scheduler, &service, bus, NULL);
    CHECK (actor);
    bus_client_t *client = bus_client_new (bus);
    const project_add_t slow = {.name = "slow", .url = "x"}, learn = {.name = "learn", .url = "x"};
    asker_t askers[MANY + 1], teacher = {client, clock, MSG_project_add, &learn, 0};
    for (int i = 0; i <= MANY; i++) {
        askers[i] = i < MANY ? (asker_t){client, clock, MSG_project_add, &slow, 0}
                             : (asker_t){client, clock, MSG_project_list, &(project_list_t){0}, 0};
        CHECK_INT (pthread_create (&askers[i].thread, NULL, ask_once, &askers[i]), 0);
        until_at_least (&service.came, i + 1);
    }
    for (int i = 0; i < MANY; i++)
        ask_once (&teacher);
    int commits = service.store.commits;
    ask_once (&(asker_t){client, clock, MSG_project_sync, &(project_sync_t){.project = "x"}, 0});
    for (int i = 0; i <= MANY; i++)
        pthread_join (askers[i].thread, NULL);
    CHECK_INT (service.slow, MANY);
    CHECK (service.before >= 0 && service.before <= MANY / 4);
    CHECK (service.store.commits - commits >= 4);
    bus_client_destroy (&client);
    actor_destroy (&actor);
    bus_destroy (&bus);
    clock_destroy (&clock);
}
