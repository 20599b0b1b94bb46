/* file_reader.c - which files a run may need. */

#include "services/scheduler/run/file_reader.h"

#include "tests/unit/test.h"

static const char *named (const char *path)
{
    static char text[8];
    planned_file_t items[] = {
        {.name = "./.github/workflows/a.yml",
         .text = "uses: ./.github/workflows/b.yml\nuses: o/r/.github/workflows/d.yml@v1"},
        {.name = "./.github/workflows/b.yml", .text = "uses: ./.github/workflows/c.yml"},
        {.name = "./.github/workflows/c.yml", .text = "uses: ./.github/workflows/b.yml"},
        {.name = "o/r/.github/workflows/d.yml@v1", .text = ""},
        {.name = "./.github/workflows/e.yml", .text = "uses: ./.github/workflows/a.yml"},
    };
    bool found[5] = {false};
    size_t size = 0;
    files_named (&(planned_files_t){.items = items, .count = 5}, path, found);
    for (size_t i = 0; i < 5; i++)
        if (found[i])
            text[size++] = (char) ('a' + i);
    text[size] = 0;
    return text;
}

TEST (a_run_needs_its_own_file_what_that_names_and_what_those_name_and_no_other)
{
    CHECK_STR (named (".github/workflows/a.yml"), "abcd");
    CHECK_STR (named (".github/workflows/b.yml"), "bc");
    CHECK_STR (named (".github/workflows/e.yml"), "abcde");
    CHECK_STR (named (".github/workflows/none.yml"), "");
}
