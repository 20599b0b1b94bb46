/* Two that do the same at the same time, and words of agents about a job that is not theirs any more: the second one finds what the first
 * did, and nobody gets a job beside the one that it has. */

#include "tests/service/scheduler/hold.h"
#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static const char *state_of_agent (world_t *world, const char *name)
{
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = name);
    return state_name (&states_agent, shown.state);
}

static run_t one_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

// ---- an agent and its job ----

TEST_ON_ENGINES (an_agent_that_still_runs_a_job_that_it_lost_is_not_idle)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    CHECK_STR (state_of_agent (world, "ada"), "offline");
    CHECK_INT (beats (world, &ada), order_kill);
    CHECK_STR (state_of_agent (world, "ada"), "offline");
    CHECK_JOB (world, run.id, "a", "queued");
    ada.offer = (job_offer_t){.job = ""}; // It has killed it
    beats (world, &ada);
    CHECK_STR (state_of_agent (world, "ada"), "idle");
}

TEST_ON_ENGINES (an_agent_that_registers_again_while_it_has_a_job_stays_busy)
{
    agent_registered_t again;
    const char *label = "linux";
    run_t first = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    run_t second = trigger (world);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    MUST (world, agent_register, &again, .name = "ada", .labels = {&label, 1});
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK_STR (state_of_agent (world, "ada"), "busy");
    CHECK_JOB (world, second.id, "a", "queued");
    ends (world, &ada, result_success);
    CHECK_JOB (world, first.id, "a", "finished success");
}

// ---- two at the same time ----

typedef struct {
    world_t *world;
    uint16_t number;
    const void *ask;
    bus_client_t *client;
    fault_t fault;
} request_t;

static void *ask_in_thread (void *data)
{
    request_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    union {
        agent_registered_t agent;
        project_t project;
    } answer;
    turn_init (&turn, arena, "the first", clock_now_us (self->world->clock));
    turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "eve"};
    turn.deadline_us = turn.now_us + SECONDS (3600);
    self->fault = bus_client_call (self->client, &turn, self->number, self->ask, &answer);
    arena_destroy (&arena);
    return NULL;
}

// Of two with the same wish the first is held up in another service: the second overtakes it.
static fault_t overtaken (world_t *world, uint16_t number, const void *ask, void *answer)
{
    pthread_t thread;
    request_t first = {.world = world, .number = number, .ask = ask, .client = world->client};
    world_hold_next (world);
    CHECK (pthread_create (&thread, NULL, ask_in_thread, &first) == 0);
    wait_for_count (world, world_holds, 1);
    CHECK_INT (world_ask (world, number, ask, answer), OK);
    world_let_go (world);
    pthread_join (thread, NULL);
    return first.fault;
}

TEST_ON_ENGINES (an_agents_name_that_was_taken_meanwhile_is_refused)
{
    agent_registered_t answer;
    const char *label = "linux";
    const agent_register_t ask = {.name = "ada", .labels = {&label, 1}};
    CHECK_INT (overtaken (world, MSG_agent_register, &ask, &answer), CONFLICT);
    CHECK_INT (world_number (world, "select count (*) from agents"), 1);
}

TEST_ON_ENGINES (a_projects_name_that_was_taken_meanwhile_is_refused)
{
    project_t answer;
    const project_add_t ask = {.name = "demo", .url = "/srv/demo"};
    CHECK_INT (overtaken (world, MSG_project_add, &ask, &answer), CONFLICT);
    CHECK_INT (world_number (world, "select count (*) from projects where name = 'demo'"), 1);
}

// ---- what is undone ----

// The processor's time that this process used while nothing was to be done, in milliseconds.
static int64_t busy_ms (int for_ms)
{
    struct timespec from, to;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &from);
    poll (NULL, 0, for_ms);
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &to);
    return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
}

// Its job cannot be queued again, because a row is there already: found after the agent was freed.
TEST_ON_ENGINES (a_lease_that_cannot_end_leaves_no_trace_and_is_looked_at_once_a_second)
{
    events_t events;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_sql (world,
               "insert into waiting (labels, priority, project_id, queued_at, position, job_id)"
               " select labels, priority, project_id, queued_at, position * 1000 + cell, id from jobs");
    MUST (world, events_read, &events, .after = -1);
    int64_t before = events.cursor;
    world_turn (world, 31);
    CHECK (busy_ms (300) < 40);
    MUST (world, events_read, &events, .after = before);
    CHECK_INT (events.items.count, 0);
    CHECK_INT (world_number (world, "select sum (running) from projects"), 1);
    CHECK_INT (world_number (world, "select count (*) from leases"), 1);
    world_sql (world, "delete from waiting");
    world_turn (world, 2);
    wait_for_job (world, run.id, "a", "queued");
    CHECK_INT (world_number (world, "select sum (running) from projects"), 0);
    MUST (world, events_read, &events, .after = before);
    CHECK_INT (events.items.count, 2); // Of the agent and of the job
}
