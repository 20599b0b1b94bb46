/* Runs of many jobs, and files that would cost more than they weigh: what is too much is refused with its number, the rest is done. */

#include "tests/service/scheduler/world.h"

#include "services/scheduler/run/run_model.h"

#include <string.h>

#define ON    "on: workflow_dispatch\n"
#define MANY  1000 // Jobs
#define STEPS "runs-on: linux, steps: [{run: make}]"
#define CALL  "uses: ./.github/workflows/"

static void put_file (world_t *world, const char *path, buffer_t **text_p)
{
    CHECK (!buffer_full (*text_p));
    world_file (world, path, buffer_text (*text_p));
    buffer_destroy (text_p);
}

static buffer_t *text_of (const char *first)
{
    buffer_t *text = buffer_new (1 << 20);
    buffer_puts (text, first);
    return text;
}

// One agent does all of it, one after the other.
static void play (world_t *world, size_t jobs)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    size_t count = 0;
    while (take (world, &ada)) {
        ends (world, &ada, result_success);
        count++;
    }
    CHECK_INT (count, jobs);
    run = run_of (world, run.id);
    CHECK_INT (run.state, run_finished);
    CHECK_INT (run.result, result_success);
}

TEST_ON_ENGINES (a_chain_of_a_thousand_jobs_runs_to_its_end)
{
    buffer_t *text = text_of (ON "jobs:\n  j0: {" STEPS "}\n");
    for (int i = 1; i < MANY; i++)
        buffer_printf (text, "  j%d: {needs: j%d, " STEPS "}\n", i, i - 1);
    put_file (world, "ci.yml", &text);
    project (world);
    play (world, MANY);
}

TEST_ON_ENGINES (layers_of_jobs_that_need_all_before_run_to_their_end)
{
    buffer_t *text = text_of (ON "jobs:\n");
    for (int i = 0; i < 250; i++) {
        buffer_printf (text, "  j%d: {needs: [", i);
        for (int k = 0; i >= 25 && k < 25; k++)
            buffer_printf (text, "%sj%d", k ? ", " : "", (i / 25 - 1) * 25 + k);
        buffer_puts (text, "], " STEPS "}\n");
    }
    put_file (world, "ci.yml", &text);
    project (world);
    play (world, 250);
}

TEST_ON_ENGINES (a_matrix_of_calls_runs_to_its_end)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  call:\n    strategy:\n      max-parallel: 7\n      matrix:\n"
                   "        a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n        b: [0, 1, 2, 3, 4]\n    " CALL
                   "b.yml\n");
    world_file (world, "b.yml",
                "on: workflow_call\njobs:\n  a: {" STEPS "}\n  b: {needs: a, " STEPS
                "}\n  c: {needs: b, " STEPS "}\n");
    project (world);
    play (world, 150);
}

#ifdef __SANITIZE_THREAD__ // So slow that PostgreSQL would end its transaction, which may be idle for 2.5 s
#define CALLING_JOBS 200
#else
#define CALLING_JOBS 900
#endif

TEST_ON_ENGINES (a_chain_of_skipped_jobs_that_call_workflows_ends_at_once)
{
    buffer_t *text = text_of (ON "jobs:\n  j0: {" CALL "b.yml}\n");
    for (int i = 1; i < CALLING_JOBS; i++)
        buffer_printf (text, "  j%d: {needs: j%d, if: always(), " CALL "b.yml}\n", i, i - 1);
    put_file (world, "ci.yml", &text);
    world_file (world, "b.yml", "on: workflow_call\njobs: {b: {if: false, " STEPS "}}\n");
    project (world);
    run_t run = trigger (world);
    CHECK_INT (run.jobs.count, 2 * CALLING_JOBS);
    CHECK_INT (run.state, run_finished);
    CHECK_INT (run.result, result_skipped);
}

