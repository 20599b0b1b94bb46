/* Jobs are pushed to agents that listen; what becomes of a push that fails; parked agents are woken. */

#include "tests/service/scheduler/http_agent.h"
#include "tests/service/scheduler/world.h"

#include "common/base/id.h"
#include "common/base/sha256.h"
#include "common/http/signature.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
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

// The clock stands still: the time that an acceptance may be kept has to be given. No faster than it passes, or else a push that is on its
// way would be too late.
static void wait_until_running (world_t *world, const char *run)
{
    int64_t until = test_until_us ();
    while (strcmp (job_text (world, run, "a"), "running") != 0 && clock_monotonic_us () < until) {
        clock_turn (world->clock, MILLISECONDS (10));
        poll (NULL, 0, 10);
    }
    CHECK_JOB (world, run, "a", "running");
}

static const char *header_of (world_t *world, const char *request, const char *name)
{
    const char *at = strstr (request, arena_printf (world->arena, "\r\n%s: ", name));
    CHECK (at);
    at += strlen (name) + 4;
    return arena_strndup (world->arena, at, strcspn (at, "\r"));
}

// As an agent checks it (docs/agent-protocol.md).
static void check_signed (world_t *world, const pushed_t *pushed, const char *method)
{
    const char *text = arena_strdup (world->arena, http_agent_last (pushed->http)),
               *path = strchr (text, ' ') + 1, *body = strstr (text, "\r\n\r\n") + 4;
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, body, strlen (body));
    const signed_request_t request = {.key = push_key_of (world->arena, pushed->token),
                                      .method = method,
                                      .target = arena_strndup (world->arena, path, strcspn (path, " ")),
                                      .agent = pushed->agent.id,
                                      .time = header_of (world, text, TIME_HEADER),
                                      .body = sha256_hex (&sha, world->arena)};
    CHECK (signature_is (&request, header_of (world, text, SIGNATURE_HEADER)));
    CHECK_STR (header_of (world, text, AGENT_HEADER), pushed->agent.id);
    CHECK_STR (header_of (world, text, BODY_SUM_HEADER), request.body);
    CHECK (!strstr (text, request.key) && !strstr (text, "Authorization"));
}

static int64_t dated (world_t *world, const pushed_t *pushed)
{
    return strtoll (header_of (world, http_agent_last (pushed->http), TIME_HEADER), NULL, 10);
}

TEST_ON_ENGINES (what_is_sent_to_an_agent_is_signed_and_reveals_no_key)
{
    pushed_t ada = listening (world);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs HTTP/1.1\r\n");
    check_signed (world, &ada, "POST");
    http_agent_wait (ada.http, 1,
                     arena_printf (world->arena, "{\"job\":\"%s\",\"attempt\":1,", run.jobs.items[0].id));
    wait_until_running (world, run.id);
    MUST (world, run_cancel, &run, .run = run.id);
    http_agent_wait (
        ada.http, 2,
        arena_printf (world->arena, "DELETE /jobs/%s?attempt=1 HTTP/1.1\r\n", run.jobs.items[0].id));
    check_signed (world, &ada, "DELETE");
    MUST (world, run_cancel, &run, .run = run.id, .hard = true);
    http_agent_wait (ada.http, 3, "?attempt=1&hard=1 HTTP/1.1\r\n");
    http_agent_destroy (&ada.http);
}

