/* What becomes of jobs that call workflows, on each engine: their jobs, their end, what stops them, and a scheduler that is restarted. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ON "on: workflow_dispatch\n"
#define CALLED \
    "on: {workflow_call: {inputs: {to: {type: string}}, outputs: {o: {value: '${{ jobs.b.outputs.v }}'}}}}\n"
#define STEPS "runs-on: linux, steps: [{run: make}]"

TEST_ON_ENGINES (a_called_workflows_jobs_run_before_what_needs_their_caller)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  call: {uses: ./.github/workflows/b.yml, with: {to: prod}}\n"
                   "  last: {needs: call, " STEPS ", env: {V: '${{ needs.call.outputs.o }}'}}\n");
    world_file (world, "b.yml",
                CALLED "jobs:\n  a: {" STEPS "}\n  b: {needs: a, outputs: {v: x}, " STEPS "}\n");
    project (world);
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "call", "running");
    CHECK_INT (job_of (&run, "call")->queued_at, WORLD_BEGINS); // It waits for nobody
    CHECK_INT (job_of (&run, "call")->started_at, WORLD_BEGINS);
    CHECK_JOB (world, run.id, "call / b", "pending");
    CHECK_JOB (world, run.id, "last", "pending");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "call / a");
    CHECK_STR (ada.offer.key, "a");
    CHECK (strstr (ada.offer.contexts, "\"inputs\":{\"to\":\"prod\"}"));
    CHECK (strstr (ada.offer.contexts, "\"job\":\"a\""));
    world_restart (world);
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "call / b");
    ends_with (world, &ada, result_success, "{\"v\":\"42\"}");
    CHECK_JOB (world, run.id, "call", "finished success");
    CHECK_STR (takes (world, &ada), "last");
    CHECK (strstr (ada.offer.contexts, "\"outputs\":{\"o\":\"42\"}"));
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_call_hands_secrets_over_and_what_it_calls_hands_them_on)
{
    world_file (
        world, "ci.yml",
        ON
        "jobs:\n  call:\n    uses: ./.github/workflows/b.yml\n    secrets:\n"
        "      KEY: literal-one\n      REF: 'at ${{ github.ref_name }}'\n      NONE: '${{ secrets.UNKNOWN }}'\n"
        "  last: {needs: call, " STEPS "}\n");
    world_file (
        world, "b.yml",
        "on: {workflow_call: {secrets: {KEY: {required: true}, REF: {}, NONE: {}}}}\n"
        "jobs:\n  all: {uses: ./.github/workflows/c.yml, secrets: inherit}\n"
        "  some: {uses: ./.github/workflows/c.yml, secrets: {KEY: 'of ${{ secrets.REF }}'}, needs: all}\n"
        "  none: {uses: ./.github/workflows/c.yml, needs: some}\n");
    world_file (world, "c.yml", "on: {workflow_call: {secrets: {KEY: {}}}}\njobs: {c: {" STEPS "}}\n");
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "call / all / c");
    CHECK (
        strstr (ada.offer.contexts,
                "\"secrets\":{\"KEY\":\"literal-one\",\"REF\":\"at main\",\"NONE\":{\"from\":\"UNKNOWN\"}}"));
    ends (world, &ada, result_success);
    world_restart (world);
    CHECK_STR (takes (world, &ada), "call / some / c");
    CHECK (strstr (ada.offer.contexts, "\"secrets\":{\"KEY\":\"of at main\"}"));
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "call / none / c");
    CHECK (strstr (ada.offer.contexts, "\"secrets\":{}"));
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "last");
    CHECK (strstr (ada.offer.contexts, "\"secrets\":{}"));
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

// A part of a workflow is the same part after a restart, which reads the file anew.
TEST_ON_ENGINES (a_run_may_be_of_some_jobs_and_some_cells)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  a: {" STEPS "}\n"
                   "  b: {needs: a, strategy: {matrix: {os: [x, y]}}, " STEPS "}\n"
                   "  c: {needs: b, " STEPS "}\n  other: {" STEPS "}\n");
    project (world);
    run_t run;
    const char *jobs[] = {"b"}, *cells[] = {"os:y"}, *wrong[] = {"z"};
    MUST (world, run_trigger, &run, .project = "demo", .jobs = {jobs, 1}, .matrix = {cells, 1});
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "a");
    world_restart (world);
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "b (y)");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    MUST (world, run_show, &run, .run = run.id);
    CHECK_INT (run.jobs.count, 2);
    MUST (world, run_trigger, &run, .project = "demo", .jobs = {jobs, 1}, .no_needs = true);
    CHECK_INT (run.jobs.count, 2);
    CHECK_STR (run.jobs.items[0].name, "b (x)");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .jobs = {wrong, 1}), INVALID);
}

TEST_ON_ENGINES (one_failed_call_of_a_matrix_cancels_the_jobs_of_the_others)
{
    world_file (world, "ci.yml",
                ON
                "jobs:\n  call:\n    strategy: {matrix: {to: [x, y]}}\n    uses: ./.github/workflows/b.yml\n"
                "    with: {to: '${{ matrix.to }}'}\n");
    world_file (world, "b.yml",
                CALLED "jobs:\n  b: {" STEPS "}\n  always: {needs: b, if: always(), " STEPS "}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "call (x) / b");
    ends (world, &ada, result_failure);
    fake_agent_t bob = agent (world, "bob", "linux");
    bool first = strcmp (takes (world, &ada), "call (y) / b") == 0;
    fake_agent_t *y = first ? &ada : &bob, *x = first ? &bob : &ada;
    CHECK_STR (takes (world, &bob), first ? "call (x) / always" : "call (y) / b");
    begins (world, y); // The call of x has not failed before it has ended
    ends (world, x, result_success);
    CHECK_JOB (world, run.id, "call (x)", "finished failure");
    CHECK_JOB (world, run.id, "call (y) / b", "cancelling");
    ends (world, y, result_cancelled);
    CHECK_JOB (world, run.id, "call (y) / always", "assigned");
    fake_agent_t *other = take (world, &ada) ? &ada : &bob;
    CHECK (other == &ada || take (world, &bob));
    ends (world, other, result_success);
    CHECK_JOB (world, run.id, "call (y)", "finished cancelled");
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (a_call_waits_for_its_concurrency_group)
{
    world_file (world, "ci.yml", ON "jobs:\n  call: {concurrency: one, uses: ./.github/workflows/b.yml}\n");
    world_file (world, "b.yml", CALLED "jobs: {b: {" STEPS "}}\n");
    project (world);
    run_t first = trigger (world), second = trigger (world);
    CHECK_JOB (world, first.id, "call", "running");
    CHECK_JOB (world, second.id, "call", "pending");
    CHECK_INT (run_of (world, second.id).jobs.count, 1);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, first.id), "finished success");
    CHECK_JOB (world, second.id, "call", "running");
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, second.id), "finished success");
}

TEST_ON_ENGINES (a_call_whose_inputs_come_out_wrong_fails_and_says_where)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  call: {uses: ./.github/workflows/b.yml, with: {n: '${{ github.ref }}'}}\n"
                   "  last: {needs: call, " STEPS "}\n");
    world_file (world, "b.yml",
                "on: {workflow_call: {inputs: {n: {type: number}}}}\njobs: {b: {" STEPS "}}\n");
    project (world);
    run_t run = trigger (world);
    CHECK_STR (run_text (world, run.id), "finished failure");
    run = run_of (world, run.id);
    const char *reason = job_of (&run, "call")->reason;
    CHECK (strstr (reason, ".github/workflows/b.yml:1:31: input \"n\" must be a number"));
    CHECK_JOB (world, run.id, "last", "finished skipped");
}

TEST_ON_ENGINES (a_hard_cancel_of_a_call_ends_all_it_calls)
{
    world_file (world, "ci.yml", ON "jobs: {call: {uses: ./.github/workflows/b.yml}}\n");
    world_file (world, "b.yml",
                CALLED "jobs:\n  b: {" STEPS "}\n  always: {needs: b, if: always(), " STEPS "}\n");
    project (world);
    run_t run = trigger (world);
    job_t job;
    MUST (world, job_cancel, &job, .job = job_of (&run, "call")->id, .hard = true);
    CHECK_JOB (world, run.id, "call / b", "finished cancelled");
    CHECK_JOB (world, run.id, "call / always", "finished cancelled");
    CHECK_JOB (world, run.id, "call", "finished cancelled");
}

TEST_ON_ENGINES (a_workflow_of_another_project_is_called_at_its_ref_with_what_it_calls_there)
{
    world_file (world, "ci.yml", ON "jobs: {call: {uses: Ada/demo/.github/workflows/b.yml@v1}}\n");
    world_file (world, "b.yml", CALLED "jobs: {b: {uses: ./.github/workflows/c.yml}}\n");
    world_file (world, "c.yml", CALLED "jobs: {c: {" STEPS "}}\n");
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "call / b / c");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_job_that_runs_again_waits_for_the_call_that_it_is_of)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  first: {" STEPS "}\n  call: {needs: first, uses: ./.github/workflows/b.yml}\n");
    world_file (world, "b.yml", CALLED "jobs: {b: {" STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), again;
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_success);
    MUST (world, run_rerun, &again, .run = run.id, .only = "all");
    CHECK_STR (job_of (&again, "call / b")->wait_reason, "waits for the job that calls its workflow");
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}
