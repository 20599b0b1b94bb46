/* Two failures are alike when they differ only in what changes from run to run. */

#include "services/scheduler/failure/failure.h"
#include "tests/unit/test.h"

#include <string.h>

static void check_normal (const char *line, const char *normal)
{
    arena_t *arena = arena_new ();
    CHECK_STR (failure_normalise (arena, line, 300), normal);
    arena_destroy (&arena);
}

TEST (numbers_times_and_folders_are_taken_out_of_a_line)
{
    check_normal ("##[error]x failed", "x failed");
    check_normal ("/home/ci/w/1/src/main.c:12:5: error: 'x' undeclared", "main.c:#: error: 'x' undeclared");
    check_normal ("  took  1.25 s,  3 of 7", "took # s, # of #");
    check_normal ("took 12ms", "took #");
    check_normal ("2026-11-29T16:06:59.701030Z lost", "# lost");
    check_normal ("at 0x7ffe12ab, commit 3f9a0c1d", "at #, commit #");
    check_normal ("uuid 123e4567-e89b-12d3-a456-426614174000", "uuid #");
    check_normal ("test_12 of deadbeef", "test_# of deadbeef"); // A word of letters stays one
    check_normal ("", "");
}

static const char *print_of (arena_t *arena, const char *step, const char *line)
{
    step_row_t steps[] = {{.number = 1,
                           .name = step,
                           .id = "",
                           .state = step_finished,
                           .conclusion = result_failure,
                           .exit_code = 1}};
    log_line_t printed[] = {{1, "begins"}, {2, line}, {3, "##[error]Process completed with exit code 1."}};
    const job_t job = {
        .id = "j1", .name = "a", .key = "a", .result = result_failure, .reason = "", .steps = {steps, 1}};
    failure_t failure;
    failure_read (arena, &job, &(log_line_items_t){printed, 3}, &failure);
    return failure.fingerprint;
}

TEST (a_fingerprint_is_of_the_step_the_cause_and_its_lines)
{
    arena_t *arena = arena_new ();
    const char *first = print_of (arena, "Test 3.9", "Error: lost after 12 ms in /tmp/a1/x");
    CHECK_INT (strlen (first), 64);
    CHECK_STR (print_of (arena, "Test 3.10", "Error: lost after 3456 ms in /tmp/b2/x"), first);
    CHECK (strcmp (print_of (arena, "Build", "Error: lost after 12 ms in /tmp/a1/x"), first) != 0);
    CHECK (strcmp (print_of (arena, "Test 3.9", "Error: found after 12 ms in /tmp/a1/x"), first) != 0);
    CHECK (strcmp (print_of (arena, "Test 3.9", "Connection refused"), first) != 0);
    arena_destroy (&arena);
}

TEST (a_command_reproduces_one_cell_and_survives_a_shell)
{
    arena_t *arena = arena_new ();
    run_t run = {
        .workflow = ".github/workflows/ci.yml", .event = "push", .ref = "refs/heads/main", .inputs = "{}"};
    failure_t failure = {.key = "test", .matrix = "{\"os\":\"it's\",\"deep\":{\"a\":1},\"n\":2}"};
    CHECK_STR (
        failure_command (arena, &run, &failure),
        "opencicd run .github/workflows/ci.yml --event push --job test --matrix 'os:it'\\''s' --matrix n:2");
    run.event = "workflow_dispatch";
    run.inputs = "{\"size\":\"a b\"}";
    run.ref = "refs/tags/v1";
    failure = (failure_t){.key = "deploy/build", .matrix = "null"};
    CHECK_STR (failure_command (arena, &run, &failure),
               "opencicd run .github/workflows/ci.yml --ref refs/tags/v1 --job deploy -i 'size=a b'");
    run.workflow = "";
    CHECK_STR (failure_command (arena, &run, &failure), "");
    arena_destroy (&arena);
}
