/* Offers that are pushed: what is concluded from each answer, and from none. The number of an attempt is never given twice. */

#include "tests/service/scheduler/http_agent.h"
#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

typedef struct {
    fake_agent_t agent;
    http_agent_t *http;
} pushed_t;

static pushed_t listening (world_t *world, const char *name)
{
    pushed_t self = {.http = http_agent_new ()};
    agent_registered_t answer;
    MUST (world, agent_register, &answer, .name = name, .labels = {(const char *[]){"linux"}, 1},
          .url = http_agent_url (self.http));
    self.agent = (fake_agent_t){.id = answer.id, .name = name, .offer.job = ""};
    return self;
}

static run_t one_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    return trigger (world);
}

static const char *state_of (world_t *world, const char *name)
{
    agent_t shown;
    MUST (world, agent_show, &shown, .agent = name);
    return state_name (&states_agent, shown.state);
}

static const job_t *only_job (world_t *world, const char *run)
{
    run_t shown = run_of (world, run);
    job_t *copy = arena_alloc (world->arena, sizeof *copy);
    *copy = shown.jobs.items[0];
    return copy;
}

// Time goes on until the job is so; within a minute, and never by itself.
static int64_t seconds_until (world_t *world, const char *run, const char *text)
{
    for (int64_t i = 0; i < 60; i++) {
        if (strcmp (job_text (world, run, "a"), text) == 0)
            return i;
        world_turn (world, 1);
    }
    CHECK_JOB (world, run, "a", text);
    return 60;
}

TEST_ON_ENGINES (an_agent_that_does_not_answer_is_not_given_up_while_it_may_begin)
{
    pushed_t ada = listening (world, "ada");
    http_agent_answer (ada.http, 0, 1000);
    run_t run = one_job (world);
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    http_agent_wait (ada.http, 1, "\"offered_at\":\"2030-");
    http_agent_wait (ada.http, 1, "\"valid_seconds\":9");
    pushed_t bob = listening (world, "bob");
    http_agent_destroy (&ada.http); // The connection ends without an answer: nobody knows
    world_turn (world, 9);
    CHECK_JOB (world, run.id, "a", "assigned");
    CHECK_INT (http_agent_requests (bob.http), 0);
    world_turn (world, 1);
    http_agent_wait (bob.http, 1, "\"attempt\":2,");
    CHECK_STR (state_of (world, "ada"), "offline");
    http_agent_destroy (&bob.http);
}

// A final status that asks for the next job, by whoever the world's caller is.
static fault_t ask_next (world_t *world, const char *job, job_state_t state, job_orders_t *orders)
{
    *orders = (job_orders_t){.order = order_go_on};
    return ASK (world, job_status, orders, .job = job, .attempt = 1, .state = state,
                .result = state == job_finished ? result_success : result_none, .log_sha256 = A_SUM,
                .next = true);
}

TEST_ON_ENGINES (the_next_job_comes_with_the_answer_to_an_agents_own_final_status)
{
    pushed_t ada = listening (world, "ada");
    job_orders_t orders;
    world_file (world, "ci.yml", ONE "  b:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "\"chained\":true");
    run_t shown = run_of (world, run.id);
    const char *first = job_of (&shown, "a")->id, *second = job_of (&shown, "b")->id;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    CHECK_INT (ask_next (world, first, job_finished, &orders), OK);
    CHECK_INT (orders.next.count, 1);
    CHECK_STR (orders.next.items[0].job, second);
    CHECK_INT (orders.next.items[0].attempt, 1);
    CHECK (*orders.next.items[0].token && *orders.next.items[0].definition);
    // The answer was lost: it is the same one again, and not another attempt
    CHECK_INT (ask_next (world, first, job_finished, &orders), OK);
    CHECK_INT (orders.next.count, 1);
    CHECK_STR (orders.next.items[0].job, second);
    CHECK_INT (orders.next.items[0].attempt, 1);
    CHECK_INT (ask_next (world, second, job_finished, &orders), OK);
    CHECK_INT (orders.next.count, 0);
    CHECK_STR (run_text (world, run.id), "finished success");
    CHECK_INT (http_agent_requests (ada.http), 1); // The first was pushed, and no other
    http_agent_destroy (&ada.http);
}

