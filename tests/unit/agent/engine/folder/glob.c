/* glob.c - the files that patterns name. */

#include "agent/engine/folder/glob.h"
#include "common/os/rooted.h"

#include "agent/engine/folder/hash_files.h"
#include "tests/unit/agent/engine/folder.h"
#include "tests/unit/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The paths below the root, with blanks between; the root below `base` first.
static const char *found (arena_t *arena, const char *base, const char *const *patterns, unsigned flags)
{
    glob_result_t result;
    const char *error;
    size_t count = 0;
    while (patterns[count])
        count++;
    CHECK_INT (glob_find (arena, &(glob_query_t){ROOTED_OURS, base, patterns, count, flags, NULL, NULL},
                          &result, &error),
               OK);
    const char *out = arena_printf (arena, "%s:", result.root + strlen (base));
    for (size_t i = 0; i < result.count; i++)
        out = arena_printf (arena, "%s %s", out, glob_relative (&result, result.items[i].path));
    return out;
}

TEST (patterns_name_files_and_folders_and_take_away_again)
{
    static const struct {
        const char *patterns[4];
        unsigned flags;
        const char *wanted;
    } cases[] = {
        {{"a.txt"}, 0, ": a.txt"},
        {{"*.txt"}, 0, ": a.txt b.txt"},
        {{"dir"}, 0, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/"}, 0, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/**"}, 0, "/dir: c.txt deep/d.log deep/e.txt"},
        {{"dir/deep/e.txt"}, 0, "/dir/deep: e.txt"},
        {{"**/*.txt"}, 0, ": a.txt b.txt dir/c.txt dir/deep/e.txt"},
        {{"**/*.txt", "!dir/deep"}, 0, ": a.txt b.txt dir/c.txt"},
        {{"**", "!**/*.txt"}, 0, ": dir/deep/d.log"},
        {{"dir/c.txt", "dir/deep/d.log"}, 0, "/dir: c.txt deep/d.log"},
        {{"a.txt", "a.txt", "[ab].txt"}, 0, ": a.txt b.txt"},
        {{".hidden"}, GLOB_HIDDEN, "/.hidden: f"},
        {{"*"}, GLOB_HIDDEN, ": .hidden/f a.txt b.txt dir/c.txt dir/deep/d.log dir/deep/e.txt"},
        {{"b.txt", "a.txt"}, 0, ": b.txt a.txt"},
        {{"dir/deep/*", "b.txt", "dir/c.txt"}, 0, ": dir/deep/d.log dir/deep/e.txt b.txt dir/c.txt"},
        {{"dir/deep/*", "b.txt", "dir"}, 0, ": b.txt dir/c.txt dir/deep/d.log dir/deep/e.txt"},
        {{"dir-x/**", "dir*/**", "dir.txt"}, 0, ": dir/c.txt dir/deep/d.log dir/deep/e.txt"},
        {{"dir/*"}, GLOB_FOLLOW, "/dir: c.txt deep/d.log deep/e.txt side/f"},
        {{"nothing", "no/*.such"}, 0, ":"},
        {{"./dir/../?.txt"}, 0, ": a.txt b.txt"},
        {{"dir", "*.txt"}, GLOB_NAMED, ": a.txt b.txt dir"},
        {{"dir/**"}, GLOB_NAMED, "/dir: "},
        {{"**/deep"}, GLOB_NAMED, ": dir/deep"},
        {{"dir/*"}, GLOB_NAMED | GLOB_FOLLOW, "/dir: c.txt deep side"},
        {{"*/deep/d.log", "!**/*.txt", "dir/*.txt"}, GLOB_NAMED, ": dir/c.txt dir/deep/d.log"},
        {{"*", "!dir", "!?.txt"}, GLOB_NAMED | GLOB_HIDDEN, ": .hidden"},
        {{"**/c.txt/x", "dir/**/e*/**"}, GLOB_NAMED, ": dir/deep/e.txt"},
    };
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena);
    static const char *const files[] = {"a.txt",          "b.txt",          "dir/c.txt",
                                        "dir/deep/d.log", "dir/deep/e.txt", ".hidden/f"};
    for (size_t i = 0; i < sizeof (files) / sizeof (files[0]); i++)
        folder_put (base, files[i], files[i]);
    CHECK_INT (symlink ("..", arena_printf (arena, "%s/dir/loop", base)), 0);
    CHECK_INT (symlink ("../.hidden", arena_printf (arena, "%s/dir/side", base)), 0);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (found (arena, base, cases[i].patterns, cases[i].flags), cases[i].wanted);
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
    CHECK_INT (hash_files (arena, ROOTED_OURS, base, all, 1, NULL, &first), OK);
    CHECK_INT (hash_files (arena, ROOTED_OURS, base, all, 1, NULL, &again), OK);
    folder_put (base, "x/b.lock", "3");
    CHECK_INT (hash_files (arena, ROOTED_OURS, base, all, 1, NULL, &other), OK);
    CHECK_INT (hash_files (arena, ROOTED_OURS, base, nothing, 1, NULL, &none), OK);
    CHECK_STR (first, again);
    CHECK (strcmp (first, other) != 0 && strlen (first) == 64);
    CHECK_STR (none, "");
    folder_remove (base);
    arena_destroy (&arena);
}

