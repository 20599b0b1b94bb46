/* What made a job fail is told by its reason, its exit code or its lines, in this order. */

#include "services/scheduler/failure/failure.h"
#include "tests/unit/test.h"

#include <string.h>

typedef struct {
    const char *reason, *step, *text; // Lines; NULL: no step failed
    result_t result;
    int64_t exit_code;
    bool out_of_memory; // As the kernel counts
} case_t;

static log_line_items_t lines_of (arena_t *arena, const char *text)
{
    log_line_items_t lines = {arena_array (arena, 60, sizeof (log_line_t)), 0};
    for (const char *at = text; *at;) {
        size_t size = strcspn (at, "\n");
        lines.items[lines.count] = (log_line_t){(int64_t) lines.count + 1, arena_strndup (arena, at, size)};
        lines.count++;
        at += size + (at[size] == '\n');
    }
    return lines;
}

// The steps: a set-up, one that went well, and the one of the case.
static failure_t read_case (arena_t *arena, const case_t *from)
{
    step_row_t *steps = arena_array (arena, 3, sizeof *steps);
    steps[0] =
        (step_row_t){.name = "Set up job", .id = "", .state = step_finished, .conclusion = result_success};
    steps[1] = (step_row_t){
        .number = 1, .name = "Build", .id = "", .state = step_finished, .conclusion = result_success};
    steps[2] = (step_row_t){.number = 2,
                            .name = from->step ? from->step : "Test",
                            .id = "",
                            .state = step_finished,
                            .conclusion = result_failure,
                            .exit_code = from->exit_code,
                            .out_of_memory = from->out_of_memory};
    const job_t job = {.id = "j1",
                       .name = "check",
                       .key = "check",
                       .state = job_finished,
                       .result = from->result ? from->result : result_failure,
                       .reason = from->reason ? from->reason : "step 2, \"Test\", failed",
                       .steps = {steps, 3}};
    log_line_items_t lines = lines_of (arena, from->text);
    failure_t failure;
    failure_read (arena, &job, &lines, &failure);
    return failure;
}

static void check_cause (const case_t *from, cause_t cause)
{
    arena_t *arena = arena_new ();
    failure_t failure = read_case (arena, from);
    CHECK_STR (state_name (&states_cause, failure.cause), state_name (&states_cause, cause));
    arena_destroy (&arena);
}

TEST (what_is_certain_comes_before_what_lines_suggest)
{
    check_cause (&(case_t){.text = "a.c:1:2: error: x", .reason = "agent lost"}, cause_agent);
    check_cause (
        &(case_t){.text = "a.c:1:2: error: x", .reason = "timed out after 5 min", .result = result_cancelled},
        cause_timeout);
    check_cause (
        &(case_t){.text = "a.c:1:2: error: x", .reason = "cancelled by ada", .result = result_cancelled},
        cause_cancelled);
    check_cause (&(case_t){.text = "Segmentation fault", .exit_code = 139}, cause_crash);
    check_cause (&(case_t){.text = "Assertion `x' failed.\nAborted", .exit_code = 134}, cause_test);
    check_cause (&(case_t){.text = "terminate called\nAborted", .exit_code = 134}, cause_crash);
    check_cause (&(case_t){.text = "", .exit_code = 127}, cause_dependency);
    check_cause (&(case_t){.text = "##[error]The step ran out of time."}, cause_timeout);
    check_cause (&(case_t){.text = "nothing to see", .exit_code = 1}, cause_command);
}

