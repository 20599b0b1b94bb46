/* Test reports are taken from the running job alone, and a failed test says whether it is new, known or comes and goes. */

#include "tests/service/scheduler/world.h"

#include <stdio.h>

#define ONE_JOB "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static fault_t report (world_t *world, const fake_agent_t *agent, const char *file, const char *const *failed)
{
    const test_case_t quick = {.suite = "s", .name = "quick", .message = "", .duration_us = 1000};
    test_case_t cases[4], slow[] = {quick, quick};
    slow[1].name = "slow";
    slow[1].duration_us = 5000000;
    size_t count = 0;
    for (; failed[count]; count++)
        cases[count] = (test_case_t){.suite = "s", .name = failed[count], .message = "expected 1"};
    done_t done;
    const caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_JOB, .attempt = agent->offer.attempt};
    world->caller.subject = agent->offer.job;
    fault_t fault = ASK (world, test_report_put, &done, .job = agent->offer.job, .step = 1, .file = file,
                         .format = "junit", .passed = 3, .failed = (uint32_t) count,
                         .failures = {cases, count}, .slowest = {slow, 2});
    world->caller = before;
    return fault;
}

static test_results_t tests_of (world_t *world, const char *run)
{
    test_results_t results;
    MUST (world, run_tests, &results, .run = run);
    return results;
}

static run_t run_that_fails (world_t *world, fake_agent_t *agent, const char *const *failed)
{
    run_t run = trigger (world);
    CHECK (take (world, agent));
    CHECK_INT (report (world, agent, "junit.xml", failed), OK);
    ends (world, agent, *failed ? result_failure : result_success);
    return run;
}

TEST_ON_ENGINES (a_failed_test_is_new_until_the_previous_run_failed_it_too)
{
    world_file (world, "ci.yml", ONE_JOB);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = run_that_fails (world, &ada, (const char *const[]){"adds", NULL});
    test_results_t tests = tests_of (world, first.id);
    CHECK_INT (tests.failures.count, 1);
    CHECK (!tests.failures.items[0].known);
    CHECK_INT (tests.passed, 3);
    CHECK_STR (tests.slowest.items[0].name, "slow");
    CHECK_STR (tests.slowest.items[1].name, "quick");
    CHECK_STR (tests.reports.items[0].file, "junit.xml");
    run_t second = run_that_fails (world, &ada, (const char *const[]){"adds", "divides", NULL});
    tests = tests_of (world, second.id);
    CHECK_STR (tests.failures.items[0].name, "divides"); // New ones first
    CHECK (!tests.failures.items[0].known);
    CHECK (tests.failures.items[1].known);
    CHECK_INT (tests.failures.items[1].failed_runs, 2);
    CHECK_INT (tests.failures.items[1].of_runs, 2);
    CHECK (!tests.failures.items[1].flaky);

    run_that_fails (world, &ada, (const char *const[]){NULL}); // The same commit passes
    run_t last = run_that_fails (world, &ada, (const char *const[]){"adds", NULL});
    tests = tests_of (world, last.id);
    CHECK (!tests.failures.items[0].known);
    CHECK (tests.failures.items[0].flaky);
    failure_digest_t digest;
    MUST (world, run_failure, &digest, .run = last.id);
    CHECK_INT (digest.failed_tests, 1);
    CHECK_STR (digest.tests.items[0].name, "adds");
}

TEST_ON_ENGINES (a_report_replaces_its_file_and_is_taken_from_the_running_attempt_alone)
{
    world_file (world, "ci.yml", ONE_JOB);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    CHECK_INT (report (world, &ada, "a.xml", (const char *const[]){"one", "two", NULL}), OK);
    CHECK_INT (report (world, &ada, "a.xml", (const char *const[]){"two", NULL}), OK);
    CHECK_INT (tests_of (world, run.id).failures.count, 1);
    CHECK_INT (world_number (world, "select count (*) from failed_tests"), 1);
    for (int i = 1; i < MAX_TEST_REPORTS; i++) {
        char file[16];
        snprintf (file, sizeof file, "%d.xml", i);
        CHECK_INT (report (world, &ada, file, (const char *const[]){NULL}), OK);
    }
    CHECK_INT (report (world, &ada, "more.xml", (const char *const[]){NULL}), OVERLOADED);
    done_t done;
    CHECK_INT (ASK (world, test_report_put, &done, .job = ada.offer.job, .file = "b.xml", .format = "tap"),
               FORBIDDEN);
    ends (world, &ada, result_failure);
    CHECK_INT (report (world, &ada, "a.xml", (const char *const[]){NULL}), CONFLICT);
}
