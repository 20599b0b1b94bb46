/* background.c - steps that run at the same time: what the others see of them, and when; how they end; their logs apart. */

#include "tests/unit/agent/engine/job_world.h"

#include <stdlib.h>

TEST (steps_in_the_background_run_at_the_same_time_as_those_after_them)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"a\",\"background\":true,\"run\":\"touch a; until test -e c; do sleep 0.01; done\"},"
        "{\"id\":\"b\",\"background\":true,\"run\":\"until test -e a; do sleep 0.01; done; touch b\"},"
        "{\"run\":\"until test -e b; do sleep 0.01; done; touch c\"},{\"wait\":[\"a\",\"b\"]}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (world.steps[4].name, "Wait for a, b");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (outcome (&world, 4), "success");
    world_end (&world);
}

TEST (what_a_step_in_the_background_sets_is_seen_after_its_wait)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"env\":{\"A\":\"job\"},\"steps\":["
        "{\"id\":\"b\",\"background\":true,\"run\":\"echo A=own >> $GITHUB_ENV; echo /added >> $GITHUB_PATH; "
        "echo o=out >> $GITHUB_OUTPUT; touch done\"},"
        "{\"run\":\"until test -e done; do sleep 0.01; done; sleep 0.1; echo \\\"[$A][${{ steps.b.outputs.o }}]"
        "[${{ steps.b.outcome }}]${PATH%%:*}\\\"\"},"
        "{\"wait\":\"b\"},"
        "{\"run\":\"echo \\\"[$A][${{ steps.b.outputs.o }}][${{ steps.b.outcome }}]${PATH%%:*}\\\"\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n[job][][]/") && !logged (&world, "\n[job][][]/added\n"));
    CHECK (logged (&world, "\n[own][out][success]/added\n"));
    world_end (&world);
}

TEST (a_step_in_the_background_sees_what_was_set_when_its_turn_came)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"until test -e set; do sleep 0.01; done; "
         "echo \\\"[$LATE]\\\"\"},{\"run\":\"echo LATE=x >> $GITHUB_ENV; touch set\"},{\"wait-all\":null}]");
    CHECK (logged (&world, "\n[]\n"));
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (the_log_of_a_step_in_the_background_is_in_one_piece)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"echo one; until test -e go; do sleep 0.01; done; "
        "echo two; echo '::error::told'; exit 3\",\"continue-on-error\":true},"
        "{\"run\":\"echo between; touch go\"},{\"wait\":\"b\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (
        &world, "\none\ntwo\n##[error]told\n##[error]Process completed with exit code 3.\n"
                "Run echo one; until test -e go; do sleep 0.01; done; echo two; echo '::error::told'; exit 3"
                ": success\n"));
    CHECK (strstr (buffer_text (world.log), "\nbetween\n") < strstr (buffer_text (world.log), "\none\n"));
    CHECK_STR (buffer_text (world.said), "1 error :0:0 [] told\n");
    world_end (&world);
}

TEST (a_failure_in_the_background_fails_the_job_at_its_wait_and_names_the_step)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"b\",\"name\":\"Build\",\"background\":true,\"run\":\"touch failed; exit 1\"},"
        "{\"run\":\"until test -e failed; do sleep 0.01; done; sleep 0.1\"},{\"run\":\"echo still green\"},"
        "{\"wait\":\"b\"},{\"run\":\"echo never\"},{\"if\":\"failure()\",\"run\":\"echo ${{ steps.b.conclusion }}\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "step 1, \"Build\", failed");
    CHECK (logged (&world, "\nstill green\n") && !logged (&world, "\nnever\n") &&
           logged (&world, "\nfailure\n"));
    CHECK_STR (outcome (&world, 4), "failure");
    world_end (&world);
}