// No lease of this agent can be written from now on. PostgreSQL says so only when all that was sent is waited for.
static void refuse_leases (world_t *world, const char *agent)
{
    bool sqlite = strncmp (world_engine (world), "sqlite:", 7) == 0;
    world_sql (
        world,
        arena_printf (world->arena,
                      sqlite ? "create trigger refused before insert on leases when new.agent_id = '%s'"
                               " begin select raise (abort, 'refused'); end"
                             : "alter table leases add constraint refused check (agent_id <> '%s') not valid",
                      agent));
}

static void allow_leases (world_t *world)
{
    bool sqlite = strncmp (world_engine (world), "sqlite:", 7) == 0;
    world_sql (world, sqlite ? "drop trigger refused" : "alter table leases drop constraint refused");
}

TEST_ON_ENGINES (an_offer_whose_lease_was_undone_does_not_come_with_the_answer)
{
    pushed_t ada = listening (world, "ada");
    job_orders_t orders;
    world_file (world, "ci.yml", ONE "  b:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    http_agent_wait (ada.http, 1, "\"chained\":true");
    run_t shown = run_of (world, run.id);
    const char *first = job_of (&shown, "a")->id;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    refuse_leases (world, ada.agent.id);
    CHECK_INT (ask_next (world, first, job_finished, &orders),
               OK); // Its own work is not lost with that of the matcher
    CHECK_INT (orders.next.count, 0);
    allow_leases (world);
    CHECK_JOB (world, run.id, "a", "finished success");
    CHECK_JOB (world, run.id, "b", "finished failure");
    CHECK_INT (http_agent_requests (ada.http), 1);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_match_that_cannot_be_written_is_undone_without_a_trace_and_the_others_stand)
{
    world_file (world, "ci.yml", ONE "  b:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    fake_agent_t bob = agent (world, "bob", "linux");
    events_t events;
    MUST (world, events_read, &events, .after = -1);
    int64_t before = events.cursor;
    refuse_leases (world, ada.id);
    run_t run = trigger (world);
    allow_leases (world);
    CHECK (take (world, &bob)); // One of the two
    bool a = strcmp (bob.offer.key, "a") == 0;
    CHECK_JOB (world, run.id, a ? "b" : "a", "finished failure");
    run_t shown = run_of (world, run.id);
    const char *failed = job_of (&shown, a ? "b" : "a")->id;
    MUST (world, events_read, &events, .after = before, .run = run.id);
    for (size_t i = 0; i < events.items.count; i++) { // Nobody heard that it had been given to an agent
        const event_t *event = &events.items.items[i];
        CHECK (strcmp (event->job_id, failed) != 0 || strcmp (event->state, "assigned") != 0);
        CHECK_INT (event->id, events.items.items[0].id + (int64_t) i);
    }
    ends (world, &bob, result_success);
    CHECK_STR (run_text (world, run.id), "finished failure");
    for (int i = 0; i < 2; i++) { // And the matcher goes on for both
        run = trigger (world);
        CHECK (take (world, i ? &bob : &ada) && take (world, i ? &ada : &bob));
        ends (world, &ada, result_success);
        ends (world, &bob, result_success);
        CHECK_STR (run_text (world, run.id), "finished success");
    }
}

TEST_ON_ENGINES (only_the_jobs_own_agent_may_ask_for_the_next_with_its_end)
{
    pushed_t ada = listening (world, "ada");
    job_orders_t orders;
    run_t run = one_job (world);
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    const char *job = only_job (world, run.id)->id;
    world->caller = (caller_t){.role = ROLE_JOB, .subject = job, .attempt = 1};
    CHECK_INT (ask_next (world, job, job_finished, &orders), INVALID);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = "a0another"};
    CHECK_INT (ask_next (world, job, job_finished, &orders), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    CHECK_INT (ask_next (world, job, job_running, &orders), INVALID);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK (strncmp (job_text (world, run.id, "a"), "finished", 8) != 0);
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_busy_agent_costs_no_try)
{
    pushed_t ada = listening (world, "ada");
    http_agent_answer (ada.http, 409, 1000000);
    run_t run = one_job (world);
    for (int i = 0; i < 4; i++) {
        CHECK (seconds_until (world, run.id, "queued") < 60);
        beats (world, &ada.agent);
        world_turn (world, 20);
        for (int k = 0; k < WAIT_MS / 5 && strcmp (job_text (world, run.id, "a"), "queued") != 0; k++)
            poll (NULL, 0, 5);
    }
    CHECK_JOB (world, run.id, "a", "queued");
    CHECK (only_job (world, run.id)->attempt > 3); // More than max-attempts, and none of them counted
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (an_offer_that_came_too_late_costs_no_try)
{
    pushed_t ada = listening (world, "ada");
    http_agent_answer (ada.http, 410, 1000);
    run_t run = one_job (world);
    for (int i = 1; i <= 4; i++) {
        http_agent_wait (ada.http, (size_t) i, arena_printf (world->arena, "\"attempt\":%d,", i));
        world_turn (world, 9);
        CHECK_JOB (world, run.id, "a", "assigned"); // Or it has had it, and is about to say so
        world_turn (world, 1);
        wait_for_job (world, run.id, "a", "queued");
        world_turn (world, 10);
        beats (world, &ada.agent);
    }
    http_agent_destroy (&ada.http);
}

// The first push may have been accepted by an agent that is gone from its address since: it may run the job.
TEST_ON_ENGINES (nothing_is_concluded_from_what_a_second_push_meets)
{
    const int statuses[] = {409, 400, 410, -1};
    pushed_t ada = listening (world, "ada");
    http_agent_answer (ada.http, 0, 1);
    run_t run = one_job (world);
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    for (size_t i = 0; i < 4; i++) {
        size_t before = http_agent_requests (ada.http);
        if (statuses[i] < 0)
            http_agent_destroy (&ada.http); // Refused: no connection
        else
            http_agent_answer (ada.http, statuses[i], 1000000);
        world_restart (world);
        if (ada.http)
            http_agent_wait (ada.http, before + 1, "\"attempt\":1,");
        for (int k = 0; k < 40; k++) { // Whatever it meets has been heard of
            agent_page_t agents;
            poll (NULL, 0, 5);
            MUST (world, agent_list, &agents);
        }
        CHECK_JOB (world, run.id, "a", "assigned");
        CHECK_INT (only_job (world, run.id)->attempt, 1);
    }
    ada.agent.offer = (job_offer_t){.job = only_job (world, run.id)->id, .attempt = 1};
    begins (world, &ada.agent); // It had it all the time
    CHECK_JOB (world, run.id, "a", "running");
}

// The next has been offered and has not begun, so nothing but its number tells it from the one that was refused.
TEST_ON_ENGINES (the_late_answer_to_one_attempts_push_does_not_touch_the_next)
{
    pushed_t ada = listening (world, "ada");
    http_agent_hold (ada.http, true);
    http_agent_answer (ada.http, 400, 1);
    run_t run = one_job (world);
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada"); // Its job goes back before it has answered
    fake_agent_t bob = agent (world, "bob", "linux");
    for (int i = 0; i < WAIT_MS / 5 && !take (world, &bob); i++)
        poll (NULL, 0, 5);
    CHECK_INT (bob.offer.attempt, 2);
    http_agent_hold (ada.http, false);
    pushed_t cy = listening (world, "cy"); // Answers after ada did: once that is heard, so is ada's
    http_agent_answer (cy.http, 400, 1);
    run_t other = trigger (world);
    http_agent_wait (cy.http, 1, "\"attempt\":1,");
    wait_for_job (world, other.id, "a", "queued");
    CHECK_JOB (world, run.id, "a", "assigned");
    CHECK_INT (only_job (world, run.id)->attempt, 2);
    begins (world, &bob);
    CHECK_JOB (world, run.id, "a", "running");
    http_agent_destroy (&ada.http);
    http_agent_destroy (&cy.http);
}

// It is written a moment later, with others: by then the job may be another agent's.
TEST_ON_ENGINES (the_acceptance_of_one_attempt_does_not_begin_the_next)
{
    pushed_t ada = listening (world, "ada");
    http_agent_hold (ada.http, true);
    run_t run = one_job (world);
    http_agent_wait (ada.http, 1, "\"attempt\":1,");
    done_t done;
    MUST (world, agent_remove, &done, .agent = "ada");
    fake_agent_t bob = agent (world, "bob", "linux");
    for (int i = 0; i < WAIT_MS / 5 && !take (world, &bob); i++)
        poll (NULL, 0, 5);
    CHECK_INT (bob.offer.attempt, 2);
    http_agent_hold (ada.http, false);
    pushed_t cy = listening (world, "cy"); // Answers after ada did: once that is heard, so is ada's
    http_agent_answer (cy.http, 400, 1);
    run_t other = trigger (world);
    http_agent_wait (cy.http, 1, "\"attempt\":1,");
    wait_for_job (world, other.id, "a", "queued");
    world_turn (world, 2);
    CHECK_JOB (world, run.id, "a", "assigned");
    CHECK_INT (world_number (world, "select count (*) from leases where begun = 1"), 0);
    begins (world, &bob);
    CHECK_JOB (world, run.id, "a", "running");
    http_agent_destroy (&ada.http);
    http_agent_destroy (&cy.http);
}

TEST_ON_ENGINES (an_agent_that_comes_back_elsewhere_does_not_rest)
{
    pushed_t ada = listening (world, "ada");
    http_agent_destroy (&ada.http);
    run_t run = one_job (world);
    for (int i = 0; i < 4; i++) { // Unreachable again and again: it rests
        wait_for_job (world, run.id, "a", "queued");
        beats (world, &ada.agent);
        world_turn (world, 10);
    }
    wait_for_job (world, run.id, "a", "queued");
    ada.http = http_agent_new ();
    job_orders_t orders;
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.agent.id};
    MUST (world, agent_heartbeat, &orders, .agent = ada.agent.id, .url = http_agent_url (ada.http));
    http_agent_wait (ada.http, 1, "POST /jobs");
    http_agent_destroy (&ada.http);
}

TEST_ON_ENGINES (a_job_whose_run_is_gone_ends_instead_of_being_offered_forever)
{
    run_t broken = one_job (world);
    world_turn (world, 1);
    run_t whole = trigger (world);
    world_sql (world, arena_printf (world->arena, "delete from run_texts where run_id = '%s'", broken.id));
    pushed_t ada = listening (world, "ada");
    http_agent_wait (ada.http, 1, whole.jobs.items[0].id);
    CHECK_INT (http_agent_requests (ada.http), 1);
    http_agent_destroy (&ada.http);
}

#define LARGE        (200 << 10) // Six such texts are more than the contexts of an offer may have
#define MAKES_OUTPUT "{runs-on: linux, outputs: {v: x}, steps: [{run: make}]}\n"

// {"v": "xxx..."}
static const char *large (world_t *world)
{
    char *text = arena_alloc (world->arena, LARGE + 1);
    memset (text, 'x', LARGE);
    text[LARGE] = '\0';
    return arena_printf (world->arena, "{\"v\":\"%s\"}", text);
}

static const char *reason_of (world_t *world, const char *run, const char *name)
{
    run_t shown = run_of (world, run);
    return arena_strdup (world->arena, job_of (&shown, name)->reason);
}

TEST_ON_ENGINES (a_job_that_needs_larger_outputs_than_an_offer_may_have_ends_and_says_so_and_others_go_on)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n"
                "  b: " MAKES_OUTPUT "  c: " MAKES_OUTPUT "  d: " MAKES_OUTPUT "  e: " MAKES_OUTPUT
                "  f: " MAKES_OUTPUT "  g: " MAKES_OUTPUT
                "  a: {needs: [b, c, d, e, f, g], runs-on: linux, steps: [{run: make}]}\n"
                "  last: {needs: b, runs-on: linux, steps: [{run: make}]}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    for (int i = 0; i < 6; i++) {
        CHECK (take (world, &ada));
        ends_with (world, &ada, result_success, large (world));
    }
    CHECK_JOB (world, run.id, "a", "finished failure");
    CHECK (strstr (reason_of (world, run.id, "a"), "fit what an agent is offered"));
    CHECK_STR (takes (world, &ada), "last");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (an_agent_that_takes_nothing_again_and_again_is_left_alone_for_a_while)
{
    pushed_t ada = listening (world, "ada");
    http_agent_answer (ada.http, 409, 1000000);
    run_t run = one_job (world);
    wait_for_job (world, run.id, "a", "queued");
    beats (world, &ada.agent); // The first time it is asked again at once
    for (int i = 0; i < WAIT_MS / 5 && only_job (world, run.id)->attempt < 2; i++)
        poll (NULL, 0, 5);
    wait_for_job (world, run.id, "a", "queued");
    http_agent_answer (ada.http, 202, 0);
    size_t before = http_agent_requests (ada.http);
    beats (world, &ada.agent);
    CHECK_STR (only_job (world, run.id)->wait_reason,
               "the free agents for it did not take a job, and are not asked for a while");
    CHECK_INT (http_agent_requests (ada.http), before);
    world_turn (world, 3);
    http_agent_wait (ada.http, before + 1, "\"attempt\":3,");
    http_agent_destroy (&ada.http);
}
