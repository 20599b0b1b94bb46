/* harness.c - a test that goes wrong is noticed: by test.c, which runs the tests of a program, and by tests/program, which runs one. */

#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

// What the command printed, and how it ended as a shell says it.
static const char *output_of (arena_t *arena, const char *command, int *status)
{
    turn_t turn;
    process_output_t output;
    turn_init (&turn, arena, "harness", 0);
    const process_spec_t spec = {.argv = (const char *const[]){"sh", "-c", command, NULL}};
    CHECK_INT (process_run (&turn, &spec, SECONDS (60), 65536, &output), OK);
    *status = output.end.status;
    return output.out;
}

static const char *wrong_tests (arena_t *arena, const char *part, int *status)
{
    return output_of (arena,
                      arena_printf (arena, "OPENCICD_TEST_SECONDS=1 exec '%s' -v %s 2>&1", WRONG_TESTS, part),
                      status);
}

static void check_says (const char *output, const char *text)
{
    if (!strstr (output, text))
        test_fail (__FILE__, __LINE__, "\"%s\" is not in\n%s", text, output);
}

TEST (a_test_that_hangs_is_named_with_its_last_check_and_the_others_still_run)
{
    int status;
    arena_t *arena = arena_new ();
    const char *output = wrong_tests (arena, "first_", &status);
    check_says (output, "it hangs: 1 s are over; its last check was");
    check_says (output, "wrong.c:16");
    check_says (output, "FAIL first_one_hangs (");
    check_says (output, "FAIL first_one_fails (");
    check_says (output, "ok   first_one_passes_too (");
    check_says (output, "\n2 passed, 2 failed\n");
    CHECK_INT (status, 1);
    arena_destroy (&arena);
}

TEST (a_test_that_aborts_is_named)
{
    int status;
    arena_t *arena = arena_new ();
    const char *output = wrong_tests (arena, "second_", &status);
    check_says (output, "it aborted; its last check was");
    check_says (output, "FAIL second_one_aborts (");
    CHECK (!strstr (output, "passed,"));
    CHECK_INT (status, 128 + SIGABRT);
    arena_destroy (&arena);
}

TEST (a_check_that_fails_in_another_thread_is_named_and_ends_the_program)
{
    int status;
    arena_t *arena = arena_new ();
    const char *output = wrong_tests (arena, "third_", &status);
    check_says (output, "a check failed in another thread than the test's");
    check_says (output, "FAIL third_one_checks_in_another_thread (");
    CHECK_INT (status, 128 + SIGABRT);
    arena_destroy (&arena);
}

TEST (a_program_counts_by_its_closing_line_and_fails_without_it)
{
    static const struct {
        const char *kind, *script, *count; // "part passed failed"
        int status;
    } cases[] = {
        {"program", "echo 3 passed, 0 failed", "unit 3 0 ", 0},
        {"program", "echo 3 passed, 2 failed; exit 1", "unit 3 2 ", 1},
        {"program", "echo 3 passed, 0 failed; exit 66", "unit 3 1 ", 1}, // As a sanitizer ends it
        {"program", "echo 3 passed, 0 failed; kill -SEGV $$", "unit 3 1 ", 1},
        {"program", "echo all is well", "unit 0 1 ", 1},
        {"program", "exit 1", "unit 0 1 ", 1},
        {"check", "true", "unit 1 0 ", 0},
        {"check", "exit 77", "unit 0 1 ", 1},
        {"build", "true", "unit 0 0 ", 0},
        {"build", "false", "unit 0 1 ", 1},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (*cases); i++) {
        int status, ignored;
        arena_t *arena = arena_new ();
        char folder[256];
        test_folder (folder, sizeof (folder));
        output_of (arena,
                   arena_printf (arena, "TEST_RESULTS=%s '%s' %s unit 'a name' sh -c '%s'", folder, PROGRAM,
                                 cases[i].kind, cases[i].script),
                   &status);
        CHECK_INT (status, cases[i].status);
        const char *count = output_of (
            arena, arena_printf (arena, "cat %s/a-name.count; rm -r %s", folder, folder), &ignored);
        if (strncmp (count, cases[i].count, strlen (cases[i].count)) != 0)
            test_fail (__FILE__, __LINE__, "\"%s\" counts as %s", cases[i].script, count);
        arena_destroy (&arena);
    }
}
