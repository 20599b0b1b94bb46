/* engine.c - whole jobs, with real processes, against a sink that only listens. */

#include "agent/engine/engine.h"

#include "common/base/clock.h"
#include "tests/unit/agent/engine/job_world.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST (a_job_runs_its_steps_and_reports_how_they_ended)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"echo hello; echo there >&2\",\"name\":\"Say\"}]");
    CHECK_STR (printed (&world), "hello\nthere\n");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (world.result.reason, "");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (world.steps[1].name, "Say");
    CHECK (world.steps[1].started_us > 0 && world.steps[1].finished_us >= world.steps[1].started_us);
    world_end (&world);
}

TEST (a_failure_skips_what_follows_but_always_and_failure)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"exit 3\"},{\"run\":\"true\"},{\"run\":\"true\",\"if\":\"failure()\"},"
                 "{\"run\":\"true\",\"if\":\"always()\"},{\"run\":\"true\",\"if\":\"cancelled()\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_INT (world.steps[1].exit_code, 3);
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK_STR (outcome (&world, 2), "skipped");
    CHECK_STR (outcome (&world, 3), "success");
    CHECK_STR (outcome (&world, 4), "success");
    CHECK_STR (outcome (&world, 5), "skipped");
    CHECK (strstr (buffer_text (world.log), "##[error]Process completed with exit code 3.\n"));
    world_end (&world);
}

TEST (a_step_that_may_fail_fails_nothing)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"id\":\"a\",\"run\":\"false\",\"continue-on-error\":true},"
                 "{\"run\":\"echo ${{ steps.a.outcome }} ${{ steps.a.conclusion }} > $RUNNER_TEMP/x\"},"
                 "{\"run\":\"cat $RUNNER_TEMP/x\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK_INT (world.steps[1].conclusion, result_success);
    CHECK (strstr (buffer_text (world.log), "\nfailure success\n"));
    world_end (&world);
}

TEST (environment_files_reach_the_steps_that_follow)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"env\":{\"A\":\"job\"},\"outputs\":{\"both\":\"${{ steps.o.outputs.x }}-${{ steps.o.outputs.y }}\"},\"steps\":["
        "{\"id\":\"o\",\"run\":\"echo x=1 >> $GITHUB_OUTPUT; printf 'y<<E\\\\na b\\\\nE\\\\n' >> $GITHUB_OUTPUT; "
        "echo B=env >> $GITHUB_ENV; echo $RUNNER_TEMP/bin >> $GITHUB_PATH; echo hi >> $GITHUB_STEP_SUMMARY; "
        "mkdir $RUNNER_TEMP/bin; printf '#!/bin/sh\\\\necho tool\\\\n' > $RUNNER_TEMP/bin/tool; chmod +x $RUNNER_TEMP/bin/tool\"},"
        "{\"env\":{\"C\":\"${{ env.B }}!\"},\"run\":\"tool; echo [$A][$B][$C][${{ env.A }}]; wc -c < $GITHUB_OUTPUT\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (strstr (buffer_text (world.log), "\ntool\n[job][env][env!][job]\n0\n"));
    CHECK_STR (world.result.outputs, "{\"both\":\"1-a b\"}");
    world_end (&world);
}

TEST (what_github_promises_is_in_the_environment)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"run\":\"cat $GITHUB_EVENT_PATH; echo; echo $CI $GITHUB_ACTIONS $OPENCICD $GITHUB_REF "
         "$RUNNER_OS $RUNNER_NAME $GITHUB_JOB; test $PWD = $GITHUB_WORKSPACE\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (printed (&world), "{\n  \"a\": 1\n}\ntrue true true refs/heads/main Linux ada k\n");
    world_end (&world);
}

TEST (secrets_never_reach_the_log_the_names_or_the_outputs)
{
    world_t world;
    world_begin (&world);
    run_with (
        &world,
        "\"outputs\":{\"o\":\"${{ steps.a.outputs.o }}\",\"p\":\"plain\"},\"steps\":["
        "{\"id\":\"a\",\"name\":\"Use ${{ secrets.KEY }}\",\"run\":\"echo ${{ secrets.KEY }}; printf hunt; echo er2; "
        "echo o=hunter2 >> $GITHUB_OUTPUT\"},{\"run\":\"echo ::add-mask::later; echo later; exit 1\"}]",
        "{\"secrets\":{\"KEY\":\"hunter2\"}}");
    CHECK (strstr (buffer_text (world.log), "hunter2") == NULL);
    CHECK (strstr (buffer_text (world.log), "\n***\n***\n"));
    CHECK (strstr (buffer_text (world.log), "##[endgroup]\n***\n##[error]"));
    CHECK_STR (world.steps[1].name, "Use ***");
    CHECK_STR (world.result.outputs, "{\"p\":\"plain\"}");
    CHECK (logged (&world, "##[warning]The output o is withheld: its value may hold a secret\n"));
    world_end (&world);
}

