/* What identity vouched for is remembered for a moment, in bounded memory. */

#include "gateway/tokens.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "tests/unit/test.h"

#include <string.h>
static const char *credential;

TEST (a_token_is_remembered_for_a_few_seconds)
{
    arena_t *arena = arena_new ();
    tokens_t *tokens = tokens_new ();
    const char *hash = secret_hash (arena, "secret");
    caller_t caller = {.role = ROLE_VIEWER, .subject = "vic"}, out = {0};
    CHECK (!tokens_find (tokens, arena, hash, 1000, &out, &credential));
    tokens_keep (tokens, hash, 1000, &caller, "t1");
    CHECK (tokens_find (tokens, arena, hash, 1000 + SECONDS (TOKENS_SECONDS) - 1, &out, &credential));
    CHECK_INT (out.role, ROLE_VIEWER);
    CHECK_STR (out.subject, "vic");
    CHECK_STR (credential, "t1");
    CHECK (!tokens_find (tokens, arena, hash, 1000 + SECONDS (TOKENS_SECONDS), &out, &credential));
    tokens_destroy (&tokens);
    arena_destroy (&arena);
}

TEST (a_revocation_forgets_all)
{
    arena_t *arena = arena_new ();
    tokens_t *tokens = tokens_new ();
    const char *hash = secret_hash (arena, "secret");
    caller_t caller = {.role = ROLE_VIEWER, .subject = ""}, out;
    tokens_keep (tokens, hash, 0, &caller, "t1");
    tokens_forget (tokens, 1);
    CHECK (!tokens_find (tokens, arena, hash, 1, &out, &credential));
    tokens_keep (tokens, hash, 1, &caller, "t1"); // Identity was asked before that
    CHECK (!tokens_find (tokens, arena, hash, 2, &out, &credential));
    tokens_keep (tokens, hash, 2, &caller, "t1");
    CHECK (tokens_find (tokens, arena, hash, 2, &out, &credential));
    tokens_destroy (&tokens);
    arena_destroy (&arena);
}

TEST (a_thousand_tokens_never_answer_for_one_another)
{
    arena_t *arena = arena_new ();
    tokens_t *tokens = tokens_new ();
    size_t found = 0;
    for (int i = 0; i < 1000; i++) {
        caller_t caller = {.role = ROLE_AGENT, .subject = arena_printf (arena, "a%d", i)};
        tokens_keep (tokens, secret_hash (arena, caller.subject), 0, &caller, "t1");
    }
    for (int i = 0; i < 1000; i++) {
        const char *subject = arena_printf (arena, "a%d", i);
        caller_t out;
        if (tokens_find (tokens, arena, secret_hash (arena, subject), 1, &out, &credential)) {
            CHECK_STR (out.subject, subject);
            found++;
        }
    }
    CHECK (found > 100 && found <= TOKENS_KEPT);
    tokens_destroy (&tokens);
    arena_destroy (&arena);
}

TEST (a_subject_is_kept_whole_or_not_at_all)
{
    arena_t *arena = arena_new ();
    tokens_t *tokens = tokens_new ();
    caller_t out;
    for (int size = 60; size <= 70; size++) {
        const char *subject = arena_printf (arena, "%0*d", size, 1), *hash = secret_hash (arena, subject);
        const caller_t caller = {.role = ROLE_VIEWER, .subject = subject};
        tokens_keep (tokens, hash, 0, &caller, "t1");
        bool found = tokens_find (tokens, arena, hash, 1, &out, &credential);
        CHECK_INT (found, size <= 64);
        if (found)
            CHECK_STR (out.subject, subject);
    }
    tokens_destroy (&tokens);
    arena_destroy (&arena);
}

TEST (roles_in_projects_are_kept_with_a_token_and_too_many_are_not)
{
    arena_t *arena = arena_new ();
    tokens_t *tokens = tokens_new ();
    char many[GRANTS_TEXT + 2];
    const char *hash = secret_hash (arena, "secret"), *other = secret_hash (arena, "other");
    caller_t caller = {.role = ROLE_MEMBER, .subject = "ada", .grants = "|p1=D|"}, out = {0};
    tokens_keep (tokens, hash, 0, &caller, "t1");
    CHECK (tokens_find (tokens, arena, hash, 1, &out, &credential));
    CHECK_STR (out.grants, "|p1=D|");
    caller.grants = NULL;
    tokens_keep (tokens, hash, 0, &caller, "t1");
    CHECK (tokens_find (tokens, arena, hash, 1, &out, &credential));
    CHECK (!out.grants);
    memset (many, '|', GRANTS_TEXT + 1);
    many[GRANTS_TEXT + 1] = '\0';
    caller.grants = many;
    tokens_keep (tokens, other, 0, &caller, "t1");
    CHECK (!tokens_find (tokens, arena, other, 1, &out, &credential));
    tokens_destroy (&tokens);
    arena_destroy (&arena);
}
