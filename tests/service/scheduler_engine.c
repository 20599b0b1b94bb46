/* The run engine on each engine of databases: what a run that moves must never do, whatever ends, waits, is cancelled or runs again. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ON    "on: workflow_dispatch\n"
#define STEPS "runs-on: linux, steps: [{run: make}]"

static job_t cancel_job (world_t *world, const char *run, const char *name)
{
    job_t job;
    run_t shown = run_of (world, run);
    MUST (world, job_cancel, &job, .job = job_of (&shown, name)->id);
    return job;
}

TEST_ON_ENGINES (a_cell_that_is_cancelled_by_itself_lets_the_next_one_begin)
{
    world_file (world, "ci.yml",
                ON "jobs: {t: {strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}, " STEPS "}}\n");
    project (world);
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "t (2)", "pending");
    cancel_job (world, run.id, "t (1)");
    CHECK_JOB (world, run.id, "t (2)", "queued");
    CHECK_JOB (world, run.id, "t (3)", "pending");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "t (2)");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "t (3)");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
}

TEST_ON_ENGINES (a_cell_that_waits_for_its_group_counts_as_begun_and_claims_it_once)
{
    world_file (world, "ci.yml",
                ON
                "jobs:\n  t:\n    strategy: {max-parallel: 2, matrix: {env: [eu, us, asia]}}\n"
                "    concurrency: deploy-${{ matrix.env }}\n    runs-on: linux\n    steps: [{run: make}]\n");
    world_file (world, "us.yml",
                ON "jobs: {us: {concurrency: deploy-us, runs-on: gpu, steps: [{run: make}]}}\n");
    project (world);
    run_t holder;
    MUST (world, run_trigger, &holder, .project = "demo", .workflow = "us.yml");
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "t (eu)", "queued");
    CHECK_JOB (world, run.id, "t (us)", "pending");
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "t (us)")->wait_reason,
               "the concurrency group deploy-us is held by job us of run 1");
    CHECK_STR (job_of (&run, "t (asia)")->wait_reason, "max-parallel: 2 of its matrix run");
    fake_agent_t ada = agent (world, "ada", "gpu");
    CHECK_STR (takes (world, &ada), "us");
    fake_agent_t bob = agent (world, "bob", "linux");
    CHECK_STR (takes (world, &bob), "t (eu)");
    ends (world, &bob, result_success);
    CHECK_JOB (world, run.id, "t (eu)", "finished success");
    CHECK_STR (takes (world, &bob), "t (asia)");
    ends (world, &bob, result_success);
    CHECK_STR (takes (world, &bob), "");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &bob), "t (us)");
    ends (world, &bob, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_rerun_of_one_run_leaves_those_that_wait_for_its_queue_alone)
{
    world_file (world, "ci.yml", ON "concurrency: {group: deploy, queue: max}\njobs: {a: {" STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t old = trigger (world);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    run_t holder = trigger (world), again;
    world_turn (world, 1); // Who came first is a matter of time
    run_t second = trigger (world);
    world_turn (world, 1);
    run_t third = trigger (world);
    world_turn (world, 1);
    CHECK_STR (takes (world, &ada), "a");
    MUST (world, run_rerun, &again, .run = old.id);
    CHECK_INT (again.state, run_pending);
    CHECK_STR (again.wait_reason, "the concurrency group deploy is held by run 2");
    CHECK_STR (run_text (world, second.id), "pending");
    CHECK_STR (run_text (world, third.id), "pending");
    const char *order[] = {holder.id, second.id, third.id, old.id};
    for (size_t i = 0; i < 4; i++) {
        CHECK_STR (ada.offer.run, order[i]);
        ends (world, &ada, result_success);
        CHECK_STR (run_text (world, order[i]), "finished success");
        CHECK (take (world, &ada) || i == 3);
    }
}

TEST_ON_ENGINES (a_rerun_of_a_cancelled_run_is_not_cancelled_and_waits_for_its_group)
{
    world_file (world, "ci.yml", ON "concurrency: deploy\njobs: {a: {" STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), cancelled, again;
    MUST (world, run_cancel, &cancelled, .run = run.id, .hard = true);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
    run_t holder = trigger (world);
    CHECK (run_of (world, run.id).finished_at > 0);
    MUST (world, run_rerun, &again, .run = run.id);
    CHECK_INT (run_of (world, run.id).finished_at, 0); // It has not ended yet
    CHECK_STR (again.wait_reason, "the concurrency group deploy is held by run 2");
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.run, holder.id);
    ends (world, &ada, result_success);
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.run, run.id);
    begins (world, &ada);
    MUST (world, run_cancel, &cancelled, .run = run.id); // It may be cancelled once more
    CHECK_INT (beats (world, &ada), order_cancel);
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_rerun_of_what_failed_takes_cancelled_jobs_along)
{
    world_file (world, "ci.yml", ON "jobs: {a: {" STEPS "}, b: {" STEPS "}}\n");
    project (world);
    run_t run = trigger (world), again;
    fake_agent_t ada = agent (world, "ada", "linux");
    cancel_job (world, run.id, "b");
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success);
    MUST (world, run_rerun, &again, .run = run.id, .only = "failed");
    CHECK_STR (job_text (world, run.id, "a"), "finished success");
    CHECK_STR (takes (world, &ada), "b");
}

TEST_ON_ENGINES (a_rerun_in_which_a_calling_job_is_skipped_ends)
{
    world_file (world, "ci.yml",
                ON "concurrency: one\njobs:\n  first: {" STEPS "}\n"
                   "  sub: {needs: first, uses: ./.github/workflows/b.yml}\n");
    world_file (world, "b.yml", "on: workflow_call\njobs: {r1: {" STEPS "}, r2: {needs: r1, " STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), again;
    static const char *const names[] = {"first", "sub / r1", "sub / r2"};
    for (size_t i = 0; i < 3; i++) {
        CHECK_STR (takes (world, &ada), names[i]);
        ends (world, &ada, result_success);
    }
    MUST (world, run_rerun, &again, .run = run.id, .only = "all");
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_failure);
    CHECK_JOB (world, run.id, "sub", "finished skipped");
    CHECK_JOB (world, run.id, "sub / r1", "finished skipped");
    CHECK_JOB (world, run.id, "sub / r2", "finished skipped");
    CHECK_STR (run_text (world, run.id), "finished failure");
    run_t next = trigger (world); // Its group is free again
    CHECK_STR (run_text (world, next.id), "running");
}

static const char *moves_after (world_t *world, const char *run, int64_t cursor)
{
    const char *text = "";
    events_t events;
    MUST (world, events_read, &events, .after = cursor, .run = run);
    for (size_t i = 0; i < events.items.count; i++)
        if (strcmp (events.items.items[i].type, "run.state") == 0)
            text = arena_printf (world->arena, "%s %s", text, events.items.items[i].state);
    return text;
}

TEST_ON_ENGINES (a_rerun_emits_its_start_even_if_it_waits_or_ends_at_once)
{
    world_file (world, "ci.yml",
                ON "concurrency: one\njobs:\n  a: {" STEPS "}\n  b: {needs: a, if: failure(), " STEPS "}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), again;
    events_t events;
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success);
    run_t shown = run_of (world, run.id);
    const char *b = job_of (&shown, "b")->id;
    MUST (world, events_read, &events, .after = -1);
    MUST (world, run_rerun, &again, .run = run.id, .only = "job", .job = b); // It is skipped again
    CHECK_STR (moves_after (world, run.id, events.cursor), " pending finished");
    run_t holder = trigger (world);
    MUST (world, events_read, &events, .after = -1);
    MUST (world, run_rerun, &again, .run = run.id);
    CHECK_STR (moves_after (world, run.id, events.cursor), " pending");
    CHECK_STR (takes (world, &ada), "a");
    CHECK_STR (ada.offer.run, holder.id);
    ends (world, &ada, result_success);
    CHECK_STR (moves_after (world, run.id, events.cursor), " pending running");
}

TEST_ON_ENGINES (a_run_that_is_cancelled_while_it_waits_ends_wholly)
{
    world_file (world, "ci.yml",
                ON "concurrency: one\njobs:\n  a: {" STEPS "}\n  tidy: {needs: a, if: always(), " STEPS
                   "}\n");
    project (world);
    run_t holder = trigger (world), waits = trigger (world), shown;
    (void) holder;
    MUST (world, run_cancel, &shown, .run = waits.id);
    CHECK_JOB (world, waits.id, "a", "finished cancelled");
    CHECK_JOB (world, waits.id, "tidy", "finished cancelled");
    CHECK_STR (run_text (world, waits.id), "finished cancelled");
}

TEST_ON_ENGINES (a_run_that_only_waited_leaves_its_group_without_releasing_the_next)
{
    world_file (world, "ci.yml", ON "concurrency: {group: one, queue: max}\njobs: {a: {" STEPS "}}\n");
    project (world);
    run_t holder = trigger (world), second = trigger (world), third = trigger (world), shown;
    MUST (world, run_cancel, &shown, .run = second.id);
    CHECK_STR (run_text (world, second.id), "finished cancelled");
    CHECK_STR (run_text (world, holder.id), "running");
    CHECK_STR (run_text (world, third.id), "pending");
}

TEST_ON_ENGINES (a_waiting_run_that_is_replaced_never_begins)
{
    world_file (world, "ci.yml", ON "concurrency: one\njobs: {a: {" STEPS "}}\n");
    world_file (world, "new.yml",
                ON "concurrency: {group: one, cancel-in-progress: true}\njobs: {a: {" STEPS "}}\n");
    project (world);
    run_t holder = trigger (world), waits = trigger (world), newest;
    events_t events;
    MUST (world, events_read, &events, .after = -1);
    int64_t cursor = events.cursor;
    MUST (world, run_trigger, &newest, .project = "demo", .workflow = "new.yml");
    CHECK_STR (run_text (world, holder.id), "finished cancelled");
    CHECK_STR (run_text (world, waits.id), "finished cancelled");
    CHECK_INT (newest.state, run_running);
    MUST (world, events_read, &events, .after = cursor, .run = waits.id);
    for (size_t i = 0; i < events.items.count; i++)
        CHECK_STR (events.items.items[i].state, "finished");
}

TEST_ON_ENGINES (a_job_that_would_wait_for_the_group_of_its_own_run_or_caller_is_cancelled)
{
    world_file (world, "ci.yml",
                ON "concurrency: deploy\njobs: {a: {concurrency: Deploy, " STEPS "}, b: {" STEPS "}}\n");
    world_file (world, "call.yml", ON "jobs: {call: {concurrency: one, uses: ./.github/workflows/b.yml}}\n");
    world_file (world, "b.yml", "on: workflow_call\njobs: {b: {concurrency: one, " STEPS "}}\n");
    project (world);
    run_t run = trigger (world), calls;
    CHECK_JOB (world, run.id, "a", "finished cancelled");
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "a")->reason, "its run holds the same concurrency group, and waits for it");
    MUST (world, run_trigger, &calls, .project = "demo", .workflow = "call.yml");
    CHECK_STR (run_text (world, calls.id), "finished cancelled");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "b");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
}

TEST_ON_ENGINES (a_job_that_would_close_a_circle_of_groups_over_two_runs_is_cancelled)
{
    world_file (world, "one.yml",
                ON "concurrency: a\njobs:\n  first: {" STEPS "}\n  x: {needs: first, concurrency: b, " STEPS
                   "}\n");
    world_file (world, "two.yml",
                ON "concurrency: b\njobs:\n  first: {" STEPS "}\n  y: {needs: first, concurrency: a, " STEPS
                   "}\n");
    project (world);
    run_t one, two;
    MUST (world, run_trigger, &one, .project = "demo", .workflow = "one.yml");
    MUST (world, run_trigger, &two, .project = "demo", .workflow = "two.yml");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_success);
    CHECK_JOB (world, one.id, "x", "pending"); // It waits for run 2, which may end yet
    CHECK_STR (takes (world, &ada), "first");
    ends (world, &ada, result_success);
    CHECK_JOB (world, two.id, "y", "finished cancelled");
    two = run_of (world, two.id);
    CHECK_STR (job_of (&two, "y")->reason,
               "a deadlock of concurrency groups: a is held by run 1, which waits for b, held by its run");
    CHECK_STR (run_text (world, two.id), "finished cancelled");
    CHECK_STR (takes (world, &ada), "x");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, one.id), "finished success");
}

TEST_ON_ENGINES (a_circle_of_groups_over_three_runs_and_a_call_is_seen_and_no_other_is_imagined)
{
    world_file (world, "b.yml",
                "on: {workflow_call: {inputs: {group: {type: string}}}}\njobs:\n  first: {" STEPS "}\n"
                "  in: {needs: first, concurrency: '${{ inputs.group }}', " STEPS "}\n");
    world_file (world, "one.yml",
                ON "jobs: {call: {concurrency: a, uses: ./.github/workflows/b.yml, with: {group: b}}}\n");
    world_file (world, "two.yml", // Beside what holds b a job waits for a group: that is no circle
                ON "jobs:\n  call: {concurrency: b, uses: ./.github/workflows/b.yml, with: {group: c}}\n"
                   "  beside: {concurrency: a, " STEPS "}\n");
    world_file (world, "three.yml",
                ON "concurrency: c\njobs:\n  first: {" STEPS "}\n"
                   "  z: {needs: first, concurrency: a, " STEPS "}\n");
    project (world);
    run_t one, two, three;
    MUST (world, run_trigger, &one, .project = "demo", .workflow = "one.yml");
    world_turn (world, 1); // Who came first is a matter of time
    MUST (world, run_trigger, &two, .project = "demo", .workflow = "two.yml");
    world_turn (world, 1);
    CHECK_JOB (world, two.id, "beside", "pending");
    MUST (world, run_trigger, &three, .project = "demo", .workflow = "three.yml");
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i < 3; i++) {
        CHECK (take (world, &ada));
        ends (world, &ada, result_success);
    }
    CHECK_STR (run_text (world, three.id), "finished cancelled");
    CHECK_JOB (world, one.id, "call / in", "pending");
    CHECK_JOB (world, two.id, "call / in", "assigned"); // The circle is open
    three = run_of (world, three.id);
    CHECK_STR (job_of (&three, "z")->reason,
               "a deadlock of concurrency groups: a is held by job call of run 1, which waits for b, held by"
               " job call of run 2, which waits for c, held by its run");
    static const char *const order[] = {"call / in", "call / in", "beside"};
    for (int i = 0; i < 3; i++) {
        CHECK_STR (takes (world, &ada), order[i]);
        ends (world, &ada, result_success);
    }
    CHECK_STR (run_text (world, one.id), "finished success");
    CHECK_STR (run_text (world, two.id), "finished success");
}

TEST_ON_ENGINES (a_failure_that_is_forgiven_does_not_stop_the_other_cells)
{
    world_file (world, "ci.yml",
                ON "jobs: {t: {continue-on-error: true, strategy: {matrix: {n: [1, 2]}}, " STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "t (1)");
    ends (world, &ada, result_failure);
    CHECK_STR (takes (world, &ada), "t (2)");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_trigger_that_is_refused_writes_nothing)
{
    world_file (world, "ci.yml",
                "on: {workflow_dispatch: {inputs: {n: {type: number}}}}\njobs: {a: {" STEPS "}}\n");
    project (world);
    run_t run;
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .inputs = "{\"n\":\"many\"}"), INVALID);
    MUST (world, run_trigger, &run, .project = "demo");
    CHECK_INT (run.number, 1);
}

static const char *long_input (world_t *world, int size)
{
    char *text = arena_alloc (world->arena, (size_t) size + 1);
    memset (text, 'x', (size_t) size);
    text[size] = '\0';
    return arena_printf (world->arena, "{\"n\":\"%s\"}", text);
}

TEST_ON_ENGINES (inputs_that_no_agent_could_be_offered_are_refused_with_their_size)
{
    world_file (world, "ci.yml",
                "on: {workflow_dispatch: {inputs: {n: {type: string}}}}\njobs: {a: {" STEPS "}}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run;
    // Each job has them twice: as inputs, and in its event
    MUST (world, run_trigger, &run, .project = "demo", .inputs = long_input (world, 400 << 10));
    CHECK_STR (takes (world, &ada), "a");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .inputs = long_input (world, 600 << 10)),
               INVALID);
    CHECK (strstr (world->turn.detail, "job \"a\": its event, inputs, matrix and the outputs"));
    CHECK (strstr (world->turn.detail, "at most 1048576 fit what an agent is offered"));
    CHECK_INT (world_number (world, "select count (*) from runs"), 1);
}

// {"x": [[[...]]]}, so many levels in all.
static const char *nested (world_t *world, int levels)
{
    char *text = arena_alloc (world->arena, 2 * (size_t) levels);
    memset (text, '[', (size_t) levels - 1);
    memset (text + levels - 1, ']', (size_t) levels - 1);
    text[2 * levels - 2] = '\0';
    return arena_printf (world->arena, "{\"x\":%s}", text);
}

static fault_t trigger_nested (world_t *world, int levels, run_t *run)
{
    world_file (world, "ci.yml",
                arena_printf (world->arena,
                              ON "jobs:\n  a:\n    runs-on: linux\n    strategy:\n      matrix:\n"
                                 "        include: ${{ fromJSON('[%s]') }}\n    steps: [{run: make}]\n",
                              nested (world, levels)));
    return ASK (world, run_trigger, run, .project = "demo");
}

TEST_ON_ENGINES (what_is_nested_too_deeply_for_an_offer_is_refused_before_it)
{
    run_t run;
    job_offer_t read = {0};
    event_runs_t runs;
    buffer_t *text = buffer_new (1 << 20);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_INT (trigger_nested (world, MAX_NESTING, &run), OK);
    CHECK (take (world, &ada));
    message_print (MESSAGE (job_offer), &ada.offer, text);
    CHECK_INT (
        message_read (MESSAGE (job_offer), &world->turn, buffer_text (text), buffer_size (text), &read), OK);
    CHECK_INT (trigger_nested (world, MAX_NESTING + 1, &run), INVALID);
    CHECK (strstr (world->turn.detail, "job \"a\": its matrix is nested 27 deep; at most 26"));
    CHECK_INT (ASK (world, event_post, &runs, .project = "demo", .event = "push",
                    .payload = nested (world, MAX_NESTING)),
               OK);
    CHECK_INT (ASK (world, event_post, &runs, .project = "demo", .event = "push",
                    .payload = nested (world, MAX_NESTING + 1)),
               INVALID);
    CHECK_STR (world->turn.detail, "payload: nested 27 deep; at most 26");
    buffer_destroy (&text);
}

TEST_ON_ENGINES (what_another_replica_did_to_a_run_is_seen_with_its_next_event)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  a: {" STEPS "}\n  b: {" STEPS "}\n  x: {runs-on: moon, steps: [{run: make}]}\n"
                   "  last: {needs: x, " STEPS "}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "a");
    ends (world, &ada, result_success); // From now on the run is remembered
    world_sql (world, "update jobs set state = 'finished', result = 'success' where key = 'x'");
    world_sql (world, "update nodes set state = 'finished', result = 'success', outcome ="
                      " '{\"result\":\"success\",\"outputs\":{}}' where key = 'x'");
    world_sql (world, "update runs set version = version + 1");
    CHECK_STR (takes (world, &ada), "b");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "last");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (what_becomes_ready_and_is_stopped_at_once_never_waits_for_an_agent)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  call:\n    strategy: {matrix: {list: ['[1]', 'none']}}\n"
                   "    uses: ./.github/workflows/b.yml\n    with: {list: '${{ matrix.list }}'}\n");
    world_file (world, "b.yml",
                "on: {workflow_call: {inputs: {list: {type: string}}}}\njobs:\n"
                "  b: {strategy: {matrix: {n: '${{ fromJSON(inputs.list) }}'}}, " STEPS "}\n");
    project (world);
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "call (none)", "finished failure");
    CHECK_JOB (world, run.id, "call ([1]) / b (1)", "finished cancelled");
    CHECK_STR (run_text (world, run.id), "finished failure");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
}

TEST_ON_ENGINES (expressions_see_the_attempt_that_the_run_is_at)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  a: {" STEPS "}\n"
                   "  b: {needs: a, name: 'try ${{ github.run_attempt }}', " STEPS "}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), again;
    for (int i = 1; i <= 2; i++) {
        CHECK_STR (takes (world, &ada), "a");
        ends (world, &ada, result_success);
        CHECK_STR (takes (world, &ada), arena_printf (world->arena, "try %d", i));
        ends (world, &ada, result_success);
        if (i == 1)
            MUST (world, run_rerun, &again, .run = run.id);
    }
}

static const char *printed (world_t *world, const run_t *run)
{
    buffer_t *json = buffer_new (1 << 20);
    message_print (MESSAGE (run), run, json);
    const char *text = arena_strdup (world->arena, buffer_text (json));
    buffer_destroy (&json);
    return text;
}

// It is answered from what is about to be written, without being read again.
TEST_ON_ENGINES (the_answer_to_a_trigger_is_what_is_shown_of_the_run_afterwards)
{
    static const char *const files[] = {
        ON "jobs: {a: {" STEPS "}, b: {needs: a, strategy: {matrix: {x: [1, 2]}}, " STEPS "}}\n",
        ON "jobs:\n  a: {strategy: {max-parallel: 1, matrix: {x: [1, 2, 3]}}, " STEPS "}\n"
           "  b: {if: false, " STEPS "}\n  c: {needs: [a, b], concurrency: deploy, " STEPS "}\n",
        ON "concurrency: deploy\njobs: {a: {concurrency: one, timeout-minutes: 3, " STEPS
           "}, b: {concurrency: one, " STEPS "}}\n",
        ON "concurrency: deploy\njobs: {a: {" STEPS "}}\n",
        ON "jobs: {a: {if: false, " STEPS "}}\n",
    };
    world_file (world, "ci.yml", files[0]);
    project (world);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        world_file (world, "ci.yml", files[i]);
        run_t made = trigger (world), shown = run_of (world, made.id);
        CHECK_STR (printed (world, &made), printed (world, &shown));
    }
}
