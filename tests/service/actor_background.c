/* Long work in the background: in order, bounded, and its end is heard by the actor. */

#include "common/actor/background.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/unit/test.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#define MANY (BACKGROUND_TASKS + 1)

typedef struct {
    background_t *tasks;
    atomic_bool hold; // The first work is to stay
    atomic_int begun, finished;
    char order[MANY]; // Names of what was begun; one thread works
    wall_clock_t *clock;
    atomic_bool asked;   // For the result
    atomic_int looked;   // It came, and another task was begun
    int room;            // So many tasks could be begun at the end of another
    fault_t found_again; // Of the look after that
    fault_t late;        // Of what a handler sent although its actor had not heard the end of the others
} service_t;

typedef struct {
    service_t *service;
    char name;
} work_t;

static void work (void *data)
{
    const work_t *self = data;
    self->service->order[self->service->begun] = self->name;
    self->service->begun++;
    int64_t deadline_us = test_until_us ();
    while (self->service->hold && clock_monotonic_us () < deadline_us)
        sched_yield ();
}

static fault_t finished (void *context, turn_t *turn, void *data)
{
    (void) turn, (void) data;
    ((service_t *) context)->finished++;
    return OK;
}

static fault_t send (service_t *self, turn_t *turn, char name)
{
    arena_t *arena = arena_new ();
    work_t *data = arena_alloc (arena, sizeof *data);
    *data = (work_t){self, name};
    return background_send (self->tasks, turn, work, finished, &arena, data);
}

static void jump (void *data)
{
    clock_turn (((const work_t *) data)->service->clock, SECONDS (3600));
}

// At the end of a task that took that long: its data is in use, and so is its slot.
static fault_t fill (void *context, turn_t *turn, void *data)
{
    service_t *self = context;
    (void) data;
    while (self->room < BACKGROUND_TASKS && send (self, turn, 'c') == OK)
        self->room++;
    turn->detail = NULL;
    self->looked++;
    return OK;
}

static fault_t handle_show (void *context, turn_t *turn, const void *message, void *into)
{
    const project_show_t *ask = message;
    *(project_t *) into = (project_t){.id = "p", .name = "p", .url = "u"};
    if (ask->project[0] != 'j')
        return send (context, turn, ask->project[0]);
    arena_t *arena = arena_new ();
    work_t *data = arena_alloc (arena, sizeof *data);
    *data = (work_t){context, 'j'};
    return background_send (((service_t *) context)->tasks, turn, jump, fill, &arena, data);
}

// Fills all slots, and comes back long after the work is done: the actor could not hear of it meanwhile.
static fault_t handle_list (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    (void) message, (void) into;
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        TRY (send (self, turn, 'a'));
    int64_t deadline_us = test_until_us ();
    while (self->begun < BACKGROUND_TASKS && clock_monotonic_us () < deadline_us)
        sched_yield ();
    clock_turn (self->clock, SECONDS (3600));
    self->late = OVERLOADED;
    deadline_us = clock_monotonic_us () + MILLISECONDS (20);
    while (self->late == OVERLOADED && clock_monotonic_us () < deadline_us)
        self->late = send (self, turn, 'b');
    turn->detail = NULL;
    return OK;
}

// Takes the result of what it began, long after its deadline, and begins something else, as the next turn of a batch may.
static fault_t handle_remove (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    void *found;
    (void) message, (void) into;
    fault_t fault = background_find (self->tasks, turn, "result", &found);
    if (fault == NOT_FOUND && !self->asked) {
        self->asked = true;
        arena_t *arena = arena_new ();
        work_t *data = arena_alloc (arena, sizeof *data);
        *data = (work_t){self, 'r'};
        return background_begin (self->tasks, turn, "result", jump, &arena, data);
    }
    TRY (fault);
    TRY (send (self, turn, 'b'));
    self->found_again = background_find (self->tasks, turn, "result", &found);
    self->looked++;
    return OK;
}

// Fails each time with a result that it has released: the next request begins anew, where else it would find the same.
static fault_t handle_sync (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    void *found;
    (void) message, (void) into;
    fault_t fault = background_find (self->tasks, turn, "released", &found);
    if (fault == NOT_FOUND) {
        arena_t *arena = arena_new ();
        work_t *data = arena_alloc (arena, sizeof *data);
        *data = (work_t){self, 's'};
        return background_begin (self->tasks, turn, "released", work, &arena, data);
    }
    TRY (fault);
    background_release (self->tasks, turn, "released");
    return turn_fail (turn, CONFLICT, "it was wrong");
}

static void stop (void *context)
{
    background_stop (((service_t *) context)->tasks);
}

static const handler_t handlers[] = {{MSG_project_show, handle_show},
                                     {MSG_project_list, handle_list},
                                     {MSG_project_remove, handle_remove},
                                     {MSG_project_sync, handle_sync}};
static const actor_class_t scheduler = {.name = "scheduler", .handlers = handlers, .count = 4, .stop = stop};

typedef struct {
    service_t service;
    bus_t *bus;
    actor_t *actor;
    bus_client_t *client;
} world_t;