TEST (a_wait_runs_after_a_failure_too_and_may_let_the_job_continue)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"echo o=1 >> $GITHUB_OUTPUT\"},{\"run\":\"false\"},"
        "{\"wait\":\"b\"},{\"if\":\"always()\",\"run\":\"echo got ${{ steps.b.outputs.o }}\"}]");
    CHECK_STR (outcome (&world, 3), "success");
    CHECK (logged (&world, "\ngot 1\n"));
    world_end (&world);

    world_begin (&world);
    run (&world, "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"false\"},"
                 "{\"wait-all\":null,\"continue-on-error\":true},{\"run\":\"echo goes on\"}]");
    CHECK (logged (&world, "\ngoes on\n"));
    CHECK_INT (world.result.result,
               result_failure); // As in GitHub's runner, the step itself still counts at the end
    world_end (&world);
}

TEST (background_steps_that_nobody_waits_for_are_awaited_before_the_end)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"name\":\"Late\",\"background\":true,\"run\":\"sleep 0.2; echo late; exit 1\"},{\"run\":\"echo main\"}]");
    CHECK_INT (world.result.result, result_failure);
    CHECK_STR (world.result.reason, "step 1, \"Late\", failed");
    CHECK (logged (&world, "\nlate\n"));
    world_end (&world);
}

TEST (a_cancel_step_ends_a_step_in_the_background_and_the_job_stays_green)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"id\":\"server\",\"background\":true,\"run\":\"trap 'echo bye; exit 0' INT; touch up; "
         "while :; do sleep 0.05; done\"},"
         "{\"run\":\"until test -e up; do sleep 0.01; done\"},{\"cancel\":\"server\"},"
         "{\"run\":\"echo ${{ steps.server.outcome }}\"},{\"wait-all\":null}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\nbye\n") && logged (&world, "\ncancelled\n"));
    CHECK_STR (world.steps[3].name, "Cancel server");
    CHECK_STR (outcome (&world, 5), "success");
    world_end (&world);
}

TEST (members_of_a_parallel_step_run_together_and_it_waits_for_them)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"parallel\":[{\"run\":\"touch p; until test -e q; do sleep 0.01; done; echo first\"},"
        "{\"id\":\"q\",\"run\":\"until test -e p; do sleep 0.01; done; touch q; echo o=2 >> $GITHUB_OUTPUT\"}]},"
        "{\"run\":\"echo after ${{ steps.q.outputs.o }}\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_STR (world.steps[3].name, "Wait for parallel steps");
    CHECK (logged (&world, "\nafter 2\n"));
    world_end (&world);
}

TEST (steps_run_at_the_same_time_after_others_have_ended_too)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"true\"},{\"wait\":\"b\"},"
                 "{\"parallel\":[{\"run\":\"touch p; until test -e q; do sleep 0.01; done\"},"
                 "{\"run\":\"touch q; until test -e p -a -e r; do sleep 0.01; done\"},"
                 "{\"run\":\"touch r; until test -e q; do sleep 0.01; done\"}]}]");
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (at_most_ten_steps_run_in_the_background_at_once)
{
    world_t world;
    world_begin (&world);
    buffer_t *text = buffer_new (1 << 16);
    buffer_puts (text, "\"steps\":[");
    for (int i = 0; i < 14; i++)
        buffer_printf (
            text,
            "{\"background\":true,\"run\":\"mkdir -p on; touch on/%d; echo >> started; ls on | wc -l >> seen; "
            "until test -e full; do n=$(ls on | wc -l); echo $n >> seen; test $n -lt 10 || touch full; "
            "sleep 0.01; done; rm on/%d\"},",
            i, i);
    buffer_puts (
        text,
        "{\"wait-all\":null},{\"run\":\"echo most $(sort -n seen | tail -n 1) of $(wc -l < started)\"}]");
    run (&world, buffer_text (text));
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\nmost 10 of 14\n"));
    buffer_destroy (&text);
    world_end (&world);
}

TEST (a_step_in_the_background_has_its_own_time_and_condition)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"steps\":[{\"id\":\"slow\",\"background\":true,\"timeout-minutes\":0.003,\"run\":\"sleep 30\"},"
         "{\"id\":\"not\",\"if\":\"false\",\"background\":true,\"run\":\"echo never\"},"
         "{\"wait\":[\"slow\",\"not\"]}]");
    CHECK_STR (outcome (&world, 1), "failure");
    CHECK_STR (outcome (&world, 2), "skipped");
    CHECK (logged (&world, "##[error]The step ran out of time.\n"));
    CHECK_INT (world.result.result, result_failure);
    world_end (&world);
}

