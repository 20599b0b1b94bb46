/* Two schedulers on one database: their clocks differ, one ends, both serve the same agent. */

#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static run_t running_job (world_t *world, fake_agent_t *ada)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    run_t run = trigger (world);
    *ada = agent (world, "ada", "linux");
    CHECK (take (world, ada));
    begins (world, ada);
    return run;
}

TEST_ON_ENGINES (a_replica_whose_clock_is_wrong_ends_no_lease)
{
    fake_agent_t ada;
    run_t run = running_job (world, &ada);
    const int64_t ahead[] = {120, -120, 3600};
    for (size_t i = 0; i < 3; i++) {
        world_t *other = world_second (world, ahead[i]);
        world_turn (other, 10); // It ticks, and time goes on for it alone
        CHECK_JOB (other, run.id, "a", "running");
        begins (other, &ada); // Renewed there it is as long as renewed here
        world_end_second (other);
        CHECK_JOB (world, run.id, "a", "running");
    }
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (a_lease_that_a_replica_gave_is_ended_by_another)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    agent (world, "bob", "arm"); // This one looks after somebody too
    world_t *other = world_second (world, -120);
    world_file (other, "ci.yml", ONE);
    fake_agent_t ada = agent (other, "ada", "linux");
    run_t run = trigger (other);
    CHECK (take (other, &ada));
    begins (other, &ada);
    world_end_second (other); // Its ticks go with it
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 29);
    CHECK_JOB (world, run.id, "a", "running");
    world_turn (world, 2);
    wait_for_job (world, run.id, "a", "queued");
}

// Which this one, that gave the attempt to its agent, has not heard of.
TEST_ON_ENGINES (a_final_status_is_refused_where_another_replica_has_ended_the_attempt)
{
    fake_agent_t ada;
    run_t run = running_job (world, &ada);
    world_t *other = world_second (world, 0);
    ends (other, &ada, result_failure);
    world_end_second (other);
    CHECK_INT (say (world, &ada, job_finished, result_success, NULL), CONFLICT);
    CHECK_JOB (world, run.id, "a", "finished failure");
}

TEST_ON_ENGINES (a_replica_that_starts_gives_no_grace_where_another_has_served)
{
    fake_agent_t ada;
    run_t run = running_job (world, &ada);
    world_turn (world, 28);
    world_t *other = world_second (world, 0);
    CHECK_JOB (other, run.id, "a", "running");
    world_turn (world, 3);
    wait_for_job (world, run.id, "a", "queued");
    world_end_second (other);
}

typedef struct {
    world_t *world;
    const char *agent;
    char job[64];
} asking_t;

static void *ask (void *data)
{
    asking_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    job_offer_t offer = {.job = ""};
    turn_init (&turn, arena, "parked", clock_now_us (self->world->clock));
    turn.caller = (caller_t){.role = ROLE_AGENT, .subject = self->agent};
    turn.deadline_us = turn.now_us + SECONDS (60);
    fault_t fault = bus_client_call (self->world->client, &turn, MSG_agent_next,
                                     &(agent_next_t){.agent = self->agent, .wait = 30}, &offer);
    strncpy (self->job, !fault && offer.job ? offer.job : "", sizeof self->job - 1);
    arena_destroy (&arena);
    return NULL;
}

// The bus asks another replica when the first is silent: both have the same request.
TEST_ON_ENGINES (an_agent_that_asks_two_replicas_has_one_job)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    world_t *other = world_second (world, 5);
    fake_agent_t ada = agent (world, "ada", "linux");
    asking_t here = {.world = world, .agent = ada.id}, there = {.world = other, .agent = ada.id};
    pthread_t threads[2];
    CHECK (pthread_create (&threads[0], NULL, ask, &here) == 0);
    CHECK (pthread_create (&threads[1], NULL, ask, &there) == 0);
    run_t first = trigger (world);
    clock_turn (world->clock, 1000);
    run_t second = trigger (world);
    CHECK_STR (job_text (world, first.id, "a"), "assigned");
    CHECK_STR (job_text (world, second.id, "a"), "queued");
    fake_agent_t again = ada;
    CHECK (take (world, &ada) && take (other, &again));
    CHECK_STR (again.offer.job, ada.offer.job);
    CHECK_INT (again.offer.attempt, 1);
    ends (other, &ada, result_success);
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.run, second.id);
    CHECK_INT (ada.offer.attempt, 1);
    world_turn (world, 40);
    world_turn (other, 40);
    pthread_join (threads[0], NULL);
    pthread_join (threads[1], NULL);
    world_end_second (other);
}