static void setup_with (world_t *self, wall_clock_t *clock)
{
    *self = (world_t){.bus = bus_new (&proto_codec, clock)};
    self->service.clock = clock;
    self->service.tasks = background_new (1);
    self->service.hold = true;
    self->actor = actor_new (&scheduler, &self->service, self->bus, NULL);
    self->client = bus_client_new (self->bus);
}

static void setup (world_t *self)
{
    setup_with (self, clock_system ());
}

static void teardown (world_t *self)
{
    self->service.hold = false;
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    background_destroy (&self->service.tasks);
    bus_destroy (&self->bus);
}

static fault_t begin (world_t *self, char name)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    project_t answer;
    turn_init (&turn, arena, "task", 0);
    fault_t fault = bus_client_call (self->client, &turn, MSG_project_show,
                                     &(project_show_t){.project = (char[]){name, 0}}, &answer);
    arena_destroy (&arena);
    return fault;
}

static void until (atomic_int *number, int wanted)
{
    int64_t deadline_us = test_until_us ();
    while (*number < wanted && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK_INT (*number, wanted);
}

TEST (background_work_is_done_in_the_order_in_which_it_came)
{
    world_t world;
    setup (&world);
    for (char name = 'a'; name <= 'f'; name++)
        CHECK_INT (begin (&world, name), OK);
    until (&world.service.begun, 1); // The others wait for the only thread
    world.service.hold = false;
    until (&world.service.finished, 6);
    CHECK_STR (world.service.order, "abcdef");
    teardown (&world);
}

TEST (a_result_that_was_released_takes_no_room_though_its_turn_failed)
{
    done_t done;
    turn_t turn;
    world_t world;
    arena_t *arena = arena_new ();
    setup (&world);
    world.service.hold = false;
    for (int i = 1; i < MANY; i++) { // Else all but the first would find what the first had
        turn_init (&turn, arena, "task", 0);
        CHECK_INT (
            bus_client_call (world.client, &turn, MSG_project_sync, &(project_sync_t){.project = "p"}, &done),
            CONFLICT);
        CHECK_INT (world.service.begun, i);
    }
    arena_destroy (&arena);
    teardown (&world);
}

TEST (past_its_slots_background_work_is_refused_and_taken_again_when_some_is_done)
{
    world_t world;
    setup (&world);
    for (int i = 0; i < BACKGROUND_TASKS; i++)
        CHECK_INT (begin (&world, 'a'), OK);
    CHECK_INT (begin (&world, 'b'), OVERLOADED);
    world.service.hold = false;
    until (&world.service.finished, BACKGROUND_TASKS);
    int64_t deadline_us = test_until_us ();
    fault_t fault = OVERLOADED;
    while (fault == OVERLOADED && clock_monotonic_us () < deadline_us) // Until the slots are given back
        fault = begin (&world, 'c');
    CHECK_INT (fault, OK);
    until (&world.service.finished, BACKGROUND_TASKS + 1);
    teardown (&world);
}

TEST (what_was_sent_keeps_its_slot_until_its_end_was_heard_however_late_that_is)
{
    world_t world;
    turn_t turn;
    project_page_t answer;
    arena_t *arena = arena_new ();
    wall_clock_t *clock = clock_by_hand (SECONDS (1900000000));
    setup_with (&world, clock);
    world.service.hold = false;
    turn_init (&turn, arena, "flood", 0);
    CHECK_INT (
        bus_client_call (world.client, &turn, MSG_project_list, &(project_list_t){.cursor = ""}, &answer),
        OK);
    CHECK_INT (world.service.late, OVERLOADED);
    until (&world.service.finished, BACKGROUND_TASKS);
    teardown (&world);
    clock_destroy (&clock);
    arena_destroy (&arena);
}

// Its answer points into it, and is sent at the end of the batch.
TEST (a_result_that_was_handed_out_is_kept_however_late_its_turn_came)
{
    world_t world;
    turn_t turn;
    done_t answer;
    arena_t *arena = arena_new ();
    wall_clock_t *clock = clock_by_hand (SECONDS (1900000000));
    setup_with (&world, clock);
    world.service.hold = false;
    turn_init (&turn, arena, "late", 0);
    // The clock jumps before the actor hears of the result: where it looks in between, the turn is over first
    for (int64_t deadline_us = test_until_us ();
         atomic_load (&world.service.looked) == 0 && clock_monotonic_us () < deadline_us;) {
        world.service.asked = false;
        turn_init (&turn, arena, "late", 0);
        (void) !bus_client_call (world.client, &turn, MSG_project_remove, &(project_remove_t){.project = "p"},
                                 &answer);
    }
    CHECK (atomic_load (&world.service.looked) >= 1);
    CHECK_INT (world.service.found_again, OK);
    teardown (&world);
    clock_destroy (&clock);
    arena_destroy (&arena);
}

TEST (a_task_keeps_its_slot_while_its_end_is_heard_however_late_that_is)
{
    world_t world;
    wall_clock_t *clock = clock_by_hand (SECONDS (1900000000));
    setup_with (&world, clock);
    world.service.hold = false;
    (void) !begin (&world, 'j');
    until (&world.service.looked, 1);
    CHECK_INT (world.service.room, BACKGROUND_TASKS - 1);
    teardown (&world);
    clock_destroy (&clock);
}
