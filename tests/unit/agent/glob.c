/* glob.c - the files that patterns name. */

#include "agent/glob.h"

#include "agent/hash_files.h"
#include "tests/unit/agent/folder.h"
#include "tests/unit/test.h"

#include <string.h>
#include <unistd.h>

// The paths below the root, with blanks between; the root below `base` first.
static const char *found (arena_t *arena, const char *base, const char *const *patterns, bool hidden)
{
    glob_result_t result;
    const char *error;
    size_t count = 0;
    while (patterns[count])
        count++;
    CHECK_INT (glob_find (arena, base, patterns, count, hidden, &result, &error), OK);
    const char *out = arena_printf (arena, "%s:", result.root + strlen (base));
    for (size_t i = 0; i < result.count; i++)
        out = arena_printf (arena, "%s %s", out, glob_relative (&result, result.items[i].path));
    return out;
}

TEST (patterns_name_files_and_folders_and_take_away_again)
{
    static const struct {
        const char *patterns[4];
        bool hidden;
        const char *wanted;
    } cases[] = {
        {{"a.txt"}, false, ": a.txt"},
        {{"*.txt"}, false, ": a.txt b.txt"},
        {{"dir"}, false, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/"}, false, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/**"}, false, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/deep/e.txt"}, false, "/dir/deep: e.txt"},
        {{"**/*.txt"}, false, ": a.txt b.txt dir/c.txt dir/deep/e.txt"},
        {{"**/*.txt", "!dir/deep"}, false, ": a.txt b.txt dir/c.txt"},
        {{"**", "!**/*.txt"}, false, ": dir/deep/d.log"},
        {{"dir/c.txt", "dir/deep/d.log"}, false, "/dir: c.txt deep/d.log"},
        {{"a.txt", "a.txt", "[ab].txt"}, false, ": a.txt b.txt"},
        {{".hidden"}, true, "/.hidden: f"},
        {{"*"}, true, ": .hidden/f a.txt b.txt dir/c.txt dir/deep/d.log dir/deep/e.txt"},
        {{"nothing", "no/*.such"}, false, ":"},
        {{"./dir/../?.txt"}, false, ": a.txt b.txt"},
    };
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena);
    static const char *const files[] = {"a.txt",          "b.txt",          "dir/c.txt",
                                        "dir/deep/d.log", "dir/deep/e.txt", ".hidden/f"};
    for (size_t i = 0; i < sizeof (files) / sizeof (files[0]); i++)
        folder_put (base, files[i], files[i]);
    CHECK_INT (symlink ("..", arena_printf (arena, "%s/dir/loop", base)), 0);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (found (arena, base, cases[i].patterns, cases[i].hidden), cases[i].wanted);
    folder_remove (base);
    arena_destroy (&arena);
}

TEST (hash_files_changes_with_the_bytes_and_is_empty_for_nothing)
{
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *first, *again, *other, *none;
    static const char *const all[] = {"**/*.lock"}, *const nothing[] = {"*.none"};
    folder_put (base, "a.lock", "1");
    folder_put (base, "x/b.lock", "2");
    CHECK_INT (hash_files (arena, base, all, 1, &first), OK);
    CHECK_INT (hash_files (arena, base, all, 1, &again), OK);
    folder_put (base, "x/b.lock", "3");
    CHECK_INT (hash_files (arena, base, all, 1, &other), OK);
    CHECK_INT (hash_files (arena, base, nothing, 1, &none), OK);
    CHECK_STR (first, again);
    CHECK (strcmp (first, other) != 0 && strlen (first) == 64);
    CHECK_STR (none, "");
    folder_remove (base);
    arena_destroy (&arena);
}