// Here that clock is turned by hand, and far from this machine's; a try that comes later is dated later.
TEST_ON_ENGINES (what_is_sent_to_an_agent_is_dated_by_the_servers_time_that_it_knows)
{
    pushed_t ada = listening (world);
    job_orders_t orders;
    http_agent_answer (ada.http, 409, 2);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 3, "POST /jobs");
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.agent.id, .job = run.jobs.items[0].id, .attempt = 1);
    int64_t later = dated (world, &ada) - orders.server_time;
    CHECK (later > 0 && later < SECONDS (5));
    wait_until_running (world, run.id);
    MUST (world, agent_heartbeat, &orders, .agent = ada.agent.id, .job = run.jobs.items[0].id, .attempt = 1);
    world->caller = (caller_t){.role = ROLE_ADMIN};
    MUST (world, run_cancel, &run, .run = run.id);
    http_agent_wait (ada.http, 4, "DELETE /jobs/");
    later = dated (world, &ada) - orders.server_time;
    CHECK (later >= 0 && later < SECONDS (5));
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_acceptance_does_not_wait_for_a_wall_clock_that_was_set_back)
{
    pushed_t ada = listening (world);
    world->leases = clock_by_hand (WORLD_BEGINS);
    world_restart (world);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs");
    int64_t until = test_until_us ();
    while (strcmp (job_text (world, run.id, "a"), "running") != 0 && clock_monotonic_us () < until) {
        clock_step (world->clock, -SECONDS (3600));
        clock_turn (world->leases, MILLISECONDS (10));
        clock_turn (world->clock, MILLISECONDS (10));
        poll (NULL, 0, 10);
    }
    CHECK_JOB (world, run.id, "a", "running");
    wall_clock_t *leases = world->leases;
    world->leases = world->clock;
    world_restart (world);
    clock_destroy (&leases);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_repeated_cancel_sends_one_order)
{
    pushed_t ada = listening (world);
    run_t run = trigger (world);
    job_t job;
    http_agent_wait (ada.http, 1, "POST /jobs HTTP/1.1\r\n");
    wait_until_running (world, run.id);
    for (int i = 0; i < 2; i++)
        MUST (world, job_cancel, &job, .job = run.jobs.items[0].id);
    http_agent_wait (ada.http, 2,
                     "?attempt=1 HTTP/1.1\r\n"); // Two that are on their way at once may overtake each other
    MUST (world, job_cancel, &job, .job = run.jobs.items[0].id, .hard = true);
    http_agent_wait (ada.http, 3,
                     "?attempt=1&hard=1 HTTP/1.1\r\n"); // The second soft one is not between them
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_agent_that_is_just_ending_a_job_or_has_not_heard_that_it_is_known_is_asked_again)
{
    pushed_t ada = listening (world);
    static const int statuses[] = {409, 401}; // The second has not got the answer to its registration yet
    for (int i = 0; i < 2; i++) {
        http_agent_answer (ada.http, statuses[i], 3);
        run_t run = trigger (world);
        http_agent_wait (ada.http, 4 * (size_t) i + 4, "POST /jobs");
        wait_until_running (world, run.id);
        ada.agent.offer.job = run.jobs.items[0].id;
        ada.agent.offer.attempt = 1;
        ends (world, &ada.agent, result_success);
    }
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
    http_agent_wait (ada.http, before + 1, "\"attempt\":2,"); // What fences is not given twice
    wait_until_running (world, run.id);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_agent_that_cannot_be_reached_is_offline_until_its_next_heartbeat)
{
    pushed_t ada = listening (world);
    http_agent_destroy (&ada.http);
    run_t run = trigger (world);
    wait_for_job (world, run.id, "a", "queued");
    wait_for_agent (world, "offline");
    ada.http = http_agent_new ();
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.agent.id, .url = http_agent_url (ada.http));
    http_agent_wait (ada.http, 1, "\"attempt\":2,");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_refusal_that_comes_after_the_job_began_takes_it_from_nobody)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 400, 1);
    http_agent_hold (ada.http, true);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs");
    ada.agent.offer.job = run.jobs.items[0].id;
    ada.agent.offer.attempt = 1;
    begins (world, &ada.agent);
    CHECK_JOB (world, run.id, "a", "running");
    http_agent_hold (ada.http, false);
    for (int64_t until = clock_monotonic_us () + MILLISECONDS (100); clock_monotonic_us () < until;)
        CHECK_JOB (world, run.id, "a", "running");
    CHECK_STR (agent_state (world), "busy");
    CHECK_INT (http_agent_requests (ada.http), 1);
    ends (world, &ada.agent, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_job_that_every_agent_refuses_fails_with_their_reasons)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 400, 1000);
    run_t run = trigger (world);
    for (int i = 0; i < 3; i++) {
        wait_for_agent (world, "offline");
        beats (world, &ada.agent);
        world_turn (world, 10); // It rests
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

// What it does once only must not be taken for done.
TEST_ON_ENGINES (a_first_tick_that_is_undone_is_a_first_tick_again)
{
    pushed_t ada = listening (world);
    http_agent_answer (ada.http, 0, 1);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "POST /jobs");
    world_sql (world, "alter table seals rename to seals_away");
    world_restart (world);
    world_sql (world, "alter table seals_away rename to seals");
    CHECK_INT (http_agent_requests (ada.http), 1);
    world_turn (world, 1);
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
    int64_t until = test_until_us ();
    while (world_number (world, "select count (*) from agents where parked_until > 1900000020000000") == 0)
        CHECK (clock_monotonic_us () < until); // It waits, for half a minute from now
    for (int i = 0; i < 31; i++)
        world_turn (world, 1);
    pthread_join (thread, NULL);
    CHECK_INT (parked.fault, OK);
    CHECK_STR (parked.job, "");
}

// Two are claimed together, the second fails, and each is claimed again by itself.
TEST_ON_ENGINES (the_offer_of_a_claim_that_was_undone_is_not_sent)
{
    static const char waiting[] = "select count (*) from waiting";
    pushed_t ada = listening (world);
    agent (world, "bob", "linux");
    world_sql (world, "update agents set draining = 1");
    run_t good = trigger (world);
    trigger (world);
    world_sql (world, "delete from run_texts where run_id = (select max (id) from runs)");
    world_sql (world, "update agents set draining = 0");
    world_restart (world); // What waits is matched
    for (int i = 0; i < WAIT_MS / 5 && world_number (world, waiting) > 0; i++)
        poll (NULL, 0, 5);
    CHECK_INT (world_number (world, waiting), 0);
    http_agent_wait (ada.http, 1, good.jobs.items[0].id);
    wait_until_running (world, good.id);
    MUST (world, run_cancel, &good, .run = good.id);
    http_agent_wait (ada.http, 2, "DELETE /jobs/"); // And nothing in between
    http_agent_destroy (&ada.http);
}
