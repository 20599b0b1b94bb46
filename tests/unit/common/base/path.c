/* Paths that come from outside stay below the folder that they are joined to. */

#include "common/base/path.h"

#include "tests/unit/test.h"

TEST (a_path_that_could_leave_its_folder_is_seen)
{
    static const char *const inside[] = {"a", "a/b.c", "a/", "...", "a..b/.c", ".a/..b"};
    static const char *const outside[] = {"",     "/",    "/a",     ".",     "..",   "./a",
                                          "../a", "a/..", "a/../b", "a/./b", "a//b", "a//"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (!path_is_inside (inside[i]))
            test_fail (__FILE__, __LINE__, "%s is refused", inside[i]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (path_is_inside (outside[i]))
            test_fail (__FILE__, __LINE__, "%s is taken", outside[i]);
}

TEST (only_one_and_two_dots_are_dots)
{
    CHECK (path_is_dots (".", 1));
    CHECK (path_is_dots ("..", 2));
    CHECK (!path_is_dots ("...", 3));
    CHECK (!path_is_dots (".a", 2));
    CHECK (path_is_dots (".a", 1));
    CHECK (!path_is_dots ("", 0));
}
