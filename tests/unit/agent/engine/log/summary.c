/* summary.c - what steps write into GITHUB_STEP_SUMMARY: masked, one a row, bounded, and never a reason to fail. */

#include "tests/unit/agent/engine/job_world.h"

TEST (each_step_has_a_summary_of_its_own_and_those_without_have_none)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"echo '# One' >> $GITHUB_STEP_SUMMARY\"},{\"run\":\"true\"},"
        "{\"run\":\"printf three > $GITHUB_STEP_SUMMARY; exit 1\"},"
        "{\"if\":\"always()\",\"run\":\"rm $GITHUB_STEP_SUMMARY; ln -s /etc/passwd $GITHUB_STEP_SUMMARY\"}]");
    CHECK_STR (buffer_text (world.summaries), "1: # One\n\n3: three\n");
    world_end (&world);
}

TEST (a_summary_is_masked_whatever_bytes_it_has)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"echo ::add-mask::hunter2; printf 'a hunter2\\\\0 aHVudGVyMg== b' >> $GITHUB_STEP_SUMMARY\"}]");
    CHECK_INT (buffer_size (world.summaries), strlen ("1: a ***_ *** b\n"));
    CHECK (memcmp (buffer_text (world.summaries), "1: a ***\0 *** b\n", 16) == 0);
    world_end (&world);
}

TEST (a_summary_of_one_mebibyte_is_kept_and_a_larger_one_is_an_error_that_fails_nothing)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"yes | head -c 1048576 > $GITHUB_STEP_SUMMARY\"},"
                 "{\"run\":\"yes | head -c 1048577 > $GITHUB_STEP_SUMMARY\"},"
                 "{\"run\":\"echo ::add-mask::y; yes | head -c 1048576 > $GITHUB_STEP_SUMMARY\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK_INT (buffer_size (world.summaries), 1048576 + 4);
    const char refusal[] =
        "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1024k.\n";
    CHECK (logged (&world, arena_printf (world.arena, "##[error]%s", refusal)));
    CHECK_STR (buffer_text (world.said),
               arena_printf (world.arena, "2 error :0:0 [] %s3 error :0:0 [] %s", refusal, refusal));
    world_end (&world);
}

TEST (the_steps_of_an_action_write_into_the_summary_of_the_step_that_uses_it)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"mkdir act; printf 'name: a\\nruns:\\n  using: composite\\n  steps:\\n"
        "    - {shell: sh, run: \\\"echo one >> $GITHUB_STEP_SUMMARY\\\"}\\n"
        "    - {shell: sh, run: \\\"echo two >> $GITHUB_STEP_SUMMARY\\\"}\\n' > act/action.yml\"},{\"uses\":\"./act\"}]");
    CHECK_STR (buffer_text (world.summaries), "2: one\ntwo\n\n");
    world_end (&world);
}

TEST (a_summary_that_the_server_refuses_is_reported_and_fails_nothing)
{
    world_t world;
    world_begin (&world);
    world.no_summaries = true;
    run (&world, "\"steps\":[{\"run\":\"echo x >> $GITHUB_STEP_SUMMARY\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "##[warning]The step's summary is not kept: there are too many\n"));
    world_end (&world);
}