TEST (the_log_of_a_step_begins_on_a_line_of_its_own)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"printf no-end\"},{\"run\":\"echo after\"}]");
    CHECK (logged (&world, "\nno-end\n##[group]Run echo after\n"));
    run (&world, "\"steps\":[{\"run\":\"printf last\"}]");
    CHECK (logged (&world, "\nlast")); // And nothing after it that it did not print
    CHECK (!logged (&world, "\nlast\n"));
    world_end (&world);
}

TEST (a_jobs_token_is_in_both_contexts_and_in_no_log)
{
    world_t world;
    world_begin (&world);
    world.token = "job-token-1234";
    run (
        &world,
        "\"steps\":[{\"run\":\"echo ${{ github.token == secrets.GITHUB_TOKEN && secrets.GITHUB_TOKEN != '' }}"
        " [${{ github.token }}] [$GITHUB_TOKEN]\"}]");
    CHECK_STR (printed (&world), "true [***] []\n");
    run_with (&world,
              "\"steps\":[{\"run\":\"test ${{ secrets.GITHUB_TOKEN }} = own && echo ${{ secrets.other }}\"}]",
              "{\"secrets\":{\"GITHUB_TOKEN\":\"own\",\"OTHER\":\"second\"}}");
    CHECK_INT (world.result.result, result_success);
    CHECK (!logged (&world, "second") && !logged (&world, "job-token-1234"));
    world_end (&world);
}

TEST (git_finds_the_repository_at_the_address_that_actions_make)
{
    unsetenv ("GIT_CONFIG_COUNT"); // Where this runs in a job itself
    world_t world;
    world_begin (&world);
    const char *contexts = arena_printf (
        world.arena,
        "{\"github\":{\"repositoryUrl\":\"%s/real\",\"repository\":\"o/r\",\"server_url\":\"http://127.0.0.1:1\"}}",
        world.root);
    run_with (
        &world,
        "\"steps\":[{\"run\":\"git init -q -b main ${{ github.repositoryUrl }} && git ls-remote http://127.0.0.1:1/o/r\","
        "\"env\":{\"GIT_CONFIG_COUNT\":\"1\",\"GIT_CONFIG_KEY_0\":\"a.b\",\"GIT_CONFIG_VALUE_0\":\"own\"}},"
        "{\"run\":\"git config a.b || echo none; git ls-remote http://127.0.0.1:1/o/r && git ls-remote http://127.0.0.1:1/o/r.git && echo found\"}]",
        contexts);
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "none\nfound\n"));
    run_with (
        &world, "\"steps\":[{\"run\":\"echo [$GIT_CONFIG_COUNT]\"}]",
        "{\"github\":{\"repositoryUrl\":\"https://f/o/r.git\",\"repository\":\"o/r\",\"server_url\":\"https://f\"}}");
    CHECK (logged (&world, "\n[]\n"));
    world_end (&world);
}

TEST (shells_and_folders_are_chosen_by_step_and_defaults)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"defaults\":{\"run\":{\"working-directory\":\"sub\"}},\"steps\":["
         "{\"working-directory\":\".\",\"run\":\"mkdir sub\"},{\"run\":\"basename $PWD\"},"
         "{\"shell\":\"python3 {0}\",\"run\":\"print(6*7)\"},{\"shell\":\"bash\",\"run\":\"false | true\"}]");
    CHECK (strstr (buffer_text (world.log), "\nsub\n") && strstr (buffer_text (world.log), "\n42\n"));
    CHECK_STR (outcome (&world, 4), "failure");
    world_end (&world);
}

TEST (a_folder_that_is_not_there_is_named)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"working-directory\":\"nowhere\",\"run\":\"true\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK (strstr (buffer_text (world.log), "workspace/nowhere: No such file or directory"));
    world_end (&world);
}

TEST (a_soft_cancel_ends_the_step_and_runs_what_is_always_run)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    run (
        &world,
        "\"steps\":[{\"run\":\"trap 'echo interrupted; exit 1' INT; echo; echo ready; for i in 1 2 3 4 5 6 7 8 9; do sleep 1; done\"},"
        "{\"run\":\"true\"},{\"if\":\"always()\",\"run\":\"echo cleaned\"},{\"if\":\"cancelled()\",\"run\":\"echo noticed\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    CHECK_STR (outcome (&world, 1), "cancelled");
    CHECK_STR (outcome (&world, 2), "skipped");
    CHECK (strstr (buffer_text (world.log), "interrupted\n"));
    CHECK (strstr (buffer_text (world.log), "\ncleaned\n") &&
           strstr (buffer_text (world.log), "\nnoticed\n"));
    world_end (&world);
}

