/* Jobs are pushed to agents that listen; what becomes of a push that fails; parked agents are woken. */

#include "tests/service/scheduler/http_agent.h"
#include "tests/service/scheduler/world.h"

#include "common/id.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

typedef struct {
    fake_agent_t agent;
    http_agent_t *http;
    const char *token;
} pushed_t;

static pushed_t listening (world_t *world)
{
    pushed_t self = {.http = http_agent_new ()};
    agent_registered_t answer;
    world_file (world, "ci.yml", ONE);
    project (world);
    MUST (world, agent_register, &answer, .name = "ada", .labels = {(const char *[]){"linux"}, 1},
          .url = http_agent_url (self.http));
    self.agent = (fake_agent_t){.id = answer.id, .name = "ada", .offer.job = ""};
    self.token = answer.token;
    return self;
}

static const char *agent_state (world_t *world)
{
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = "ada");
    return state_name (&states_agent, shown.state);
}

static void wait_for_agent (world_t *world, const char *state)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (agent_state (world), state) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (agent_state (world), state);
}

// The clock stands still: the time that an acceptance may be kept has to be given.
static void wait_until_running (world_t *world, const char *run)
{
    for (int i = 0; i < 200 && strcmp (job_text (world, run, "a"), "running") != 0; i++) {
        clock_turn (world->clock, MILLISECONDS (60));
        poll (NULL, 0, 10);
    }
    CHECK_JOB (world, run, "a", "running");
}

TEST_ON_ENGINES (a_job_is_pushed_with_the_push_key_and_its_acceptance_is_noted)
{
    pushed_t ada = listening (world);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs HTTP/1.1\r\n");
    const char *key = secret_hash (world->arena, arena_printf (world->arena, "push:%s", ada.token));
    http_agent_wait (ada.http, 1, arena_printf (world->arena, "Authorization: Bearer %s\r\n", key));
    http_agent_wait (ada.http, 1,
                     arena_printf (world->arena, "{\"job\":\"%s\",\"attempt\":1,", run.jobs.items[0].id));
    wait_until_running (world, run.id);
    MUST (world, run_cancel, &run, .run = run.id);
    http_agent_wait (ada.http, 2,
                     arena_printf (world->arena, "DELETE /jobs/%s HTTP/1.1\r\n", run.jobs.items[0].id));
    MUST (world, run_cancel, &run, .run = run.id, .hard = true);
    http_agent_wait (ada.http, 3, "?hard=1 HTTP/1.1\r\n");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_agent_that_is_just_ending_a_job_is_asked_again)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 409, 3);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 4, "POST /jobs");
    wait_until_running (world, run.id);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_job_that_a_busy_agent_does_not_take_waits_on_as_the_same_try)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 409, 1000);
    run_t run = trigger (world);
    wait_for_job (world, run.id, "a", "queued");
    CHECK_STR (agent_state (world), "busy");
    http_agent_answer (ada.http, 202, 0);
    size_t before = http_agent_requests (ada.http);
    beats (world, &ada.agent);
    http_agent_wait (ada.http, before + 1, "\"attempt\":1,");
    wait_until_running (world, run.id);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_agent_that_cannot_be_reached_is_offline_until_it_beats)
{
    pushed_t ada = listening (world);
    http_agent_destroy (&ada.http);
    run_t run = trigger (world);
    wait_for_job (world, run.id, "a", "queued");
    wait_for_agent (world, "offline");
    ada.http = http_agent_new ();
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    MUST (world, agent_beat, &orders, .agent = ada.agent.id, .url = http_agent_url (ada.http));
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_job_that_every_agent_refuses_fails_with_what_they_said)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 400, 1000);
    run_t run = trigger (world);
    for (int i = 0; i < 3; i++) {
        wait_for_agent (world, "offline");
        beats (world, &ada.agent);
    }
    wait_for_job (world, run.id, "a", "finished failure");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason, "the agent refused it with HTTP status 400");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_offer_that_was_lost_with_the_server_is_pushed_again)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 0, 1); // It came, nobody knows
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs");
    world_restart (world);
    http_agent_wait (ada.http, 2, "\"attempt\":1,");
    wait_until_running (world, run.id);
    http_agent_destroy (&ada.http);
}

typedef struct {
    world_t *world;
    const char *agent;
    char job[64];
    fault_t fault;
} park_t;

static void *park (void *data)
{
    park_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    job_offer_t offer = {.job = ""};
    turn_init (&turn, arena, "parked", WORLD_BEGINS);
    turn.caller = (caller_t){.role = ROLE_AGENT, .subject = self->agent};
    turn.deadline_us = WORLD_BEGINS + SECONDS (60);
    self->fault = bus_client_call (self->world->client, &turn, MSG_agent_next,
                                   &(agent_next_t){.agent = self->agent, .wait = 30}, &offer);
    strncpy (self->job, offer.job ? offer.job : "", sizeof self->job - 1);
    arena_destroy (&arena);
    return NULL;
}

TEST_ON_ENGINES (a_parked_agent_is_woken_by_a_job_and_sent_away_when_none_comes)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    park_t parked = {.world = world, .agent = ada.id};
    pthread_t thread;
    CHECK (pthread_create (&thread, NULL, park, &parked) == 0);
    poll (NULL, 0, 20); // Whether it parks before or after the trigger, it gets the job
    run_t run = trigger (world);
    pthread_join (thread, NULL);
    CHECK_INT (parked.fault, OK);
    CHECK_STR (parked.job, run.jobs.items[0].id);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    CHECK (pthread_create (&thread, NULL, park, &parked) == 0);
    for (int i = 0; i < 31; i++) {
        poll (NULL, 0, 6);
        world_turn (world, 1);
    }
    pthread_join (thread, NULL);
    CHECK_INT (parked.fault, OK);
    CHECK_STR (parked.job, "");
}
