/* steps.c - what one step sees of the others: variables, contexts, files, commands, and what a cancel does to it. */

#include "common/base/clock.h"
#include "tests/unit/agent/engine/job_world.h"

TEST (the_job_begins_and_ends_with_rows_of_its_own)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"true\"}]");
    CHECK_STR (world.steps[0].name, "Set up job");
    CHECK_INT (world.steps[0].state, step_finished);
    CHECK_INT (world.step_count, 2);
    CHECK_STR (world.steps[2].name, "Complete job");
    CHECK_STR (outcome (&world, 2), "success");
    world_end (&world);
}

TEST (a_condition_sees_the_env_of_its_own_step)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"if\":\"env.A == 'x'\",\"env\":{\"A\":\"x\"},\"run\":\"true\"},"
                 "{\"if\":\"env.A == 'x'\",\"run\":\"true\"}]");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (outcome (&world, 2), "skipped");
    world_end (&world);
}

TEST (a_variable_of_a_step_is_not_seen_by_the_others_of_that_step)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"env\":{\"A\":\"job\"},\"steps\":[{\"env\":{\"A\":\"own\",\"B\":\"${{ env.A }}\"},"
                 "\"run\":\"echo \\\"[$A][$B]\\\"\"}]");
    CHECK (logged (&world, "\n[own][job]\n"));
    world_end (&world);
}

TEST (default_variables_cannot_be_replaced_and_any_other_name_can_be_set)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"env\":{\"GITHUB_WORKSPACE\":\"/nope\",\"RUNNER_TEMP\":\"/nope\"},\"steps\":["
        "{\"run\":\"echo GITHUB_JOB=x >> $GITHUB_ENV; echo GITHUB_TOKEN=t >> $GITHUB_ENV; "
        "echo NODE_OPTIONS=--x >> $GITHUB_ENV; echo node_options=--x >> $GITHUB_ENV; echo AFTER=a >> $GITHUB_ENV\"},"
        "{\"env\":{\"GITHUB_ACTION\":\"x\"},\"id\":\"me\",\"run\":\"test $GITHUB_WORKSPACE = ${{ github.workspace }}; "
        "test $RUNNER_TEMP = ${{ runner.temp }}; "
        "echo \\\"<${GITHUB_ACTION_REF-none}${GITHUB_ACTION_REPOSITORY-none}>\\\"; "
        "echo \\\"[$GITHUB_JOB][${{ env.GITHUB_JOB }}][$GITHUB_TOKEN][$NODE_OPTIONS$node_options][$AFTER][$GITHUB_ACTION]\\\"\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n<>\n[k][x][t][][a][me]\n"));
    CHECK (logged (&world, "##[error]NODE_OPTIONS may not be set for later steps"));
    world_end (&world);
}

TEST (steps_without_an_id_are_in_no_context_and_a_step_is_not_in_its_own)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"run\":\"false\",\"continue-on-error\":true},{\"id\":\"a\",\"if\":\"steps.a == null\","
         "\"run\":\"true\"},{\"run\":\"echo '${{ toJSON(steps.*.outcome) }}' | tr -d ' \\\\n'; echo\"}]");
    CHECK_STR (outcome (&world, 2), "success");
    CHECK (logged (&world, "\n[\"success\"]\n"));
    world_end (&world);
}

TEST (deprecated_commands_that_github_serves_are_served)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"outputs\":{\"v\":\"${{ steps.s.outputs.v }}\"},\"steps\":["
         "{\"id\":\"s\",\"run\":\"echo '::set-output name=v::a%0Ab'; echo '::set-output name=w::2'\"}]");
    CHECK_STR (world.result.outputs, "{\"v\":\"a\\nb\"}");
    const char *first = strstr (buffer_text (world.log), "##[warning]The `set-output` command is deprecated");
    CHECK (first && !strstr (first + 1, "##[warning]"));
    world_end (&world);
}

TEST (commands_that_set_variables_fail_a_step_unless_they_are_allowed)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"continue-on-error\":true,\"run\":\"echo ::set-env name=X::1\"},"
         "{\"continue-on-error\":true,\"run\":\"echo ::add-path::/x\"},{\"run\":\"echo \\\"[$X]\\\"\"}]");
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK_STR (outcome (&world, 2), "failure");
    CHECK (logged (&world, "##[error]The `set-env` command is disabled") && logged (&world, "\n[]\n"));
    run (&world, "\"env\":{\"ACTIONS_ALLOW_UNSECURE_COMMANDS\":true},\"steps\":["
                 "{\"run\":\"echo ::set-env name=X::1; echo ::add-path::/x/y\"},"
                 "{\"run\":\"echo \\\"[$X][${PATH%%:*}]\\\"\"}]");
    CHECK (logged (&world, "\n[1][/x/y]\n"));
    world_end (&world);
}

TEST (what_an_earlier_steps_process_writes_reaches_no_other_step)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"(until test -e go; do sleep 0.01; done; echo leaked=1 >> $GITHUB_OUTPUT; "
        "echo LEAK=1 >> $GITHUB_ENV; touch done) > /dev/null 2>&1 &\"},"
        "{\"id\":\"two\",\"run\":\"touch go; until test -e done; do sleep 0.01; done\"},"
        "{\"run\":\"echo \\\"[${{ steps.two.outputs.leaked }}][$LEAK]\\\"\"},"
        "{\"continue-on-error\":true,\"run\":\"rm -f $GITHUB_OUTPUT; mkdir $GITHUB_OUTPUT\"},"
        "{\"id\":\"five\",\"run\":\"echo x=1 >> $GITHUB_OUTPUT\"},{\"run\":\"echo five ${{ steps.five.outputs.x }}\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n[][]\n") && logged (&world, "\nfive 1\n"));
    world_end (&world);
}

