/* gitlab_text.c - tests of texts of a .gitlab-ci.yml that name variables: they end, and stay text. */

#include "tests/unit/cli/import/imported.h"

#include "common/base/buffer.h"

#include <string.h>

// `variables` with V0, and each of the next `count` naming the one before `times` times.
static const char *chain (arena_t *arena, const char *first, int count, int times)
{
    buffer_t *text = buffer_new (1 << 20);
    buffer_printf (text, "variables:\n  V0: '%s'\n", first);
    for (int i = 1; i <= count; i++) {
        buffer_printf (text, "  V%d: '", i);
        for (int j = 0; j < times; j++)
            buffer_printf (text, "$V%d", i - 1);
        buffer_puts (text, "'\n");
    }
    buffer_puts (text, "job: {script: x}\n");
    const char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

TEST (a_text_that_grows_with_each_variable_it_names_is_refused_with_the_name_of_one)
{
    arena_t *arena = arena_new ();
    imported_t of = imported (import_gitlab, chain (arena, "0123456789abcdef", 7, 100));
    CHECK_STR (of.error, "3: with the variable V1 written out, a text has more than 65536 bytes");
    imported_end (&of);
    of = imported (import_gitlab,
                   chain (arena, "", 7, 3000)); // However long that takes, nothing would come out
    CHECK_STR (of.error,
               "3: with the variable V1 written out, the texts of this file have more than 4194304 bytes");
    imported_end (&of);
    of = imported (import_gitlab, chain (arena, "a", 7, 2));
    CHECK_INT (of.notes, 0);
    CHECK_HAS (&of, "  V3: aaaaaaaa\n");
    imported_end (&of);
    arena_destroy (&arena);
}

TEST (a_script_that_is_longer_than_a_workflow_is_refused_and_not_cut)
{
    arena_t *arena = arena_new ();
    buffer_t *text = buffer_new (1 << 20);
    buffer_puts (text, ".a: &a '");
    for (size_t i = 0; i < 300000; i++)
        buffer_putc (text, 'x');
    buffer_puts (text, "'\njob: {script: [*a, *a, *a, *a]}\n");
    imported_t of = imported (import_gitlab, buffer_text (text));
    CHECK_STR (of.error, "2: a text here becomes more than 1048576 bytes");
    imported_end (&of);
    buffer_destroy (&text);
    arena_destroy (&arena);
}

TEST (what_only_becomes_an_expression_with_its_variables_written_out_stays_text)
{
    static const struct {
        const char *file, *want;
    } cases[] = {
        {"job: {script: x, image: '$${{ secrets.A }}'}\n", "container: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, image: '${{ secrets.A }}'}\n", "container: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, image: '$$${{ secrets.A }}'}\n", "container: '$${{ ''${{'' }} secrets.A }}'\n"},
        {"job: {script: x, variables: {D: $$}, image: '$D{{ secrets.A }}'}\n",
         "container: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, variables: {D: '{'}, image: '$$$D$D secrets.A }}'}\n",
         "container: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, image: \"$\\u2028{{ secrets.A }}\"}\n", "container: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, variables: {V: '$${{ secrets.A }}'}}\n", "V: ${{ '${{' }} secrets.A }}\n"},
        {"job: {script: x, resource_group: '$$$CI_COMMIT_SHA'}\n", "group: '$${{ github.sha }}'\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        imported_t of = imported (import_gitlab, cases[i].file);
        CHECK_HAS (&of, cases[i].want);
        imported_end (&of);
    }
}

TEST (what_a_variable_holds_becomes_no_part_of_a_script)
{
    imported_t of =
        imported (import_gitlab,
                  "job: {script: x, artifacts: {reports: {junit: $CI_COMMIT_BRANCH-$CI_COMMIT_SHA.xml}}}\n"
                  "other: {script: x, artifacts: {reports: {junit: $CI_COMMIT_REF_NAME.xml}}}\n");
    CHECK_HAS (&of, "reports: junit: \"$CI_COMMIT_REF_NAME.xml\"");
    CHECK_LACKS (&of, "::report file=");
    CHECK_INT (of.notes, 2);
    imported_end (&of);
}
