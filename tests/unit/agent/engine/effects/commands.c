/* commands.c - what workflow commands do to a job, and what its log shows of them. */

#include "tests/unit/agent/engine/job_world.h"

TEST (a_person_reads_commands_in_githubs_form_and_not_those_for_the_runner)
{
    static const struct {
        const char *lines, *shown;
    } cases[] = {
        {"::group::x\\\\n::endgroup::\\\\n", "##[group]x\n##[endgroup]\n"},
        {"::warning file=a::b%0Ac\\\\n", "##[warning]b\nc\n"},
        {"::debug::x\\\\na\\\\n", "a\n"},
        {"::add-mask::hunter2\\\\nhunter2\\\\n", "***\n"},
        {"::echo::on\\\\n::remove-matcher owner=x::\\\\n::echo::off\\\\n::remove-matcher owner=x::\\\\na\\\\n",
         "::remove-matcher owner=x::\n::echo::off\na\n"},
        {"::echo:: On  \\\\n::remove-matcher owner=x::\\\\n", "::remove-matcher owner=x::\n"},
        {"::add-mask::  %0A\\\\n",
         "##[warning]The `add-mask` command needs a value: an empty one cannot be masked\n"},
        {"::remove-matcher::\\\\n",
         "##[warning]The `remove-matcher` command needs either an owner or the path of a file\n"},
        {"::add-matcher::\\\\n", "##[warning]The `add-matcher` command needs the path of a file\n"},
        {"::no-such-command::x\\\\n", "::no-such-command::x\n"},
        {"::stop-commands::t\\\\n::warning::x\\\\n::T::\\\\n::warning::y\\\\n",
         "::stop-commands::t\n::warning::x\n::T::\n##[warning]y\n"},
        {"::stop-commands::my-token\\\\n##[my-token]\\\\nmy-token\\\\n",
         "::stop-commands::***\n##[***]\n***\n"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        world_t world;
        world_begin (&world);
        run (&world,
             arena_printf (world.arena, "\"steps\":[{\"shell\":\"sh\",\"run\":\"printf '%%b' '%s'\"}]",
                           cases[i].lines));
        CHECK_STR (arena_strndup (world.arena, printed (&world), strlen (cases[i].shown)), cases[i].shown);
        world_end (&world);
    }
}

TEST (a_command_that_cannot_be_obeyed_fails_its_step)
{
    static const struct {
        const char *line, *said;
    } cases[] = {
        {"::echo::maybe", "##[error]The `echo` command takes on or off, not \"maybe\"\n"},
        {"::echo::", "##[error]The `echo` command takes on or off, not \"\"\n"},
        {"::set-output::x", "##[error]The `set-output` command needs a name\n"},
        {"::save-state name=::x", "##[error]The `save-state` command needs a name\n"},
        {"::set-env name=A::x", "##[error]The `set-env` command is disabled: "},
        {"::stop-commands::", "##[error]The `stop-commands` command needs a word of your own, not \"\"; "},
        {"::stop-commands::Set-Env",
         "##[error]The `stop-commands` command needs a word of your own, not \"Set-Env\"; "},
        {"::stop-commands::pause-logging", "##[error]The `stop-commands` command needs a word of your own, "},
        {"::stop-commands::stop-commands", "##[error]The `stop-commands` command needs a word of your own, "},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        world_t world;
        world_begin (&world);
        run (&world,
             arena_printf (world.arena,
                           "\"steps\":[{\"shell\":\"sh\",\"run\":\"echo '%s'; echo '::notice::obeyed'\"}]",
                           cases[i].line));
        CHECK (logged (&world, cases[i].said));
        CHECK (logged (&world, "##[notice]obeyed\n")); // The commands after it count
        CHECK_INT (world.result.result, result_failure);
        world_end (&world);
    }
}

TEST (any_word_stops_commands_where_the_workflow_allows_it)
{
    world_t world;
    world_begin (&world);
    run (&world,
         "\"env\":{\"ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS\":\"1\"},"
         "\"steps\":[{\"run\":\"echo '::stop-commands::warning'; echo '::notice::x'; echo '::warning::'\"}]");
    CHECK (logged (&world, "::stop-commands::***\n::notice::x\n"));
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (debug_lines_are_shown_where_the_job_asks_for_them)
{
    world_t world;
    world_begin (&world);
    run_with (
        &world,
        "\"steps\":[{\"run\":\"echo ::debug::deep; echo debug is ${RUNNER_DEBUG}${{ runner.debug }}\"}]",
        "{\"vars\":{\"ACTIONS_STEP_DEBUG\":\"true\"}}");
    CHECK (logged (&world, "##[debug]deep\ndebug is 11\n"));
    world_end (&world);

    world_begin (&world); // As a rerun for debugging has it
    run_with (&world, "\"steps\":[{\"run\":\"echo ::debug::deep; echo debug is ${RUNNER_DEBUG}\"}]",
              "{\"runner\":{\"debug\":\"1\"}}");
    CHECK (logged (&world, "##[debug]deep\ndebug is 1\n"));
    world_end (&world);
}

TEST (what_a_step_says_of_the_code_is_kept_masked_and_bounded)
{
    world_t world;
    world_begin (&world);
    run_with (&world,
              "\"steps\":[{\"run\":\"echo '::error file=a.c,line=3,col=7,title=T::hunter2 broke it'\"},"
              "{\"run\":\"for i in $(seq 12); do echo ::notice::$i; done\"}]",
              "{\"secrets\":{\"K\":\"hunter2\"}}");
    CHECK_STR (buffer_text (world.said),
               "1 error a.c:3:7 [T] *** broke it\n2 notice :0:0 [] 1\n2 notice :0:0 [] 2\n"
               "2 notice :0:0 [] 3\n2 notice :0:0 [] 4\n2 notice :0:0 [] 5\n2 notice :0:0 [] 6\n"
               "2 notice :0:0 [] 7\n2 notice :0:0 [] 8\n2 notice :0:0 [] 9\n2 notice :0:0 [] 10\n");
    CHECK (logged (&world, "##[notice]12\n")); // In the log they are all
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (a_problem_matcher_annotates_files_of_the_workspace_until_it_is_removed)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"mkdir src; touch src/a.c; echo '{\\\"problemMatcher\\\":[{\\\"owner\\\":\\\"cc\\\",\\\"pattern\\\":[{"
        "\\\"regexp\\\":\\\"^(.+):([0-9]+): (.+)$\\\",\\\"file\\\":1,\\\"line\\\":2,\\\"message\\\":3}]}]}' > m.json; "
        "echo ::add-matcher::m.json; echo src/a.c:3: bad; echo gone.c:4: worse; echo /etc/passwd:5: outside\"},"
        "{\"run\":\"echo $PWD/src/a.c:6: still; echo '::remove-matcher owner=CC::'; echo src/a.c:7: quiet\"},"
        "{\"run\":\"echo ::add-matcher::m.json; echo ::remove-matcher::m.json; echo src/a.c:8: quiet too; echo ::remove-matcher::none.json\"}]");
    CHECK_STR (buffer_text (world.said),
               "1 error src/a.c:3:0 [] bad\n1 error :4:0 [] worse\n1 error :5:0 [] outside\n"
               "2 error src/a.c:6:0 [] still\n");
    CHECK (logged (&world, "##[error]src/a.c:3: bad\n"));
    CHECK (logged (&world, "\nsrc/a.c:7: quiet\n"));
    CHECK (logged (&world, "\nsrc/a.c:8: quiet too\n"));
    CHECK (logged (&world, "##[warning]The problem matchers in none.json are not removed: "));
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}

TEST (a_matcher_file_that_cannot_be_used_is_reported_and_never_waited_for)
{
    world_t world;
    world_begin (&world);
    run (
        &world,
        "\"steps\":[{\"run\":\"mkfifo pipe; echo '{}' > m.json; echo ::add-matcher::pipe; echo ::add-matcher::m.json; "
        "echo ::add-matcher::none.json\"}]");
    CHECK (logged (&world, "##[warning]The problem matchers in pipe are not added: "));
    CHECK (logged (
        &world,
        "##[warning]The problem matchers in m.json are not added: problemMatcher must be a list of matchers\n"));
    CHECK (logged (&world, "##[warning]The problem matchers in none.json are not added: "));
    CHECK_INT (world.result.result, result_success);
    world_end (&world);
}
