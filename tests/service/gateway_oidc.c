/* Identities of jobs at the gateway: what anybody may read and keep for a while, and what only the job itself gets. */

#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <string.h>

#define A_MINUTE 120 // PACES in gateway/slots.h

static void check (wire_answer_t answer, int status, const char *header, const char *body)
{
    CHECK_INT (answer.status, status);
    if (header && !strstr (answer.head, header))
        test_fail (__FILE__, __LINE__, "no %s in %s", header, answer.head);
    if (!strstr (answer.body, body))
        test_fail (__FILE__, __LINE__, "no %s in %s", body, answer.body);
    wire_forget (&answer);
}

TEST (anybody_reads_the_issuer_and_its_keys_and_may_keep_them_for_five_minutes)
{
    world_t *world = world_new ();
    static const struct {
        const char *path, *has;
    } rows[] = {{"/.well-known/openid-configuration", "{\"issuer\":\"https://ci.example.org\""},
                {"/.well-known/jwks",
                 "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"k1\""}};
    for (size_t i = 0; i < 2; i++) {
        check (wire_ask (world->address, "GET", rows[i].path, NULL, "", ""), 200,
               "Cache-Control: public, max-age=300\r\n", rows[i].has);
        // Not the page of a browser, and whatever token comes with it
        check (wire_ask (world->address, "GET", rows[i].path, "unknown", "Accept: text/html\r\n", ""), 200,
               "Content-Type: application/json\r\n", rows[i].has);
    }
    CHECK_INT (world->checks, 0);
    world_destroy (&world);
}

TEST (a_job_gets_an_identity_with_its_own_token_and_nobody_else_does)
{
    world_t *world = world_new ();
    const char *own = world_job_token (world, "j1", 1), *other = world_job_token (world, "j2", 1);
    const char *path = "/api/v1/jobs/j1/id-token?attempt=1&audience=a%26b";
    check (wire_ask (world->address, "GET", path, own, "", ""), 200, "Cache-Control: no-store\r\n",
           "{\"value\":\"j1 1 a&b\"}");
    check (wire_ask (world->address, "GET", path, other, "", ""), 403, NULL, "another job");
    check (wire_ask (world->address, "GET", path, NULL, "", ""), 401, NULL, "");
    static const char *const others[] = {"admin", "developer", "viewer", "registrar", "a1", "forged-job"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        wire_answer_t answer = wire_ask (world->address, "GET", path, others[i], "", "");
        CHECK (answer.status == 403 || answer.status == 401);
        wire_forget (&answer);
    }
    check (wire_ask (world->address, "GET", "/jobs/j1/id-token?attempt=x", own, "", ""), 422, NULL,
           "attempt");
    check (wire_ask (world->address, "GET", "/jobs/j1/id-token?attempt=1&more=1", own, "", ""), 400, NULL,
           "more");
    world_destroy (&world);
}

TEST (a_job_asks_so_often_a_minute)
{
    world_t *world = world_new ();
    const char *own = world_job_token (world, "j1", 1);
    for (int i = 0; i < A_MINUTE; i++)
        check (wire_ask (world->address, "GET", "/jobs/j1/id-token?attempt=1", own, "", ""), 200, NULL,
               "j1 1");
    wire_answer_t answer = {0};
    for (int i = 0; i < A_MINUTE && answer.status != 503;
         i++) { // However slow: it asks faster than once in half a second
        wire_forget (&answer);
        answer = wire_ask (world->address, "GET", "/jobs/j1/id-token?attempt=1", own, "", "");
    }
    check (answer, 503, "Retry-After: ", "too many identities");
    world_destroy (&world);
}

TEST (keys_are_for_administrators)
{
    world_t *world = world_new ();
    static const char *const others[] = {"developer", "viewer", "registrar", "a1"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        check (wire_ask (world->address, "GET", "/oidc/keys", others[i], "", ""), 403, NULL, "");
        check (wire_ask (world->address, "POST", "/oidc/rotate", others[i], "", "{}"), 403, NULL, "");
    }
    world_destroy (&world);
}
