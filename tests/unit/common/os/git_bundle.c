/* The head of a bundle: what we write is read back, what git writes is read, anything else is refused. */

#include "common/os/git_bundle.h"

#include "tests/unit/test.h"

#include <string.h>

#define A     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LONG  A "cccccccccccccccccccccccc"
#define FIRST "# v2 git bundle\n"

static fault_t read_head (turn_t *turn, const char *text, git_bundle_t *out)
{
    turn->detail = NULL;
    return git_bundle_read (turn, text, strlen (text), out);
}

TEST (a_head_that_is_written_is_read_back)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    git_bundle_t got;
    turn_init (&turn, arena, "", 0);
    const char *tips[] = {A, LONG};
    for (size_t i = 0; i < 2; i++) {
        const git_bundle_t made = {
            .bases = {B, A}, .base_count = 2, .tip = tips[i], .ref = "refs/opencicd/try/y1"};
        const char *head = git_bundle_head (arena, &made);
        CHECK_INT (read_head (&turn, arena_printf (arena, "%sPACK", head), &got), OK);
        CHECK_INT (got.base_count, 2);
        CHECK_STR (got.bases[0], B);
        CHECK_STR (got.tip, tips[i]);
        CHECK_STR (got.ref, "refs/opencicd/try/y1");
        CHECK_INT (got.size, strlen (head));
    }
    arena_destroy (&arena);
}

TEST (what_is_not_the_head_of_a_bundle_is_refused)
{
    static const char *const wrong[] = {"",
                                        "PACK",
                                        FIRST,
                                        FIRST "\n",
                                        FIRST A " refs/heads/a\n",
                                        FIRST A " refs/heads/a",
                                        FIRST A " heads/a\n\n",
                                        FIRST A "\n\n",
                                        FIRST A "a refs/heads/a\n\n",
                                        FIRST A " refs/heads/a\n" B " refs/heads/b\n\n",
                                        FIRST A " refs/heads/a\n-" B "\n\n",
                                        FIRST "-" B "x\n" A " refs/heads/a\n\n",
                                        "# v4 git bundle\n" A " refs/heads/a\n\n",
                                        "# v3 git bundle\n@filter=blob:none\n" A " refs/heads/a\n\n"};
    arena_t *arena = arena_new ();
    turn_t turn;
    git_bundle_t got;
    turn_init (&turn, arena, "", 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (read_head (&turn, wrong[i], &got) != INVALID)
            test_fail (__FILE__, __LINE__, "%s is taken", wrong[i]);
    CHECK_INT (read_head (&turn, FIRST "-" B " Its subject\n" A " refs/heads/a\n\n", &got), OK);
    CHECK_STR (got.bases[0], B);
    const char *many = FIRST;
    for (int i = 0; i <= BUNDLE_BASES; i++)
        many = arena_printf (arena, "%s-" B "\n", many);
    CHECK_INT (read_head (&turn, arena_printf (arena, "%s" A " refs/heads/a\n\n", many), &got), INVALID);
    arena_destroy (&arena);
}
