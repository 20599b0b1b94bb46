/* subjects.c - GITHUB_ARTIFACTS: what steps declare is listed for those after them, all lines of a step or none. */

#include "tests/unit/agent/engine/job_world.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // The SHA-256 of no bytes

TEST (what_a_step_declares_is_listed_for_later_ones_by_name)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"cat $GITHUB_ARTIFACTS_LIST; echo; touch b; mkdir d; touch d/a; "
                 "printf '# made\\\\n\\\\n b\\\\r\\\\nfile://d/a\\\\n' > $GITHUB_ARTIFACTS\"},"
                 "{\"run\":\"cat $GITHUB_ARTIFACTS_LIST; echo; echo b >> $GITHUB_ARTIFACTS; "
                 "echo x@sha256:" EMPTY " >> $GITHUB_ARTIFACTS; echo lies > $GITHUB_ARTIFACTS_LIST\"},"
                 "{\"run\":\"cat ${{ github.artifacts_list }}; echo\"}]");
    CHECK_INT (world.result.result, result_success);
    CHECK (logged (&world, "\n{\"version\":1,\"subjects\":[]}\n"));
    CHECK (logged (&world, "\n2 declared in GITHUB_ARTIFACTS, 2 in this job so far\n"));
    CHECK (logged (&world, "\n{\"version\":1,\"subjects\":["
                           "{\"name\":\"a\",\"digest\":\"sha256:" EMPTY "\",\"kind\":\"file\"},"
                           "{\"name\":\"b\",\"digest\":\"sha256:" EMPTY "\",\"kind\":\"file\"}]}\n"));
    CHECK (logged (&world, "\n1 declared in GITHUB_ARTIFACTS, 3 in this job so far\n"));
    CHECK (logged (&world, ",{\"name\":\"x\",\"digest\":\"sha256:" EMPTY "\",\"kind\":\"oci\"}]}\n"));
    world_end (&world);
}

TEST (a_wrong_line_of_artifacts_fails_its_step_and_declares_nothing)
{
    static const char *const rows[][2] = {
        {"touch a; printf 'a\\\\nno/such\\\\n'", "line 2: the file no/such cannot be read"},
        {"mkdir d; echo d", "line 1: the file d cannot be read"},
        {"echo a=b", "line 1: entries that have a = are reserved"},
        {"printf 'a\\\\0b'", "line 1: it has a NUL byte"},
    };
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        world_t world;
        world_begin (&world);
        run (&world, arena_printf (world.arena,
                                   "\"steps\":[{\"run\":\"(%s) > $GITHUB_ARTIFACTS\"},"
                                   "{\"if\":\"always()\",\"run\":\"cat $GITHUB_ARTIFACTS_LIST; echo\"}]",
                                   rows[i][0]));
        CHECK_INT (world.result.result, result_failure);
        CHECK (logged (&world, arena_printf (world.arena, "##[error]GITHUB_ARTIFACTS: %s", rows[i][1])));
        CHECK (logged (&world, "\n{\"version\":1,\"subjects\":[]}\n"));
        world_end (&world);
    }
}

TEST (a_name_keeps_the_digest_with_which_it_was_declared)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"touch a; echo a > $GITHUB_ARTIFACTS\"},"
                 "{\"run\":\"echo more > a; echo ./a > $GITHUB_ARTIFACTS\"}]");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (outcome (&world, 2), "failure");
    CHECK (logged (&world, "##[error]GITHUB_ARTIFACTS: line 1: a was declared with the digest sha256:" EMPTY
                           ", and now has sha256:"));
    world_end (&world);
}

TEST (a_job_declares_at_most_five_hundred)
{
    world_t world;
    world_begin (&world);
    run (&world, "\"steps\":[{\"run\":\"for i in $(seq 500); do echo i$i@sha256:" EMPTY
                 "; done > $GITHUB_ARTIFACTS\"},"
                 "{\"run\":\"echo i7@sha256:" EMPTY " > $GITHUB_ARTIFACTS\"},"
                 "{\"run\":\"echo one@sha256:" EMPTY " > $GITHUB_ARTIFACTS\"}]");
    CHECK_STR (outcome (&world, 1), "success");
    CHECK_STR (outcome (&world, 2), "success");
    CHECK_STR (outcome (&world, 3), "failure");
    CHECK (logged (&world, "line 1: a job declares at most 500\n"));
    world_end (&world);
}
