/* stored_secrets.c - what a job's contexts become with the secrets that the server keeps for it. */

#include "agent/stored_secrets.h"

#include "tests/unit/test.h"

static const struct {
    const char *contexts, *secrets, *variables, *want;
} cases[] = {
    {"{\"vars\":{},\"secrets\":{}}", "{\"A\":\"1\"}", "{}", "{\"vars\":{},\"secrets\":{\"A\":\"1\"}}"},
    {"{\"vars\":{\"V\":\"1\",\"W\":\"2\"},\"secrets\":{}}", "{}", "{\"v\":\"of the environment\"}",
     "{\"vars\":{\"V\":\"of the environment\",\"W\":\"2\"},\"secrets\":{}}"},
    // What a call passed as a text stays; what it named is there now; what nobody has may be the machine's
    {"{\"vars\":{},\"secrets\":{\"a\":\"text\",\"b\":{\"from\":\"B\"},\"c\":{\"from\":\"C\"},\"d\":\"\"}}",
     "{\"A\":\"1\",\"B\":\"2\",\"D\":\"4\"}", "{}",
     "{\"vars\":{},\"secrets\":{\"a\":\"text\",\"b\":\"2\",\"c\":{\"from\":\"C\"},\"d\":\"4\"}}"},
    {"{\"vars\":{},\"secrets\":{\"*\":{\"from\":\"*\"}}}", "{\"A\":\"1\"}", "{}",
     "{\"vars\":{},\"secrets\":{\"A\":\"1\"}}"},
};

TEST (stored_secrets_join_what_the_offer_has)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *out;
        const job_values_t values = {.secrets = cases[i].secrets, .variables = cases[i].variables};
        CHECK_INT (stored_secrets_merge (arena, cases[i].contexts, &values, &out), OK);
        CHECK_STR (out, cases[i].want);
    }
    const char *out;
    CHECK_INT (stored_secrets_merge (arena, "{}", &(job_values_t){.secrets = "[]", .variables = "{}"}, &out),
               INVALID);
    arena_destroy (&arena);
}
