/* What a registration token allows, and for how many agents. */

#include "tests/service/identity/world.h"

#include <string.h>

static fault_t enroll_as (world_t *world, const token_t *registration, const char **labels, size_t count,
                          token_t *out)
{
    token_issue_t ask = {.role = "AGENT",
                         .name = "ada",
                         .subject = "a01",
                         .registration = registration->id,
                         .labels = {labels, count}};
    return ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, out);
}

static fault_t enroll (world_t *world, const token_t *registration, const char *label, token_t *out)
{
    const char *labels[] = {"linux", label};
    return enroll_as (world, registration, labels, label ? 2 : 1, out);
}

static token_t issue_registration (world_t *world, uint32_t uses, int64_t ttl_seconds, size_t labels)
{
    static const char *list[] = {"Linux", "gpu"};
    token_t token;
    token_issue_t ask = {.role = "REGISTRAR",
                         .name = "pool",
                         .uses = uses,
                         .ttl_seconds = ttl_seconds,
                         .labels = {list, labels}};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
    return token;
}

TEST_ON_ENGINES (a_registration_token_is_good_for_as_many_agents_as_it_was_issued_for)
{
    token_t agent, one = issue_registration (world, 1, 0, 0), two = issue_registration (world, 2, 0, 0);
    CHECK_INT (enroll (world, &one, NULL, &agent), OK);
    CHECK_INT (enroll (world, &one, NULL, &agent), FORBIDDEN);
    CHECK_INT (enroll (world, &two, NULL, &agent), OK);
    CHECK_INT (enroll (world, &two, NULL, &agent), OK);
    CHECK_INT (enroll (world, &two, NULL, &agent), FORBIDDEN);
    token_page_t page;
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_list, &(token_list_t){0}, &page), OK);
    for (size_t i = 0; i < page.items.count; i++)
        if (strcmp (page.items.items[i].id, two.id) == 0) {
            CHECK_INT (page.items.items[i].uses, 2);
            CHECK_INT (page.items.items[i].used, 2);
        }
}

TEST_ON_ENGINES (a_use_that_came_to_nothing_is_not_counted)
{
    token_t agent, one = issue_registration (world, 1, 0, 0);
    set_counts (world, IDENTITY_AGENTS, 0);
    CHECK_INT (enroll (world, &one, NULL, &agent), CONFLICT);
    set_counts (world, 0, 0);
    CHECK_INT (enroll (world, &one, NULL, &agent), OK);
}

TEST_ON_ENGINES (a_registration_token_is_good_for_its_labels_alone)
{
    token_t agent, narrow = issue_registration (world, 0, 0, 2), wide = issue_registration (world, 0, 0, 0);
    CHECK_INT (enroll (world, &narrow, NULL, &agent), OK);
    CHECK_INT (enroll (world, &narrow, "GPU", &agent), OK);
    CHECK_INT (enroll (world, &narrow, "prod", &agent), FORBIDDEN);
    CHECK (strstr (world->turn.detail, "\"prod\""));
    const char *first[] = {"prod", "linux"}; // Each of them, wherever it is
    CHECK_INT (enroll_as (world, &narrow, first, 2, &agent), FORBIDDEN);
    CHECK_INT (enroll (world, &wide, "prod", &agent), OK);
}

TEST_ON_ENGINES (a_registration_token_that_is_over_registers_nobody)
{
    token_t agent, brief = issue_registration (world, 0, 60, 0),
                   revoked = issue_registration (world, 0, 0, 0);
    token_t other = issue (world, "ADMIN", "", 0);
    done_t nothing;
    CHECK_INT (enroll (world, &brief, NULL, &agent), OK);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (enroll (world, &brief, NULL, &agent), UNAUTHORIZED);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &(token_revoke_t){.token = revoked.id}, &nothing),
               OK);
    CHECK_INT (enroll (world, &revoked, NULL, &agent), UNAUTHORIZED);
    CHECK_INT (enroll (world, &other, NULL, &agent), UNAUTHORIZED); // Of another role
    CHECK_INT (enroll (world, &(token_t){.id = "t0"}, NULL, &agent), UNAUTHORIZED);
}

TEST_ON_ENGINES (registrations_with_one_token_have_a_pace)
{
    token_t agent, token = issue_registration (world, 0, 0, 0), other = issue_registration (world, 0, 0, 0);
    CHECK_INT (enroll (world, &token, NULL, &agent), OK);
    CHECK_INT (db_exec (world->db, &world->turn, "update tokens set in_minute = $2 where id = $1",
                        P_STR (token.id), P_I64 (IDENTITY_A_MINUTE - 1)),
               OK);
    CHECK_INT (enroll (world, &token, NULL, &agent), OK);
    CHECK_INT (enroll (world, &token, NULL, &agent), OVERLOADED);
    CHECK_INT (enroll (world, &other, NULL, &agent), OK);
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (enroll (world, &token, NULL, &agent), OK);
    CHECK_INT (enroll (world, &token, NULL, &agent), OK); // A new minute begins at one
}

TEST_ON_ENGINES (an_agent_that_asks_again_with_its_own_secret_gets_the_same_token_and_one_use_counts)
{
    token_t first, again, registration = issue_registration (world, 1, 0, 0);
    const char *secret = secret_new (world->arena, "oca_");
    token_issue_t ask = {.role = "AGENT",
                         .name = "ada",
                         .subject = "a01",
                         .registration = registration.id,
                         .hash = secret_hash (world->arena, secret)};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &first), OK);
    CHECK_STR (first.token, "");
    CHECK_STR (whose (world, secret).subject, "a01");
    ask.subject = "a02"; // The answer was lost, and the scheduler made another id
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &again), OK);
    CHECK_STR (again.id, first.id);
    CHECK_STR (again.subject, "a01");
    ask.name = "eve";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &again), CONFLICT);
    ask.hash = "abc";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &again), INVALID);
    token_t admin = issue (world, "ADMIN", "", 0);
    ask = (token_issue_t){.role = "AGENT",
                          .name = "a test's",
                          .subject = "a03",
                          .hash = secret_hash (world->arena, admin.token)};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &again), CONFLICT);
}

TEST_ON_ENGINES (what_does_not_go_with_a_role_is_refused)
{
    static const char *good[] = {"gpu"}, *empty[] = {""}, *lines[] = {"a\nb"};
    const char *hash = secret_hash (world->arena, "x");
    const token_issue_t cases[] = {{.role = "VIEWER", .uses = 1},
                                   {.role = "AGENT", .subject = "a01", .uses = 1},
                                   {.role = "VIEWER", .labels = {good, 1}},
                                   {.role = "REGISTRAR", .labels = {empty, 1}},
                                   {.role = "REGISTRAR", .labels = {lines, 1}},
                                   {.role = "ADMIN", .hash = hash}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        token_t token;
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &cases[i], &token), INVALID);
    }
}
