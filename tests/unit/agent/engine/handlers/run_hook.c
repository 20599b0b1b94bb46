/* run_hook.c - the administrator's scripts around a job: what they see, what they decide, and what a job cannot do to them. */

#include "tests/unit/agent/engine/job_world.h"

#include <unistd.h>

TEST (hooks_run_before_the_first_step_and_after_the_last)
{
    world_t world;
    world_begin_with_hooks (&world, "echo one", "echo three");
    run (&world, "\"steps\":[{\"run\":\"echo two\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (world.steps[1].name, "Set up runner");
    CHECK_STR (world.steps[2].name, "Run echo two");
    CHECK_STR (world.steps[3].name, "Complete runner");
    CHECK_STR (world.steps[4].name, "Complete job");
    const char *log = buffer_text (world.log), *one = strstr (log, "\none\n"), *two = strstr (log, "\ntwo\n"),
               *three = strstr (log, "\nthree\n");
    CHECK (one && two && three && one < two && two < three);
    world_end (&world);
}

TEST (a_hook_that_fails_lets_no_step_run_and_the_other_hook_still_runs)
{
    world_t world;
    world_begin_with_hooks (&world, "exit 3", "echo tidied up");
    run (&world, "\"steps\":[{\"run\":\"echo never\"},{\"if\":\"always()\",\"run\":\"echo nor this\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "step 1, \"Set up runner\", failed");
    CHECK_INT (world.steps[1].exit_code, 3);
    CHECK_STR (world.steps[2].name, "Complete runner");
    CHECK (!logged (&world, "never\n") && !logged (&world, "nor this\n") && logged (&world, "\ntidied up\n"));
    world_end (&world);
}

TEST (a_job_whose_last_hook_fails_has_failed)
{
    world_t world;
    world_begin_with_hooks (&world, NULL, "false");
    run (&world, "\"steps\":[{\"run\":\"true\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "step 2, \"Complete runner\", failed");
    world_end (&world);
}

TEST (what_the_first_hook_sets_counts_for_the_steps)
{
    world_t world;
    world_begin_with_hooks (
        &world, "echo A=a >> $GITHUB_ENV; echo /added >> $GITHUB_PATH; echo ::add-mask::hidden", NULL);
    run (&world, "\"steps\":[{\"run\":\"echo \\\"<$A ${PATH%%:*} hidden>\\\"\"}]");
    CHECK (logged (&world, "\n<a /added ***>\n"));
    world_end (&world);
}

TEST (a_hook_has_the_default_variables_and_nothing_that_the_job_has_set)
{
    world_t world;
    world_begin_with_hooks (
        &world,
        "cat $GITHUB_EVENT_PATH; echo; echo \"<$GITHUB_REF $RUNNER_NAME $A>\"; test \"$PWD\" = $GITHUB_WORKSPACE",
        "echo \"<${B-unset} ${LD_PRELOAD-unset} $CI>\"; case $PATH in *added*) exit 1;; esac");
    run (
        &world,
        "\"env\":{\"A\":\"a\"},\"steps\":[{\"run\":\"echo B=b >> $GITHUB_ENV; echo LD_PRELOAD=x.so >> $GITHUB_ENV; "
        "echo /added >> $GITHUB_PATH\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n  \"a\": 1\n"));
    CHECK (logged (&world, "\n<refs/heads/main ada >\n"));
    CHECK (logged (&world, "\n<unset unset true>\n"));
    world_end (&world);
}

TEST (the_last_hook_runs_when_the_job_was_cancelled)
{
    world_t world;
    world_begin_with_hooks (&world, NULL, "echo tidied up");
    world.cancels = true;
    run (&world, "\"steps\":[{\"run\":\"echo; echo ready; sleep 100\"}]");
    CHECK_INT (world.result.result, result_cancelled);
    CHECK (logged (&world, "\ntidied up\n"));
    world_end (&world);
}

TEST (a_hook_that_is_missing_fails_the_job_by_name)
{
    world_t world;
    world_begin_with_hooks (&world, "true", NULL);
    const char *path = arena_printf (world.arena, "%s/started.sh", world.root);
    CHECK_INT (unlink (path), 0);
    run (&world, "\"steps\":[{\"run\":\"echo never\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK (logged (
        &world, arena_printf (world.arena, "##[error]%s cannot be run: No such file or directory\n", path)));
    CHECK (!logged (&world, "never\n"));
    world_end (&world);
}
