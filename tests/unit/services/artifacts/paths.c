/* Which names and paths an artifact may have. */

#include "services/artifacts/paths.h"
#include "services/artifacts/upload_store.h"
#include "tests/unit/test.h"

#include <string.h>

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

static fault_t check_files (const char *first, const char *second)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    int64_t size;
    turn_init (&turn, arena, "test", 0);
    artifact_file_t files[] = {{.path = first, .size = 1, .sha256 = ""},
                               {.path = second, .size = 2, .sha256 = ""}};
    fault_t fault = file_list_check (&turn, &(artifact_file_items_t){files, second ? 2 : 1}, &size);
    if (fault)
        CHECK (turn.detail && strstr (turn.detail, "files"));
    arena_destroy (&arena);
    return fault;
}

TEST (a_path_that_could_leave_its_folder_is_refused)
{
    static const char *const bad[] = {"/etc/passwd", "..",    "../a",  "a/../b", "a/..", "./a",
                                      "a/.",         "a//b",  "a/",    "/",      "a\\b", "..\\a",
                                      "a\nb",        "a\x7f", "a/./b", ".",      "\x01", "//a"};
    static const char *const good[] = {
        "a", "a/b/c", "...", "..a", "a..", ".hidden", "a b", "\xc3\xa4/\xe2\x82\xac", "c:d", "-rf"};
    for (size_t i = 0; i < COUNT (bad); i++)
        if (check_files (bad[i], NULL) != INVALID)
            test_fail (__FILE__, __LINE__, "\"%s\" is taken", bad[i]);
    for (size_t i = 0; i < COUNT (good); i++)
        if (check_files (good[i], NULL) != OK)
            test_fail (__FILE__, __LINE__, "\"%s\" is refused", good[i]);
}

TEST (a_path_occurs_once_and_is_a_file_or_a_folder)
{
    CHECK_INT (check_files ("a", "a"), INVALID);
    CHECK_INT (check_files ("a", "a/b"), INVALID);
    CHECK_INT (check_files ("a/b/c", "a/b"), INVALID);
    CHECK_INT (check_files ("a/b", "a/bc"), OK);
    CHECK_INT (check_files ("a-b", "a/b"), OK);
}

TEST (a_name_has_no_character_that_a_file_system_minds)
{
    static const char *const bad[] = {"",   ".",     "..", "a/b", "a\\b", "a:b", "a*",
                                      "a?", "\"a\"", "<a", "a>",  "a|b",  "a\tb"};
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    for (size_t i = 0; i < COUNT (bad); i++)
        CHECK_INT (artifact_name_check (&turn, bad[i]), INVALID);
    CHECK_INT (artifact_name_check (&turn, "my app (1.0) \xc3\xa4"), OK);
    arena_destroy (&arena);
}

TEST (sizes_that_are_negative_or_too_large_together_are_refused)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    int64_t size;
    turn_init (&turn, arena, "test", 0);
    artifact_file_t files[] = {{.path = "a", .size = INT64_MAX, .sha256 = ""},
                               {.path = "b", .size = INT64_MAX, .sha256 = ""}};
    artifact_file_items_t list = {files, 2};
    CHECK_INT (file_list_check (&turn, &list, &size), TOO_LARGE);
    files[0].size = UPLOAD_MAX; // Each fits, both do not
    files[1].size = 1;
    CHECK_INT (file_list_check (&turn, &list, &size), TOO_LARGE);
    CHECK (strstr (turn.detail, "\"b\""));
    files[1].size = 0;
    CHECK_INT (file_list_check (&turn, &list, &size), OK);
    CHECK_INT (size, UPLOAD_MAX);
    files[0].size = -1;
    CHECK_INT (file_list_check (&turn, &list, &size), INVALID);
    files[0] = (artifact_file_t){.path = "a", .sha256 = "ABC"};
    CHECK_INT (file_list_check (&turn, &list, &size), INVALID);
    arena_destroy (&arena);
}

TEST (a_path_has_at_most_100_segments)
{
    char path[2 * 101];
    for (size_t i = 0; i < sizeof (path); i += 2)
        path[i] = 'a', path[i + 1] = '/';
    path[sizeof (path) - 1] = '\0';
    CHECK_INT (check_files (path, NULL), INVALID);
    CHECK_INT (check_files (path + 2, NULL), OK);
}

static bool is_in_way (const char *a, const char *b)
{
    size_t size = strlen (a);
    return strcmp (a, b) == 0 || (strncmp (a, b, size) == 0 && b[size] == '/');
}

// Against the definition, pair by pair, on random short paths of characters around the separator's.
TEST (a_list_is_refused_exactly_where_two_of_its_paths_are_in_each_others_way)
{
    static const char letters[] = "a/b-0\xff.";
    unsigned seed = 1, refused = 0;
    for (int round = 0; round < 3000; round++) {
        enum { COUNT_OF = 5 };
        char paths[COUNT_OF][8] = {{0}};
        artifact_file_t files[COUNT_OF] = {{0}};
        bool good = true, well = true;
        for (int i = 0; i < COUNT_OF; i++) {
            unsigned size = 1 + (seed = seed * 1664525 + 1013904223) / 65536 % 5;
            for (unsigned j = 0; j < size; j++)
                paths[i][j] = letters[(seed = seed * 1664525 + 1013904223) / 65536 % 7];
            files[i] = (artifact_file_t){.path = paths[i], .sha256 = ""};
            well &= check_files (paths[i], NULL) == OK;
        }
        for (int i = 0; i < COUNT_OF; i++)
            for (int j = 0; j < COUNT_OF; j++)
                good &= i == j || !is_in_way (paths[i], paths[j]);
        if (!well)
            continue;
        arena_t *arena = arena_new ();
        turn_t turn;
        int64_t size;
        turn_init (&turn, arena, "test", 0);
        fault_t fault = file_list_check (&turn, &(artifact_file_items_t){files, COUNT_OF}, &size);
        CHECK_INT (fault, good ? OK : INVALID);
        refused += !good;
        arena_destroy (&arena);
    }
    CHECK (refused > 50);
}