TEST (a_hard_cancel_ends_all_at_once)
{
    world_t world;
    world_begin (&world);
    world.cancels = world.hard = true;
    int64_t began = clock_monotonic_us ();
    run (&world, "\"steps\":[{\"run\":\"trap '' TERM INT; echo; echo ready; sleep 30 & sleep 30\"},"
                 "{\"if\":\"always()\",\"run\":\"echo cleaned\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    CHECK_STR (outcome (&world, 2), "skipped");
    CHECK (clock_monotonic_us () - began < SECONDS (10));
    world_end (&world);
}

TEST (a_cancel_is_forgotten_with_its_job)
{
    world_t world;
    world_begin (&world);
    world.cancels = world.hard = true;
    run (&world, "\"steps\":[{\"run\":\"echo; echo ready; sleep 30\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    buffer_clear (world.log);
    run (&world, "\"steps\":[{\"run\":\"echo again\"}]");
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (a_job_that_runs_out_of_time_is_cancelled_and_says_so)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"timeout-minutes\":0.005,\"steps\":[{\"run\":\"sleep 30\"},{\"if\":\"always()\",\"run\":\"echo cleaned\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    CHECK_STR (world.result.reason, "timed out after 0.005 min");
    CHECK (strstr (buffer_text (world.log), "\ncleaned\n"));
    world_end (&world);
}

TEST (a_map_that_an_expression_gives_is_inserted_into_the_environment)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"env\":{\"${{ insert }}\":\"${{ fromJSON('{\\\"ONE\\\":1,\\\"TWO\\\":\\\"b\\\"}') }}\",\"THREE\":\"c\"},"
        "\"steps\":[{\"run\":\"echo $ONE$TWO$THREE\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (strstr (buffer_text (world.log), "\n1bc\n"));
    world_end (&world);
}

TEST (a_step_that_runs_out_of_time_fails)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"timeout-minutes\":0.005,\"run\":\"sleep 30\"},{\"if\":\"failure()\",\"run\":\"echo next\"}]");
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK (strstr (buffer_text (world.log), "##[error]The step ran out of time.\n"));
    CHECK (strstr (buffer_text (world.log), "\nnext\n"));
    world_end (&world);
}

TEST (what_runs_in_the_background_lives_until_the_jobs_end_and_no_longer)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"(setsid sh -c 'echo $$ > pid; while :; do sleep 1; done' &) ; until test -s pid; do :; done\"},"
        "{\"run\":\"kill -0 $(cat pid) && echo alive; cp pid $RUNNER_TOOL_CACHE/pid\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (strstr (buffer_text (world.log), "\nalive\n"));
    const char *pid = folder_read (world.arena, world.root, "tools/pid");
    CHECK (*pid && access (arena_printf (world.arena, "/proc/%d", (int) strtol (pid, NULL, 10)), F_OK) != 0);
    world_end (&world);
}

TEST (a_line_of_100_megabytes_passes_whole)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"head -c 104857600 /dev/zero | tr '\\\\0' x\"}]");
    CHECK_INT (world.result.result, result_success);
    const char *text = printed (&world);
    CHECK_INT (strlen (text), 104857600);
    CHECK_INT (strspn (text, "x"), 104857600);
    world_end (&world);
}

TEST (a_million_lines_pass_byte_by_byte)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"seq 1 1000000\"}]");
    const char *at = printed (&world);
    char line[16];
    for (int i = 1; i <= 1000000; i++) {
        int size = snprintf (line, sizeof (line), "%d\n", i);
        CHECK (strncmp (at, line, (size_t) size) == 0);
        at += size;
    }
    CHECK_STR (at, "");
    world_end (&world);
}

TEST (a_log_that_cannot_be_written_fails_the_job)
{
    world_t world;
    world_begin (&world);
    world.room = 10000;
    run (&world, "\"steps\":[{\"run\":\"yes\"},{\"if\":\"always()\",\"run\":\"true\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "the log cannot be written: the disk or the store is full");
    world_end (&world);
}

TEST (a_step_that_fails_once_the_log_cannot_be_written_is_not_the_reason)
{
    world_t world;
    world_begin (&world);
    world.room = 0;
    run (&world, "\"steps\":[{\"uses\":\"./missing\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_INT (world.steps[1].outcome, result_failure);
    CHECK_STR (world.result.reason, "the log cannot be written: the disk or the store is full");
    world_end (&world);
}

TEST (a_wrong_definition_is_a_failure_with_a_reason)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"nonsense\":1");
    CHECK_INT (world.result.result, result_failure);
    CHECK (strstr (world.result.reason, "nonsense"));
    buffer_clear (world.log);
    run (&world, "\"steps\":[{\"run\":\"echo ${{ fromJSON('{') }}\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK (strstr (buffer_text (world.log), "fromJSON"));
    world_end (&world);
}
