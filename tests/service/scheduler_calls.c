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
    CHECK_STR (takes (world, &ada), "call (y) / b"); // The call has not failed before it has ended
    begins (world, &ada);
    CHECK_STR (takes (world, &bob), "call (x) / always");
    ends (world, &bob, result_success);
    CHECK_JOB (world, run.id, "call (x)", "finished failure");
    CHECK_JOB (world, run.id, "call (y) / b", "cancelling");
    ends (world, &ada, result_cancelled);
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