TEST (who_was_killed_ran_out_of_memory_where_the_kernel_or_its_lines_say_so)
{
    arena_t *arena = arena_new ();
    const case_t killed = {.text = "x.c:1:2: error: y\nKilled", .exit_code = 137};
    case_t counted = killed;
    counted.out_of_memory = true;
    check_cause (&killed, cause_killed);
    check_cause (&counted, cause_memory);
    check_cause (&(case_t){.text = "java.lang.OutOfMemoryError", .exit_code = 137}, cause_memory);
    check_cause (&(case_t){.text = "x.c:1:2: error: y", .exit_code = 1, .out_of_memory = true},
                 cause_compile); // It was another process
    CHECK_STR (read_case (arena, &(case_t){.text = "", .exit_code = 137}).summary,
               "\"Test\" was killed (137), perhaps out of memory");
    CHECK_STR (read_case (arena, &(case_t){.text = "", .exit_code = 137, .out_of_memory = true}).summary,
               "\"Test\" was killed (137) for lack of memory");
    arena_destroy (&arena);
}

TEST (words_of_tools_tell_the_cause_and_the_special_one_wins)
{
    check_cause (&(case_t){.text = "cc1: error: x.c: No space left on device", .exit_code = 1}, cause_disk);
    check_cause (&(case_t){.text = "ModuleNotFoundError: No module named 'x'", .exit_code = 1},
                 cause_dependency);
    check_cause (&(case_t){.text = "curl: (6) Could not resolve host: x", .exit_code = 6}, cause_network);
    check_cause (&(case_t){.text = "x.c:1:1: error: y\nmake: *** [all] Error 1", .exit_code = 2},
                 cause_compile);
    check_cause (&(case_t){.text = "x.c:1:1: error: y", .step = "Lint", .exit_code = 1}, cause_lint);
    check_cause (&(case_t){.text = "--- FAIL: TestX (0.00s)\nFAIL", .exit_code = 1}, cause_test);
    check_cause (&(case_t){.text = "fatal: Authentication failed for 'x'", .exit_code = 128}, cause_secret);
    check_cause (&(case_t){.text = "##[error]the run has no artifact \"x\""}, cause_artifact);
    check_cause (&(case_t){.text = "the run has no artifact \"x\"", .exit_code = 1},
                 cause_command); // A program says so
}

// What a careful reader would call the cause, of logs whose early lines mislead.
static const struct {
    const char *text;
    cause_t cause;
    const char *says; // The line that the summary quotes
} misleading[] = {
    {"waiting for the database: connection refused\nwaiting for the database: connection refused\nit is up\n"
     "migrated\nrunning 40 tests\nAssertionError: expected 3, got 2",
     cause_test, "AssertionError: expected 3, got 2"},
    {"lint: 0 errors, 0 warnings\nbuilding\npacking\ndeploying\nthe target refused release 14: version 13 is newer",
     cause_command, "the target refused release 14: version 13 is newer"},
    {"Running with error reporting on\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\n"
     "thirteen\nfourteen\nquota of the project is used up",
     cause_command, "quota of the project is used up"},
    {"find: '/root': Permission denied\nfound 14 files\nchecked 14 files\nx.c:3:1: error: y undeclared\n"
     "    3 |  return y;\n      |         ^\nmake: *** [x.o] Error 1",
     cause_compile, "x.c:3:1: error: y undeclared"},
    {"cp: cannot create 'out/a': Permission denied\nerror: script \"install\" failed\nmake: *** [all] Error 1",
     cause_permission, "cp: cannot create 'out/a': Permission denied"},
    {"fatal: unable to access 'https://x/': Could not resolve host: x\n error: could not fetch origin",
     cause_network, "fatal: unable to access 'https://x/': Could not resolve host: x"},
    {"Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect (node:net:1555:16)\n"
     "    at TCPConnectWrap.callback (node:internal:17)\n1 failing tests",
     cause_network, "Error: connect ECONNREFUSED 127.0.0.1:5432"},
    {"optional tool jq: not found, going on without\nstep one\nstep two\nstep three\n--- FAIL: TestLease (0.01s)\n"
     "    lease_test.go:14: got 3\nFAIL",
     cause_test, "--- FAIL: TestLease (0.01s)"},
    {"x.c:3:1: error: y undeclared\n[40/99] Building b.o\n[41/99] Building c.o\n[42/99] Building d.o\n"
     "ninja: build stopped: subcommand failed.",
     cause_compile, "x.c:3:1: error: y undeclared"},
    {"retry 1: getaddrinfo EAI_AGAIN\nok\nfetched 3 packages\ninstalled\nRan out of licences", cause_network,
     "retry 1: getaddrinfo EAI_AGAIN"}, // Nothing later says more: near the end it counts
    {"##[error]The answer is wrong\nall\nthat\nfollows\nis\nsaid\nafter\nit", cause_command,
     "The answer is wrong"},
    {"3 passed, 0 failed\nuploading coverage\nno coverage token for this branch", cause_command,
     "no coverage token for this branch"},
};

