/* option.c - options as help shows them. */

#include "common/base/option.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

TEST (options_are_two_columns_with_wrapped_text)
{
    static const char words[] =
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
    char *text = NULL;
    size_t size = 0;
    arena_t *arena = arena_new ();
    options_t options = {.count = 0};
    options_add (&options, arena, (option_t){.flag = "--follow", .letter = 'f', .doc = "Short."});
    options_add (&options, arena, (option_t){.flag = "--step", .value = "N", .doc = words});
    options_add (&options, arena,
                 (option_t){.flag = "--a-name-that-is-long", .value = "VALUE", .doc = "Below."});
    FILE *out = open_memstream (&text, &size);
    options_print (out, &options);
    fclose (out);
    CHECK_STR (
        text, "  -f, --follow                Short.\n"
              "      --step=N                one two three four five six seven eight nine ten eleven twelve\n"
              "                              thirteen fourteen\n"
              "      --a-name-that-is-long=VALUE\n"
              "                              Below.\n");
    free (text);
    arena_destroy (&arena);
}

TEST (a_shell_completes_the_values_that_are_paths)
{
    CHECK (option_takes_path (&(option_t){.flag = "--a", .value = "FILE.json"}));
    CHECK (option_takes_path (&(option_t){.flag = "--a", .value = "FOLDER"}));
    CHECK (!option_takes_path (&(option_t){.flag = "--a", .value = "N"}));
    CHECK (!option_takes_path (&(option_t){.flag = "--a"}));
}