TEST (hash_files_takes_files_in_the_order_of_the_patterns)
{
    static const char forward[] = "4295f72eeb1e3507b8461e240e3b8d18c1e7bd2f1122b11fc9ec40a65894031a",
                      backward[] = "940ed9abddfb5ef28004408546bc5043cda391232b6afe07267f9f8ed2b500c9";
    static const struct {
        const char *patterns[3];
        fault_t fault;
        const char *wanted;
    } cases[] = {
        {{"*.lock"}, OK, forward},
        {{"b.lock", "a.lock"}, OK, backward},
        {{"# comment\nb.lock\r\n\n!c.lock\na.lock\n"}, OK, backward},
        {{"--follow-symbolic-links", "a.lock", "b.lock"}, OK, forward},
        {{"../../**/*.lock"}, OK, forward},
        {{"--follow", "a.lock"}, BAD_INPUT, ""},
        {{""}, OK, ""},
    };
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *workspace = arena_printf (arena, "%s/p/w", base), *out;
    folder_put (base, "p/w/a.lock", "1");
    folder_put (base, "p/w/b.lock", "2");
    folder_put (base, "p/other.lock", "3");
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        size_t count = 0;
        while (count < 3 && cases[i].patterns[count])
            count++;
        out = "";
        CHECK_INT (hash_files (arena, ROOTED_OURS, workspace, cases[i].patterns, count, NULL, &out),
                   cases[i].fault);
        CHECK_STR (out, cases[i].wanted);
    }
    folder_remove (base);
    arena_destroy (&arena);
}

TEST (a_tilde_is_the_home_folder_that_is_named)
{
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *error;
    static const char *const patterns[] = {"~/.kept"};
    glob_result_t result;
    folder_put (base, "home/.kept/x/y", "1");
    const char *home = arena_printf (arena, "%s/home", base);
    const glob_query_t query = {.root = ROOTED_OURS,
                                .base = base,
                                .patterns = patterns,
                                .count = 1,
                                .flags = GLOB_NAMED | GLOB_HIDDEN,
                                .home = home};
    CHECK_INT (glob_find (arena, &query, &result, &error), OK);
    CHECK_INT (result.count, 1);
    CHECK_STR (result.items[0].path, arena_printf (arena, "%s/.kept", home));
    folder_remove (base);
    arena_destroy (&arena);
}

// Before, each ** tried every place again for each place of the one before it: this took longer than anybody waits.
TEST (many_stars_over_a_deep_path_take_no_time_to_speak_of)
{
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *path = "x";
    for (int i = 0; i < 80; i++)
        path = arena_printf (arena, "a/%s", path);
    folder_put (base, path, "1");
    static const char *const patterns[] = {"**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/y",
                                           "**/a/**/a/**/x", NULL};
    const char *all = found (arena, base, patterns, 0);
    CHECK_STR (all, arena_printf (arena, ": %s", path));
    folder_remove (base);
    arena_destroy (&arena);
}

static bool always (void *self)
{
    ++*(int *) self;
    return true;
}

TEST (a_stop_ends_a_walk_and_a_hash)
{
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *error = "", *hash;
    static const char *const all[] = {"**"};
    int asked = 0;
    glob_result_t result;
    const glob_stop_t stop = {.asked = always, .self = &asked};
    for (int i = 0; i < 1100; i++)
        folder_put (base, arena_printf (arena, "f%d", i), "");
    CHECK_INT (glob_find (arena, &(glob_query_t){ROOTED_OURS, base, all, 1, 0, &stop, NULL}, &result, &error),
               UNAVAILABLE);
    CHECK_STR (error, "the job was asked to stop");
    CHECK_INT (asked, 1);
    CHECK_INT (hash_files (arena, ROOTED_OURS, base, all, 1, &stop, &hash), UNAVAILABLE);
    folder_remove (base);
    arena_destroy (&arena);
}

TEST (a_pipe_is_not_waited_for_when_files_are_hashed)
{
    arena_t *arena = arena_new ();
    const char *base = folder_new (arena), *path = arena_printf (arena, "%s/pipe", base);
    sha256_t sum;
    sha256_init (&sum);
    CHECK_INT (mkfifo (path, 0600), 0);
    CHECK (hash_file (ROOTED_OURS, path, &sum, NULL) != OK);
    folder_remove (base);
    arena_destroy (&arena);
}