TEST (lines_before_a_wrong_line_of_a_command_file_count)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"continue-on-error\":true,\"run\":\"echo A=1 >> $GITHUB_ENV; echo nonsense >> $GITHUB_ENV; "
        "echo x=1 >> $GITHUB_OUTPUT\",\"id\":\"a\"},{\"run\":\"echo \\\"[$A][${{ steps.a.outputs.x }}]\\\"\"}]");
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK (logged (&world, "##[error]GITHUB_ENV: line 2: \"nonsense\""));
    CHECK (logged (&world, "\n[1][1]\n"));
    world_end (&world);
}

TEST (a_cancel_leaves_a_step_alone_whose_condition_still_holds)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    run (
        &world,
        "\"steps\":[{\"if\":\"always()\",\"run\":\"echo; echo ready; sleep 1; echo went on\"},{\"run\":\"true\"}]");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (outcome (&world, 2), "skipped");
    CHECK (logged (&world, "\nwent on\n"));
    CHECK_INT (world.result.result, result_cancelled);
    world_end (&world);
}

TEST (a_process_that_ignores_an_interrupt_is_terminated_after_a_while)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    int64_t began = clock_monotonic_us ();
    run (
        &world,
        "\"steps\":[{\"shell\":\"python3 {0}\",\"run\":\"import signal, sys\\nsignal.signal (signal.SIGINT, signal.SIG_IGN)\\n"
        "def end (*_):\\n  print ('terminated', flush=True)\\n  sys.exit (0)\\nsignal.signal (signal.SIGTERM, end)\\n"
        "print ('\\\\nready', flush=True)\\nwhile True: signal.pause ()\"}]");
    CHECK_STR (outcome (&world, 1), "cancelled");
    CHECK (logged (&world, "\nterminated\n"));
    CHECK (clock_monotonic_us () - began >= MILLISECONDS (7500));
    world_end (&world);
}

TEST (past_the_bound_on_open_pipes_the_oldest_is_closed_and_nothing_killed)
{
    world_t world;
    world_begin (&world);
    buffer_t *text = buffer_new (1 << 20);
    buffer_printf (text, "\"steps\":[{\"run\":\"mkfifo go\"},");
    for (int i = 0; i < 34; i++) // Each waits until somebody opens the pipe to write to it
        buffer_printf (text, "{\"run\":\"(: < go; echo x > ok%d) & echo $! > pid%d\"},", i, i);
    buffer_printf (
        text,
        "{\"run\":\"for i in 0 33; do kill -0 $(cat pid$i); done; : > go; until test -e ok0 -a -e ok33; "
        "do sleep 0.1; done; echo all alive\"}]");
    run (&world, buffer_text (text));
    CHECK (logged (&world, "\nall alive\n"));
    buffer_destroy (&text);
    world_end (&world);
}

TEST (a_cancelled_job_ends_within_its_cancel_timeout)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    run (
        &world,
        "\"cancel-timeout-minutes\":0.01,\"steps\":[{\"run\":\"echo; echo ready; sleep 30\"},"
        "{\"if\":\"always()\",\"run\":\"echo cleans; sleep 30; echo never\"},{\"if\":\"always()\",\"run\":\"echo never\"}]");
    CHECK_STR (outcome (&world, 2), "cancelled");
    CHECK_STR (outcome (&world, 3), "skipped");
    CHECK (logged (&world, "\ncleans\n") && !logged (&world, "\nnever\n"));
    CHECK_INT (world.result.result, result_cancelled);
    world_end (&world);
}

TEST (what_steps_set_for_later_ones_is_bounded_and_fails_the_step_that_is_too_much)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"continue-on-error\":true,\"run\":\"yes a | head -c 1000000 >> $GITHUB_PATH\"},"
         "{\"if\":\"always()\",\"run\":\"echo goes on\"}]");
    CHECK (logged (
        &world,
        "##[error]the variables, paths and state of this job's steps are larger than 16777216 bytes\n"));
    CHECK (logged (&world, "\ngoes on\n"));
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK (arena_used (world.arena) < 64 << 20);
    world_end (&world);
}

TEST (a_command_file_past_its_bound_fails_its_step)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"continue-on-error\":true,\"run\":\"(printf A=; head -c 1048575 /dev/zero | tr '\\\\0' x) >> "
        "$GITHUB_STATE\"},"
        "{\"run\":\"(printf A=; head -c 1048574 /dev/zero | tr '\\\\0' x) >> $GITHUB_STATE\"}]");
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK (logged (&world, "##[error]GITHUB_STATE: it has 1048577 bytes, more than 1048576"));
    CHECK_STR (outcome (&world, 2), "success");
    world_end (&world);
}

static const char *many_steps (arena_t *arena, size_t count)
{
    static const char step[] = "{\"run\":\":\",\"shell\":\"sh\"},";
    buffer_t *text = buffer_new (1 << 20);
    buffer_puts (text, "\"steps\":[");
    for (size_t i = 0; i < count; i++)
        buffer_add (text, step, i + 1 < count ? sizeof step - 1 : sizeof step - 2);
    buffer_puts (text, "]");
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

TEST (a_thousand_steps_run_and_more_are_refused_before_the_first)
{
    world_t world;
    world_begin (&world);
    run (&world, many_steps (world.arena, ENGINE_STEPS));
    CHECK_INT (world.result.result, result_success);
    CHECK_INT (world.step_count, ENGINE_STEPS + 1);
    world_end (&world);
    world_begin (&world);
    run (&world, many_steps (world.arena, 10000));
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "the job's definition is not valid: more than 1000 steps in one job");
    CHECK_INT (world.step_count, 0);
    world_end (&world);
}
