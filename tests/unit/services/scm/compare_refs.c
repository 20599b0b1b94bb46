/* What differs between the refs of a repository and those that were dealt with. */

#include "services/scm/hooks/compare.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"

static ref_rows_t read_refs (turn_t *turn, const char *text, const char *pulls)
{
    ref_rows_t rows;
    CHECK_INT (compare_read (turn, text, strlen (text), pulls, &rows), OK);
    return rows;
}

TEST (the_list_of_a_remote_is_read_with_tags_as_what_they_are_of)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "compare", 0);
    ref_rows_t rows = read_refs (&turn,
                                 A "\trefs/tags/v1\n" B "\trefs/tags/v1^{}\n" C "\trefs/heads/main\n" A
                                   "\trefs/merge-requests/12/head\n" A "\trefs/notes/commits\nwarning: x\n",
                                 "refs/merge-requests/");
    CHECK_INT (rows.count, 3);
    CHECK_STR (rows.items[0].ref, "refs/heads/main");
    CHECK_STR (rows.items[1].ref, "refs/pull/12/head");
    CHECK_STR (rows.items[2].ref, "refs/tags/v1");
    CHECK_STR (rows.items[2].sha, B);
    arena_destroy (&arena);
}

TEST (a_ref_whose_name_is_not_utf8_is_not_followed)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "compare", 0);
    ref_rows_t rows =
        read_refs (&turn, A "\trefs/heads/caf\xe9\n" B "\trefs/heads/caf\xc3\xa9\n" C "\trefs/tags/\xff\n",
                   "refs/pull/");
    CHECK_INT (rows.count, 1);
    CHECK_STR (rows.items[0].ref, "refs/heads/caf\xc3\xa9");
    arena_destroy (&arena);
}

TEST (what_is_new_moved_or_gone_is_found_and_old_pull_requests_are_not)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    ref_changes_t changes;
    turn_init (&turn, arena, "compare", 0);
    ref_rows_t there = read_refs (&turn,
                                  B "\trefs/heads/moved\n" A "\trefs/heads/new\n" A "\trefs/heads/same\n" A
                                    "\trefs/pull/3/head\n" B "\trefs/pull/5/head\n" A "\trefs/pull/9/head\n",
                                  "refs/pull/");
    ref_rows_t known = read_refs (&turn,
                                  A "\trefs/heads/gone\n" A "\trefs/heads/moved\n" A "\trefs/heads/same\n" A
                                    "\trefs/pull/4/head\n" A "\trefs/pull/5/head\n",
                                  "refs/pull/");
    compare_refs (arena, &there, &known, 8, &changes);
    static const struct {
        const char *ref, *before, *after;
        int64_t pull;
    } want[] = {{"refs/heads/gone", A, "", 0},
                {"refs/heads/moved", A, B, 0},
                {"refs/heads/new", "", A, 0},
                {"refs/pull/5/head", A, B, 5},
                {"refs/pull/9/head", "", A, 9}};
    CHECK_INT (changes.count, sizeof want / sizeof want[0]);
    for (size_t i = 0; i < changes.count; i++) {
        CHECK_STR (changes.items[i].ref, want[i].ref);
        CHECK_STR (changes.items[i].before, want[i].before);
        CHECK_STR (changes.items[i].after, want[i].after);
        CHECK_INT (changes.items[i].pull, want[i].pull);
    }
    CHECK_INT (changes.largest, 9);
    arena_destroy (&arena);
}
