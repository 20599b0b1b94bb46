/* gitlab_rules.c - tests of GitLab's conditions: where they end, and what they keep of the status of earlier jobs. */

#include "cli/import/gitlab.h"
#include "tests/unit/cli/import/imported.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

TEST (a_condition_without_its_operand_is_read_up_to_its_end_and_not_past_it)
{
    static const char *const texts[] = {
        "",      "$",      "${",      "${A",      "$A ==", "$A == ",  "$A =~",   "$A =~ /",
        "$A !=", "$A && ", "$A || (", "$A == \"", "(",     "$A == $", "null ==", "$A =~ /x\\"};
    size_t page = (size_t) sysconf (_SC_PAGESIZE);
    char *pages = mmap (NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK (pages != MAP_FAILED && mprotect (pages + page, page, PROT_NONE) == 0);
    arena_t *arena = arena_new ();
    gitlab_t gitlab = {.arena = arena};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t size = strlen (texts[i]) + 1;
        char *text = memcpy (pages + page - size, texts[i], size); // The byte after its NUL cannot be read
        const char *expression = gitlab_expression (&gitlab, NULL, text);
        if (expression)
            test_fail (__FILE__, __LINE__, "%s became %s", texts[i], expression);
    }
    arena_destroy (&arena);
    munmap (pages, 2 * page);
}

// The `if` of a job with these rules.
static void check_rules (const char *rules, const char *want, size_t notes)
{
    arena_t *arena = arena_new ();
    imported_t of = imported (import_gitlab, arena_printf (arena, "job:\n  script: x\n  rules: %s\n", rules));
    CHECK_HAS (&of, arena_printf (arena, "    if: %s\n", want));
    CHECK_INT (of.notes, notes);
    imported_end (&of);
    arena_destroy (&arena);
}

#define TAG  "github.ref_type == 'tag'"
#define WELL "!failure() && !cancelled()"

TEST (a_rule_that_runs_after_failures_leaves_the_others_to_run_after_success_only)
{
    static const struct {
        const char *rules, *want;
    } cases[] = {
        {"[{if: '$CI_COMMIT_TAG'}, {when: always}]", "${{ " TAG " && " WELL " || !(" TAG ") && always() }}"},
        {"[{if: '$CI_COMMIT_TAG', when: always}, {when: on_success}]",
         "${{ " TAG " && always() || !(" TAG ") && " WELL " }}"},
        {"[{if: '$CI_COMMIT_TAG', when: on_failure}, {if: '$A == $B'}]",
         "${{ " TAG " && failure() || !(" TAG ") && vars.A == vars.B && " WELL " }}"},
        {"[{if: '$CI_COMMIT_TAG', when: never}, {when: always}]", "${{ !(" TAG ") && always() }}"},
        {"[{when: on_success}, {when: always}]", "${{ " WELL " }}"},
        {"[{if: '$A == \"always()\"'}, {if: '$CI_COMMIT_TAG'}]", "${{ vars.A == 'always()' || " TAG " }}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_rules (cases[i].rules, cases[i].want, 0);
}

TEST (a_rule_that_waits_for_a_hand_is_not_overtaken_by_the_next)
{
    check_rules ("[{if: '$CI_COMMIT_TAG', when: manual}, {when: on_success}]",
                 "'${{ github.ref_type == ''tag'' && inputs[''job''] || !(github.ref_type == ''tag'') }}'",
                 0);
}

TEST (what_a_rule_that_is_not_understood_would_have_kept_from_running_does_not_run)
{
    check_rules ("[{if: '$X =~ /^a.c$/', when: never}, {when: on_success}]", "${{ false }}", 1);
    check_rules ("[{if: '$X =~ /^a.c$/', when: manual}, {when: on_success}]", "${{ false }}", 1);
    check_rules ("[{if: '$CI_COMMIT_TAG'}, {changes: [a], when: never}, {when: on_success}]",
                 "${{ " TAG " }}", 1);
    check_rules ("[{if: '$X =~ /^a.c$/'}, {if: '$CI_COMMIT_TAG'}]", "${{ " TAG " }}", 1);
}

TEST (a_job_after_one_that_may_be_skipped_keeps_its_success_beside_a_text_that_looks_like_a_status)
{
    imported_t of =
        imported (import_gitlab, "stages: [a, b]\none: {stage: a, script: x, only: [main]}\n"
                                 "two: {stage: b, script: x, rules: [{if: '$A == \"failure()\"'}]}\n");
    CHECK_HAS (&of, "    if: ${{ " WELL " && vars.A == 'failure()' }}\n");
    imported_end (&of);
}