TEST (a_cancel_of_the_job_reaches_every_step_and_those_that_wait_for_their_turn)
{
    world_t world;
    world_begin (&world);
    world.cancels = true;
    buffer_t *text = buffer_new (1 << 16);
    buffer_puts (text, "\"steps\":[");
    for (int i = 0; i < 12; i++)
        buffer_printf (text, "{\"background\":true,\"run\":\"touch up%d; sleep 60\"},", i);
    buffer_puts (text, "{\"run\":\"until test -e up9; do sleep 0.01; done; echo; echo ready; sleep 60\"},"
                       "{\"wait-all\":null},{\"if\":\"always()\",\"run\":\"echo cleans\"}]");
    run (&world, buffer_text (text));
    CHECK_INT (world.result.result, result_cancelled);
    for (uint32_t i = 1; i <= 13; i++)
        CHECK_STR (outcome (&world, i), "cancelled");
    CHECK (logged (&world, "\ncleans\n"));
    CHECK (!logged (&world, "##[group]Run touch up10"));
    buffer_destroy (&text);
    world_end (&world);
}

TEST (a_secret_that_one_step_masks_is_masked_in_the_others)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"until test -e told; do sleep 0.01; done; sleep 0.1; "
        "echo has hunter2\"},{\"run\":\"echo ::add-mask::hunter2; touch told\"},{\"wait\":\"b\"}]");
    CHECK (logged (&world, "\nhas ***\n"));
    world_end (&world);
}

TEST (what_a_step_in_the_background_leaves_behind_lives_on)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"(until test -e go; do sleep 0.01; done; echo from afar; touch said) "
        "& echo $! > pid\"},{\"wait\":\"b\"},"
        "{\"run\":\"kill -0 $(cat pid); touch go; until test -e said; do sleep 0.01; done; echo heard\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\nheard\n") && logged (&world, "from afar\n"));
    world_end (&world);
}

TEST (a_log_that_a_step_has_removed_or_replaced_is_reported_as_lost)
{
    static const char *const does[] = {"rm $d/log-*", "f=$(echo $d/log-*); rm $f; mkfifo $f",
                                       "f=$(echo $d/log-*); ln -sf /etc/passwd $f"};
    for (size_t i = 0; i < 3; i++) {
        world_t world;
        world_begin (&world);
        run (
            &world,
            arena_printf (
                world.arena,
                "\"steps\":[{\"id\":\"b\",\"background\":true,\"run\":\"d=$(dirname $GITHUB_ENV); %s; echo x\"},"
                "{\"wait\":\"b\"},{\"run\":\"echo goes on\"}]",
                does[i]));
        CHECK (logged (&world, "##[error]The log of this step is lost: something removed it.\n"));
        CHECK (logged (&world, "\ngoes on\n") && !logged (&world, "root:"));
        CHECK_INT (world.result.result, result_success);
        world_end (&world);
    }
}

TEST (a_composite_action_runs_in_the_background_with_its_own_variables)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"mkdir act; printf 'name: a\\nruns:\\n  using: composite\\n  steps:\\n"
        "    - {shell: sh, run: \\\"echo V=1 >> $GITHUB_ENV\\\"}\\n    - {shell: sh, run: \\\"echo own $V; touch did\\\"}\\n' > act/action.yml\"},"
        "{\"id\":\"b\",\"background\":true,\"uses\":\"./act\"},"
        "{\"run\":\"until test -e did; do sleep 0.01; done; echo \\\"main [$V]\\\"\"},{\"wait\":\"b\"},{\"run\":\"echo \\\"then [$V]\\\"\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\nown 1\n") && logged (&world, "\nmain []\n") && logged (&world, "\nthen [1]\n"));
    world_end (&world);
}