TEST (the_last_incident_tells_the_cause_not_an_early_line)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof misleading / sizeof *misleading; i++) {
        const char *text =
            arena_printf (arena, "%s\n##[error]Process completed with exit code 1.", misleading[i].text);
        failure_t failure = read_case (arena, &(case_t){.text = text, .exit_code = 1});
        CHECK_STR (state_name (&states_cause, failure.cause),
                   state_name (&states_cause, misleading[i].cause));
        CHECK_STR (failure.summary, arena_printf (arena, "\"Test\" exited with 1: %s", misleading[i].says));
    }
    arena_destroy (&arena);
}

TEST (a_connection_that_was_refused_long_before_the_end_is_no_cause)
{
    arena_t *arena = arena_new ();
    const char *text = "db: connection refused\n";
    for (int i = 0; i < 45; i++)
        text = arena_printf (arena, "%sstep %d\n", text, i);
    text = arena_printf (arena, "%sthe licence has expired\n", text);
    failure_t failure = read_case (arena, &(case_t){.text = text, .exit_code = 1});
    CHECK_STR (failure.summary, "\"Test\" exited with 1: the licence has expired");
    CHECK_INT (failure.cause, cause_command);
    arena_destroy (&arena);
}

TEST (the_lines_around_the_cause_and_the_end_are_shown)
{
    arena_t *arena = arena_new ();
    const char *text = "one\ntwo\nthree\nx.c:1:1: error: y\n##[endgroup]\n";
    for (int i = 0; i < 40; i++)
        text = arena_printf (arena, "%sline %d\n", text, i);
    text = arena_printf (arena, "%s##[error]Process completed with exit code 2.\n", text);
    failure_t failure = read_case (arena, &(case_t){.text = text, .exit_code = 2});
    CHECK_STR (failure.lines.items[0].text, "two");
    CHECK_INT (failure.lines.items[0].line, 2);
    CHECK_STR (failure.lines.items[2].text, "x.c:1:1: error: y");
    CHECK_STR (failure.lines.items[3].text, "line 0"); // Without the fold
    CHECK_STR (failure.lines.items[failure.lines.count - 1].text, "Process completed with exit code 2.");
    CHECK (failure.lines.count <= MAX_FAILURE_LINES);
    CHECK_STR (failure.summary, "\"Test\" exited with 2: x.c:1:1: error: y");
    arena_destroy (&arena);
}

TEST (a_post_step_is_one_only_where_its_step_is)
{
    step_row_t steps[] = {
        {.name = "Set up job", .state = step_finished, .conclusion = result_success},
        {.number = 1, .name = "Post letters", .state = step_finished, .conclusion = result_failure},
        {.number = 2, .name = "Post Post letters", .state = step_finished, .conclusion = result_failure}};
    const job_t job = {.steps = {steps, 3}};
    CHECK_INT (failure_phase (&job, &steps[0]), phase_setup);
    CHECK_INT (failure_phase (&job, &steps[1]), phase_main);
    CHECK_INT (failure_phase (&job, &steps[2]), phase_post);
    CHECK (failure_step (&job) == &steps[1]);
}
