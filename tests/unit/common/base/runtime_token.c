/* A job's token in the shape of a JWT says what the toolkit reads in it, and is that token again for the server. */

#include "common/base/runtime_token.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <sodium.h>
#include <string.h>

static const char *claims_of (arena_t *arena, const char *token)
{
    const char *from = strchr (token, '.') + 1;
    size_t size = strcspn (from, "."), got;
    char *out = arena_alloc (arena, size + 1);
    CHECK_INT (sodium_base642bin ((unsigned char *) out, size, from, size, NULL, &got, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               0);
    return out;
}

TEST (a_runtime_token_names_run_and_job_and_holds_the_jobs_token)
{
    arena_t *arena = arena_new ();
    runtime_token_t from = {.token = "ocj_2.k.j1.1.5.9.mac",
                            .run = "r1",
                            .job = "j1",
                            .ref = "refs/heads/\"x\"",
                            .issued_us = SECONDS (5),
                            .expires_us = SECONDS (9)};
    const char *token = runtime_token_make (arena, &from);
    CHECK_STR (claims_of (arena, token),
               "{\"scp\":\"Actions.Results:r1:j1\",\"nbf\":5,\"exp\":9,"
               "\"ac\":\"[{\\\"Scope\\\":\\\"refs/heads/\\\\\\\"x\\\\\\\"\\\",\\\"Permission\\\":3}]\"}");
    CHECK_STR (runtime_token_job (arena, token), from.token);
    from.run = from.ref = "";
    CHECK_STR (claims_of (arena, runtime_token_make (arena, &from)),
               "{\"scp\":\"Actions.Results:j1:j1\",\"nbf\":5,\"exp\":9,\"ac\":\"[]\"}");
    arena_destroy (&arena);
}

TEST (the_claims_are_whole_however_long_the_ref_is)
{
    static char ref[4097];
    arena_t *arena = arena_new ();
    memset (ref, '"', sizeof (ref) - 1);
    const runtime_token_t from = {.token = "t", .run = "r1", .job = "j1", .ref = ref};
    const char *claims = claims_of (arena, runtime_token_make (arena, &from));
    CHECK_STR (claims + strlen (claims) - strlen (",\\\"Permission\\\":3}]\"}"),
               ",\\\"Permission\\\":3}]\"}");
    arena_destroy (&arena);
}

TEST (any_other_token_stays_what_it_is)
{
    static const char *const others[] = {
        "",         "ocj_2.k.j1.1.5.9.mac", "oct_x", "eyJ.a", "eyJ.a.b.c", "eyJ.a.!!!", "eyJ.a.AGE", "a.b.c",
        "eyJa.b.c="};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (others) / sizeof (others[0]); i++)
        CHECK_STR (runtime_token_job (arena, others[i]), others[i]);
    arena_destroy (&arena);
}

TEST (it_lives_as_long_as_the_jobs_token)
{
    arena_t *arena = arena_new ();
    const char *token = runtime_token_of_job (arena, "ocj_2.k.j1.1.5.9.mac", "r1", "j1", "", SECONDS (7));
    CHECK (strstr (claims_of (arena, token), "\"nbf\":5,\"exp\":9,"));
    token = runtime_token_of_job (arena, "ocj_j1.1.mac", "r1", "j1", "", SECONDS (7));
    CHECK (strstr (claims_of (arena, token), "\"nbf\":7,\"exp\":86407,"));
    CHECK_STR (runtime_token_job (arena, token), "ocj_j1.1.mac");
    arena_destroy (&arena);
}
