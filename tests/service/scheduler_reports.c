/* Reports of attempts: what is refused with a status, and whose log is sealed when it ends, is lost or is cancelled. */

#include "tests/service/scheduler/world.h"

#include <pthread.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static run_t one_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

TEST_ON_ENGINES (the_log_of_an_attempt_that_is_lost_after_one_that_was_given_back_is_sealed)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    fake_agent_t *first = take (world, &ada) ? &ada : &bob, *second = first == &ada ? &bob : &ada;
    CHECK (*first->offer.job || take (world, first));
    begins (world, first);
    job_orders_t orders;
    MUST (world, agent_heartbeat, &orders, .agent = first->id, .job = first->offer.job, .attempt = 1,
          .draining = true);
    CHECK_INT (gives_back (world, first), OK);
    CHECK_INT (world_seals (world), 0);
    CHECK (take (world, second));
    CHECK_INT (second->offer.attempt, 2);
    begins (world, second);
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    wait_for_count (world, world_seals, 1); // The checksum that the first gave is not of this one
}

TEST_ON_ENGINES (the_log_of_a_job_that_is_cancelled_as_its_agent_asks_for_it_is_sealed)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada)); // It has the offer, and has not said a word
    MUST (world, run_cancel, &run, .run = run.id);
    CHECK_JOB (world, run.id, "a", "cancelling");
    order_t order;
    CHECK_INT (say (world, &ada, job_running, result_none, &order), OK);
    CHECK_INT (order, order_cancel);
    ends (world, &ada, result_cancelled);
    CHECK_JOB (world, run.id, "a", "finished cancelled");
    CHECK_INT (world_seals (world), 0);       // It was sealed with its checksum
    CHECK_INT (world_seals_named (world), 1); // And as a log of its project
    run = trigger (world);
    CHECK (take (world, &ada));
    MUST (world, run_cancel, &run, .run = run.id);
    CHECK_STR (takes (world, &ada), ""); // The answer was lost: it asks again, so it has not got the job
    wait_for_job (world, run.id, "a", "finished cancelled");
    wait_for_count (world, world_seals, 1);
    CHECK_INT (world_seals_named (world), 2);
}

static fault_t says_finished (world_t *world, const fake_agent_t *agent, int64_t log_size)
{
    job_orders_t orders = {0};
    world->caller =
        (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
    fault_t fault =
        ASK (world, job_status, &orders, .job = agent->offer.job, .attempt = agent->offer.attempt,
             .state = job_finished, .result = result_success, .log_sha256 = A_SUM, .log_size = log_size);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return fault;
}

TEST_ON_ENGINES (an_attempt_whose_job_is_back_in_the_queue_is_refused)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    CHECK_INT (say (world, &ada, job_running, result_none, NULL), CONFLICT);
    CHECK (strstr (world->turn.detail, "the job waits for another"));
    CHECK_INT (says_finished (world, &ada, 0), CONFLICT);
    CHECK_JOB (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (what_goes_with_a_final_status_is_refused_before_it)
{
    job_orders_t orders;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world->caller = (caller_t){.role = ROLE_JOB, .subject = ada.offer.job, .attempt = 1};
#define RUNNING(...) \
    ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_running, __VA_ARGS__)
    CHECK_INT (RUNNING (.given_back = true), INVALID);
    CHECK_INT (RUNNING (.log = {(log_trailer_t[]){{.step = 1, .text = "x"}}, 1}), INVALID);
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_queued),
               INVALID);
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = 1, .state = job_finished,
                    .result = result_skipped, .log_sha256 = A_SUM),
               INVALID);
    CHECK_INT (RUNNING (.reason = ""), OK);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK_JOB (world, run.id, "a", "running");
}

TEST_ON_ENGINES (a_log_that_is_larger_than_any_is_refused_with_the_final_status)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    CHECK_INT (says_finished (world, &ada, -1), INVALID);
    CHECK_INT (says_finished (world, &ada, (INT64_C (8) << 30) + 1), INVALID);
    CHECK_JOB (world, run.id, "a", "running");
    CHECK_INT (says_finished (world, &ada, INT64_C (8) << 30), OK);
    CHECK_STR (run_text (world, run.id), "finished success");
}

typedef struct {
    world_t *world;
    bus_client_t *client;
    const fake_agent_t *agent;
    fault_t fault;
} finishing_t;

static void *finish_in_thread (void *data)
{
    finishing_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    job_orders_t orders;
    const job_status_t ask = {.job = self->agent->offer.job,
                              .attempt = self->agent->offer.attempt,
                              .state = job_finished,
                              .result = result_success,
                              .log_sha256 = A_SUM};
    turn_init (&turn, arena, "finishing", clock_now_us (self->world->clock));
    turn.caller = (caller_t){
        .role = ROLE_JOB, .subject = self->agent->offer.job, .attempt = self->agent->offer.attempt};
    turn.deadline_us = turn.now_us + SECONDS (3600);
    self->fault = bus_client_call (self->client, &turn, MSG_job_status, &ask, &orders);
    arena_destroy (&arena);
    return NULL;
}

TEST_ON_ENGINES (an_attempt_that_ends_while_its_log_is_sealed_does_not_finish_the_job)
{
    pthread_t thread;
    done_t done;
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    finishing_t finishing = {.world = world, .client = world->client, .agent = &ada};
    world_hold_seals (world, true);
    CHECK (pthread_create (&thread, NULL, finish_in_thread, &finishing) == 0);
    wait_for_count (world, world_seals_waiting, 1);
    MUST (world, agent_remove, &done, .agent = "ada");
    wait_for_job (world, run.id, "a", "queued");
    world_hold_seals (world, false);
    pthread_join (thread, NULL);
    CHECK_INT (finishing.fault, CONFLICT);
    CHECK_JOB (world, run.id, "a", "queued");
}

TEST_ON_ENGINES (a_seal_that_the_collector_refuses_for_good_is_not_repeated)
{
    run_t run = one_job (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    begins (world, &ada);
    world_log_fault (world, CONFLICT);
    world_turn (world, 31);
    wait_for_job (world, run.id, "a", "queued");
    for (int i = 0; i < 100 && world_number (world, "select count (*) from seals") > 0; i++)
        world_turn (world, 1);
    CHECK_INT (world_number (world, "select count (*) from seals"), 0);
    CHECK_INT (world_seals (world), 0);
}

TEST_ON_ENGINES (an_agent_seals_no_log_of_another_agents_job)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    fake_agent_t bob = agent (world, "bob", "linux");
    const caller_t before = world->caller;
    job_orders_t orders;
    int named = world_seals_named (world);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = bob.id};
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = ada.offer.attempt,
                    .state = job_finished, .result = result_success, .log_sha256 = A_SUM),
               FORBIDDEN);
    CHECK_INT (world_seals_named (world), named);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
    CHECK_INT (ASK (world, job_status, &orders, .job = ada.offer.job, .attempt = ada.offer.attempt,
                    .state = job_finished, .result = result_success, .log_sha256 = A_SUM),
               OK);
    CHECK_INT (world_seals_named (world), named + 1);
    world->caller = before;
    CHECK_JOB (world, run.id, "a", "finished success");
}