TEST_ON_ENGINES (calls_that_would_make_too_many_jobs_are_refused_with_the_number_and_nothing_is_written)
{
    for (int i = 1; i <= 3; i++) {
        buffer_t *text = text_of ("on: [workflow_dispatch, workflow_call]\njobs:\n");
        for (int j = 0; j < 20; j++)
            buffer_printf (text, "  a%d: {" CALL "call%d.yml}\n", j, i + 1);
        put_file (world, arena_printf (world->arena, "call%d.yml", i), &text);
    }
    world_file (world, "call4.yml", "on: [workflow_dispatch, workflow_call]\njobs: {a: {" STEPS "}}\n");
    project (world);
    run_t run;
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .workflow = "call1.yml"), INVALID);
    CHECK_STR (
        world->turn.detail,
        ".github/workflows/call1.yml:1:1: a run of it has 16420 jobs, with all that they call; at most 5000");
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "call3.yml");
    CHECK_INT (run.number, 1);
    CHECK_INT (run.jobs.count, 40);
}

#define MATRIX_256 \
    "strategy: {matrix: {a: [0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f], b: [0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f]}}"

TEST_ON_ENGINES (matrices_that_make_too_many_jobs_are_refused_and_later_fail_with_the_number)
{
    buffer_t *text = text_of (ON "jobs:\n");
    for (int i = 0; i < 25; i++)
        buffer_printf (text, "  m%d: {" MATRIX_256 ", " STEPS "}\n", i);
    put_file (world, "ci.yml", &text);
    text = text_of (ON "jobs:\n  first: {" STEPS "}\n");
    for (int i = 0; i < 25; i++)
        buffer_printf (text, "  m%d: {needs: first, " MATRIX_256 ", " STEPS "}\n", i);
    put_file (world, "later.yml", &text);
    project (world);
    run_t run;
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml"), INVALID);
    CHECK (strstr (world->turn.detail, ".github/workflows/ci.yml:"));
    CHECK (strstr (world->turn.detail, "; at most 5000"));
    fake_agent_t ada = agent (world, "ada", "linux");
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "later.yml");
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_success);
    run = run_of (world, run.id); // It can be shown
    CHECK (run.jobs.count <= RUN_JOBS);
    const job_t *last = job_of (&run, "m24");
    CHECK_INT (last->result, result_failure);
    CHECK (strstr (last->reason, "; at most 5000"));
    MUST (world, run_cancel, &run, .run = run.id, .hard = true); // and cancelled
    CHECK (take (world, &ada) || true);
    CHECK_INT (run.jobs.count > 4000, true);
}

TEST_ON_ENGINES (a_job_that_could_not_be_shown_is_refused_with_its_location)
{
    run_t run;
    buffer_t *text = text_of (ON "jobs:\n");
    for (int i = 0; i < 257; i++)
        buffer_printf (text, "  j%d: {" STEPS "}\n", i);
    buffer_puts (text, "  last:\n    needs: [j0");
    for (int i = 1; i < 257; i++)
        buffer_printf (text, ", j%d", i);
    buffer_puts (text, "]\n    runs-on: linux\n    steps: [{run: make}]\n");
    put_file (world, "ci.yml", &text);
    project (world);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK (strstr (world->turn.detail, ".github/workflows/ci.yml:261:"));
    CHECK (strstr (world->turn.detail, "job \"last\" needs 257 jobs; at most 256"));
    text = text_of (ON "jobs:\n  a:\n    runs-on: ");
    for (int i = 0; i < 4097; i++)
        buffer_puts (text, "x");
    buffer_puts (text, "\n    steps: [{run: make}]\n");
    put_file (world, "ci.yml", &text);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK (strstr (world->turn.detail, ".github/workflows/ci.yml:3:3: job \"a\": "));
    CHECK (strstr (world->turn.detail, "labels"));
    world_file (world, "ci.yml",
                "on: push\njobs:\n  a: {runs-on: linux, steps: [{run: make}],"
                " strategy: {matrix: {x: ['${{ github.event.x }}'], y: ['${{ github.event.x }}']}}}\n");
    text = text_of ("{\"x\":\"");
    for (int i = 0; i < 600 << 10; i++)
        buffer_putc (text, 'x');
    buffer_puts (text, "\"}");
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .payload = buffer_text (text));
    CHECK_INT (runs.items.count, 0);
    CHECK_INT (runs.skipped.count, 1);
    CHECK (strstr (runs.skipped.items[0].reason, "matrix"));
    world_file (world, "ci.yml",
                "on: push\njobs:\n  a: {runs-on: linux, steps: [{run: make}],"
                " strategy: {matrix: {x: ['${{ github.event.x }}']}}}\n");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .payload = buffer_text (text));
    CHECK_INT (runs.skipped.count, 1);
    CHECK (strstr (runs.skipped.items[0].reason, "what an agent is offered"));
    buffer_destroy (&text);
}

