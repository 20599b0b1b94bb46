/* What steps say of the code is kept with their job, and listed for a run. */

#include "proto/limits.h"
#include "tests/service/scheduler/world.h"

#include <stdio.h>

#define TWO_JOBS                                                                         \
    "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n" \
    "  b:\n    runs-on: linux\n    steps: [{run: make}]\n"

// `count` warnings by the first step, with the final status or without.
static fault_t say_with (world_t *world, const fake_agent_t *agent, job_state_t state, size_t count,
                         const char *file)
{
    annotation_t said[MAX_ANNOTATIONS + 1] = {{.step = 0}};
    step_row_t steps[] = {{.number = 1, .id = "", .name = "make", .state = step_running}};
    char messages[MAX_ANNOTATIONS + 1][16];
    for (size_t i = 0; i < count; i++) {
        snprintf (messages[i], sizeof messages[i], "number %zu", i);
        said[i] = (annotation_t){.step = 1,
                                 .level = annotation_warning,
                                 .title = "",
                                 .file = file,
                                 .line = 3,
                                 .end_line = 3,
                                 .message = messages[i],
                                 .job_id = "",
                                 .job_name = ""};
    }
    job_orders_t orders;
    return ASK (world, job_status, &orders, .job = agent->offer.job, .attempt = agent->offer.attempt,
                .state = state, .result = state == job_finished ? result_success : result_none, .reason = "",
                .outputs = "{}", .log_sha256 = state == job_finished ? A_SUM : "", .steps = {steps, 1},
                .annotations = {said, count});
}

static annotation_page_t page_of (world_t *world, const char *run, const char *cursor, uint32_t limit)
{
    annotation_page_t page = {.next = ""};
    MUST (world, run_annotations, &page, .run = run, .cursor = cursor, .limit = limit);
    return page;
}

TEST_ON_ENGINES (what_steps_say_of_the_code_is_kept_with_their_job_and_listed_for_the_run)
{
    world_file (world, "ci.yml", TWO_JOBS);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    CHECK (take (world, &bob));
    CHECK_INT (say_with (world, &ada, job_running, 1, "a.c"), OK);
    CHECK_INT (page_of (world, run.id, "", 0).items.count, 1); // While it runs
    CHECK_INT (say_with (world, &ada, job_finished, 2, "a.c"), OK);
    CHECK_INT (say_with (world, &bob, job_finished, MAX_ANNOTATIONS, "b.c"), OK);

    job_t job;
    MUST (world, job_show, &job, .job = bob.offer.job);
    CHECK_INT (job.annotations.count, MAX_ANNOTATIONS);
    CHECK_STR (job.annotations.items[49].message, "number 49");
    run = run_of (world, run.id);
    CHECK_INT (run.jobs.items[0].annotations.count + run.jobs.items[1].annotations.count, 0);

    annotation_page_t page = page_of (world, run.id, "", 40), rest = page_of (world, run.id, page.next, 40);
    CHECK_INT (page.items.count, 40);
    CHECK_INT (rest.items.count, 2 + MAX_ANNOTATIONS - 40);
    CHECK_STR (rest.next, "");
    CHECK_STR (page.items.items[0].job_name, ada.offer.name);
    CHECK_STR (page.items.items[0].job_id, ada.offer.job);
    CHECK_STR (page.items.items[0].file, "a.c");
    CHECK_INT (page.items.items[0].line, 3);
    CHECK_INT (page.items.items[0].level, annotation_warning);
    CHECK_STR (rest.items.items[rest.items.count - 1].message, "number 49");
    CHECK_INT (ASK (world, run_annotations, &page, .run = run.id, .cursor = "x"), INVALID);
    CHECK_INT (ASK (world, run_annotations, &page, .run = "r0000", .cursor = ""), NOT_FOUND);
}

TEST_ON_ENGINES (a_rerun_begins_without_the_earlier_annotations)
{
    world_file (world, "ci.yml", TWO_JOBS);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    for (int i = 0; i < 2; i++) {
        CHECK (take (world, &ada));
        CHECK_INT (say_with (world, &ada, job_finished, 3, "a.c"), OK);
    }
    CHECK_INT (page_of (world, run.id, "", 0).items.count, 6);
    MUST (world, run_rerun, &run, .run = run.id, .only = "job", .job = ada.offer.job);
    CHECK_INT (page_of (world, run.id, "", 0).items.count, 3);
}
