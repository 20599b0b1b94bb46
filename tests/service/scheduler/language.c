/* language.c - see world.h: what tests of the scheduler say. */

#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <string.h>

void project (world_t *self)
{
    project_t made;
    MUST (self, project_add, &made, .name = "demo", .url = "https://git.example/ada/demo.git");
    wait_for_project (self, "demo", "ready");
}

void wait_for_project (world_t *self, const char *name, const char *state)
{
    project_t project = {0};
    for (int i = 0; i < WAIT_MS / 5; i++) {
        MUST (self, project_show, &project, .project = name);
        if (strcmp (state_name (&states_project, project.state), state) == 0)
            return;
        poll (NULL, 0, 5);
    }
    CHECK_STR (state_name (&states_project, project.state), state);
}

run_t trigger (world_t *self)
{
    run_t run;
    MUST (self, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    return run;
}

run_t run_of (world_t *self, const char *id)
{
    run_t run;
    const caller_t before = self->caller; // An agent's perhaps, which sees no runs
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    MUST (self, run_show, &run, .run = id);
    self->caller = before;
    return run;
}

const job_t *job_of (const run_t *run, const char *name)
{
    for (size_t i = 0; i < run->jobs.count; i++)
        if (strcmp (run->jobs.items[i].name, name) == 0)
            return &run->jobs.items[i];
    test_fail (__FILE__, __LINE__, "the run has no job %s", name);
}

static const char *text_of (world_t *self, const states_t *states, uint32_t state, uint32_t result)
{
    return result == result_none ? state_name (states, state)
                                 : arena_printf (self->arena, "%s %s", state_name (states, state),
                                                 state_name (&states_result, result));
}

const char *job_text (world_t *self, const char *run, const char *name)
{
    run_t shown = run_of (self, run);
    const job_t *job = job_of (&shown, name);
    return text_of (self, &states_job, job->state, job->result);
}

const char *run_text (world_t *self, const char *run)
{
    run_t shown = run_of (self, run);
    return text_of (self, &states_run, shown.state, shown.result);
}

void wait_for_job (world_t *self, const char *run, const char *name, const char *text)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (job_text (self, run, name), text) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (job_text (self, run, name), text);
}

void wait_for_run (world_t *self, const char *run, const char *text)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (run_text (self, run), text) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (run_text (self, run), text);
}

fake_agent_t agent (world_t *self, const char *name, const char *labels)
{
    agent_register_t ask = {.name = name};
    agent_registered_t answer;
    CHECK_INT (message_set (MESSAGE (agent_register), &self->turn, "labels", labels, &ask), OK);
    CHECK_INT (world_ask (self, MSG_agent_register, &ask, &answer), OK);
    return (fake_agent_t){.id = answer.id, .name = name};
}

bool take (world_t *self, fake_agent_t *agent)
{
    self->caller = (caller_t){.role = ROLE_AGENT, .subject = agent->id};
    MUST (self, agent_next, &agent->offer, .agent = agent->id);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return *agent->offer.job != 0;
}

const char *takes (world_t *self, fake_agent_t *agent)
{
    return take (self, agent) ? agent->offer.name : "";
}

static fault_t say_all (world_t *self, const fake_agent_t *agent, const job_status_t *words,
                        job_orders_t *orders)
{
    self->caller = (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
    fault_t fault = world_ask (self, MSG_job_status, words, orders);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return fault;
}

fault_t say (world_t *self, const fake_agent_t *agent, job_state_t state, result_t result, order_t *order)
{
    job_orders_t orders = {0};
    job_status_t words = {
        .job = agent->offer.job,
        .attempt = agent->offer.attempt,
        .state = state,
        .result = result,
        .log_sha256 = A_SUM,
    };
    fault_t fault = say_all (self, agent, &words, &orders);
    if (order)
        *order = orders.order;
    return fault;
}

fault_t says (world_t *self, const fake_agent_t *agent, job_orders_t *orders)
{
    job_status_t words = {
        .job = agent->offer.job, .attempt = agent->offer.attempt, .state = job_running, .log_sha256 = ""};
    return say_all (self, agent, &words, orders);
}

void begins (world_t *self, fake_agent_t *agent)
{
    CHECK_INT (say (self, agent, job_running, result_none, NULL), OK);
}

fault_t gives_back (world_t *self, fake_agent_t *agent)
{
    job_orders_t orders;
    job_status_t words = {
        .job = agent->offer.job,
        .attempt = agent->offer.attempt,
        .state = job_finished,
        .result = result_cancelled,
        .reason = "the agent was shut down",
        .log_size = 7,
        .log_sha256 = A_SUM,
        .given_back = true,
    };
    return say_all (self, agent, &words, &orders);
}

void ends (world_t *self, fake_agent_t *agent, result_t result)
{
    ends_with (self, agent, result, "{}");
}

void ends_with (world_t *self, fake_agent_t *agent, result_t result, const char *outputs)
{
    job_orders_t orders;
    job_status_t words = {
        .job = agent->offer.job,
        .attempt = agent->offer.attempt,
        .state = job_finished,
        .result = result,
        .outputs = outputs,
        .log_size = 3,
        .log_sha256 = A_SUM,
    };
    fault_t fault = say_all (self, agent, &words, &orders);
    if (fault)
        test_fail (__FILE__, __LINE__, "%s ends: %s: %s", agent->offer.name, fault_name (fault),
                   self->turn.detail ? self->turn.detail : "");
}

order_t beats (world_t *self, fake_agent_t *agent)
{
    job_orders_t orders;
    self->caller = (caller_t){.role = ROLE_AGENT, .subject = agent->id};
    MUST (self, agent_heartbeat, &orders, .agent = agent->id, .job = agent->offer.job,
          .attempt = agent->offer.attempt);
    self->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return orders.order;
}

size_t count_runs (world_t *self)
{
    run_page_t page;
    MUST (self, run_list, &page);
    return page.items.count;
}

void wait_for_runs (world_t *self, size_t count)
{
    for (int i = 0; i < WAIT_MS / 5 && count_runs (self) != count; i++)
        poll (NULL, 0, 5);
    CHECK_INT (count_runs (self), count);
}