TEST_ON_ENGINES (a_file_with_more_keys_than_a_map_may_have_is_refused_with_its_location)
{
    buffer_t *text = text_of ("on: workflow_dispatch\nenv:\n");
    for (int i = 0; i < 60000; i++)
        buffer_printf (text, "  K%d: v\n", i);
    buffer_puts (text, "jobs: {a: {" STEPS "}}\n");
    put_file (world, "ci.yml", &text);
    project (world);
    run_t run;
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK_STR (world->turn.detail,
               ".github/workflows/ci.yml:1003:3: environment variables: 60000 keys; at most 1000");
}

TEST_ON_ENGINES (a_large_file_is_read_beside_the_scheduler_and_runs_like_any_other)
{
    buffer_t *text = text_of ("on: [push, workflow_dispatch]\njobs:\n  a:\n    runs-on: linux\n    steps:\n");
    for (int i = 0; i < 900; i++)
        buffer_printf (text, "      - run: make %100d and one more of %d\n", i, i);
    CHECK (buffer_size (text) > 100 << 10);
    put_file (world, "ci.yml", &text);
    world_file (world, "call.yml", ON "jobs: {call: {" CALL "big.yml}}\n");
    text = text_of ("on: workflow_call\njobs:\n  b:\n    runs-on: linux\n    steps:\n");
    for (int i = 0; i < 900; i++)
        buffer_printf (text, "      - run: make %100d and another of %d\n", i, i);
    put_file (world, "big.yml", &text);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "a");
    CHECK (strstr (ada.offer.definition, "one more of 899"));
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success);
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "call.yml");
    CHECK_STR (takes (world, &ada), "call / b");
    CHECK (strstr (ada.offer.definition, "another of 899"));
    text = text_of (ON "jobs:\n  a:\n    stops: []\n");
    while (buffer_size (text) <= 64 << 10)
        buffer_puts (text, "# more\n");
    put_file (world, "ci.yml", &text);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml"), INVALID);
    CHECK (strstr (world->turn.detail, ".github/workflows/ci.yml:4:5: unknown key"));
}

TEST_ON_ENGINES (a_file_that_an_upgrade_reads_more_strictly_ends_its_jobs_and_the_run)
{
    world_file (world, "ci.yml", ON "jobs: {a: {" STEPS "}, b: {needs: a, " STEPS "}}\n");
    world_file (world, "call.yml", ON "jobs: {call: {" CALL "b.yml}}\n");
    world_file (world, "b.yml", "on: workflow_call\njobs: {b: {" STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), calls;
    CHECK_STR (takes (world, &ada), "a");
    MUST (world, run_trigger, &calls, .project = "demo", .workflow = "call.yml");
    world_sql (world, "update run_texts set source = 'on: workflow_dispatch'");
    world_sql (world, "update run_files set source = 'on: workflow_call'");
    world_restart (world);
    ends (world, &ada, result_success);
    run = run_of (world, run.id);
    CHECK_INT (job_of (&run, "b")->result, result_failure);
    CHECK (strstr (job_of (&run, "b")->reason, ".github/workflows/ci.yml:1:"));
    CHECK_STR (run_text (world, run.id), "finished failure");
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_success);
    calls = run_of (world, calls.id);
    CHECK_INT (job_of (&calls, "call")->result, result_failure);
    CHECK_STR (run_text (world, calls.id), "finished failure");
}
