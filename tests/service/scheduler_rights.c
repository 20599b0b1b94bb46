/* Who may ask for what: messages between services are for services, a job's token is good for that attempt, an agent's for that agent.
 *
 * The gateway lets through only what a route allows; here is what holds when it does not. */

#include "tests/service/scheduler/world.h"

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

#define ANSWER_SIZE 4096 // Of any message that is asked here

static fault_t ask_by (world_t *world, role_t role, const char *subject, uint32_t attempt, uint16_t number,
                       const void *ask)
{
    const caller_t before = world->caller;
    world->caller = (caller_t){.role = role, .subject = subject, .attempt = attempt};
    fault_t fault = world_ask (world, number, ask, arena_alloc (world->arena, ANSWER_SIZE));
    world->caller = before;
    return fault;
}

static fake_agent_t agent_with_job (world_t *world)
{
    world_file (world, "ci.yml", ONE);
    project (world);
    trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    return ada;
}

#define ROW(message, ...)                       \
    {                                           \
#message, MSG_##message, &(message##_t) \
        {                                       \
            __VA_ARGS__                         \
        }                                       \
    }
typedef struct {
    const char *name;
    uint16_t number;
    const void *ask;
} message_row_t;

static void must_be (const message_row_t *row, const char *who, fault_t fault, fault_t wanted)
{
    if (fault != wanted)
        test_fail (__FILE__, __LINE__, "%s by %s: %s", row->name, who, fault_name (fault));
}

// Whatever has no route: whoever adds such a message adds it here.
TEST_ON_ENGINES (what_services_ask_each_other_is_refused_to_everybody_else)
{
    const fake_agent_t ada = agent_with_job (world);
    const char *job = ada.offer.job, *run = ada.offer.run;
    const message_row_t rows[] = {
        ROW (attempt_seal, .job = job, .attempt = 1),
        ROW (agent_revoke, .agent = ada.id),
        ROW (project_sync, .project = "demo"),
        ROW (run_purge, .run = run),
        ROW (project_purge, .project = "demo"),
        ROW (trial_purge, .trial = "x01k9qz6f3xm4t0v8w2ya"),
        ROW (failure_look, .job = job, .attempt = 1),
        ROW (job_grant, .job = job, .attempt = 1, .key = ada.offer.secrets_key),
        ROW (job_claims, .job = job, .attempt = 1),
        ROW (deployment_look, .job = job, .run_attempt = 1),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (role_t role = ROLE_NOBODY; role < ROLE_SERVICE; role++)
            must_be (&rows[i], role_name (role),
                     ask_by (world, role, role == ROLE_JOB ? job : ada.id, 1, rows[i].number, rows[i].ask),
                     FORBIDDEN);
    CHECK_INT (world_seals (world), 0);
    CHECK_INT (world_revoked (world), 0);
}

TEST_ON_ENGINES (a_jobs_token_is_good_for_that_job_alone)
{
    const fake_agent_t ada = agent_with_job (world);
    const char *job = ada.offer.job;
    const message_row_t rows[] = {
        ROW (job_show, .job = job),
        ROW (cache_scope, .job = job),
        ROW (job_status, .job = job, .attempt = 1, .state = job_running, .reason = "", .log_sha256 = ""),
        ROW (job_status, .job = job, .attempt = 1, .state = job_finished, .result = result_success,
             .log_sha256 = A_SUM, .reason = ""),
        ROW (action_look, .job = job, .attempt = 1, .reference = "owner/repo@v1", .commit = ""),
        ROW (test_report_put, .job = job, .step = 1, .format = "junit"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        must_be (&rows[i], "another job",
                 ask_by (world, ROLE_JOB, "j01k9qz6f3xm4t0v8w2ya", 1, rows[i].number, rows[i].ask),
                 FORBIDDEN);
    for (size_t i = 0; i < 3; i++)
        must_be (&rows[i], "the job itself", ask_by (world, ROLE_JOB, job, 1, rows[i].number, rows[i].ask),
                 OK);
}

// The second attempt is under way; words of the first come late, or are said by whoever kept its token.
TEST_ON_ENGINES (an_earlier_attempts_token_is_good_for_nothing)
{
    fake_agent_t ada = agent_with_job (world);
    const char *job = ada.offer.job;
    begins (world, &ada);
    CHECK_INT (gives_back (world, &ada), OK);
    CHECK (take (world, &ada));
    CHECK_INT (ada.offer.attempt, 2);
    const message_row_t rows[] = {
        ROW (job_status, .job = job, .attempt = 1, .state = job_running, .reason = "", .log_sha256 = ""),
        ROW (job_status, .job = job, .attempt = 2, .state = job_running, .reason = "", .log_sha256 = ""),
        ROW (job_status, .job = job, .attempt = 1, .state = job_finished, .result = result_success,
             .log_sha256 = A_SUM, .reason = ""),
        ROW (job_status, .job = job, .attempt = 2, .state = job_finished, .result = result_success,
             .log_sha256 = A_SUM, .reason = ""),
        ROW (action_look, .job = job, .attempt = 1, .reference = "owner/repo@v1", .commit = ""),
        ROW (action_look, .job = job, .attempt = 2, .reference = "owner/repo@v1", .commit = ""),
        ROW (test_report_put, .job = job, .step = 1, .format = "junit"),
    };
    static const fault_t wanted[] = {CONFLICT, FORBIDDEN, CONFLICT, FORBIDDEN, CONFLICT, FORBIDDEN, CONFLICT};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        must_be (&rows[i], "attempt 1", ask_by (world, ROLE_JOB, job, 1, rows[i].number, rows[i].ask),
                 wanted[i]);
    CHECK_JOB (world, ada.offer.run, "a", "assigned");
}

TEST_ON_ENGINES (an_agents_token_is_good_for_that_agent_alone)
{
    agent_registered_t answer;
    const char *label = "linux";
    const fake_agent_t ada = agent_with_job (world);
    const fake_agent_t bob = agent (world, "bob", "other");
    const message_row_t rows[] = {
        ROW (agent_heartbeat, .agent = ada.id, .job = ada.offer.job, .attempt = 1),
        ROW (agent_next, .agent = ada.id),
        ROW (job_status, .job = ada.offer.job, .attempt = 1, .state = job_running, .reason = "",
             .log_sha256 = ""),
        ROW (job_status, .job = ada.offer.job, .attempt = 1, .state = job_finished, .result = result_success,
             .log_sha256 = A_SUM, .reason = ""),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        must_be (&rows[i], "another agent",
                 ask_by (world, ROLE_AGENT, bob.id, 0, rows[i].number, rows[i].ask), FORBIDDEN);
    world->caller = (caller_t){.role = ROLE_AGENT, .subject = bob.id};
    CHECK_INT (ASK (world, agent_register, &answer, .name = "ada", .labels = {&label, 1}), CONFLICT);
    CHECK_INT (ASK (world, agent_register, &answer, .name = "carol", .labels = {&label, 1}), CONFLICT);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK_JOB (world, ada.offer.run, "a", "assigned");
}
