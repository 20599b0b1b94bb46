/* Identity issues tokens and knows only their hashes; who may, how long, how many, how they end. On each engine that is there. */

#include "db/migrations.h"
#include "tests/service/identity/world.h"

#include <string.h>

TEST_ON_ENGINES (a_token_that_was_issued_is_known_by_its_hash_alone)
{
    token_t token = issue (world, "developer", "dan", 0);
    CHECK_STR (token.role, "DEVELOPER");
    CHECK (strncmp (token.token, "oct_", 4) == 0 && strlen (token.token) == 47);
    CHECK_INT (token.expires_at, 0);
    CHECK_STR (whose (world, token.token).role, "DEVELOPER");
    CHECK_STR (whose (world, token.token).subject, "dan");
    CHECK_STR (whose (world, "oct_other").role, "");
    token_page_t page = {0};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_list, &(token_list_t){0}, &page), OK);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].name, "a test's");
    CHECK_STR (page.items.items[0].token, "");
}

TEST_ON_ENGINES (a_secret_that_an_agent_made_is_one_token_however_often_it_is_brought)
{
    const char *hash = secret_hash (world->arena, "oca_made-by-the-agent");
    token_issue_t ask = {.name = "ada", .role = "AGENT", .subject = "a1", .hash = hash};
    token_t token;
    principal_t who;
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &token), OK);
    CHECK_STR (token.token, "");
    ask.subject = "a2";
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_issue, &ask, &token), OK);
    CHECK_STR (token.subject, "a1");
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_check, &(token_check_t){.hash = hash}, &who), OK);
    CHECK_STR (who.subject, "a1");
    ask.role = "ADMIN";
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
    ask = (token_issue_t){.name = "ada", .role = "AGENT", .subject = "a1", .hash = "nothing of 64 digits"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
}

TEST_ON_ENGINES (a_token_ends_at_its_time)
{
    token_t token = issue (world, "VIEWER", "", 60);
    CHECK_INT (token.expires_at, BEGINS + SECONDS (60));
    clock_turn (world->clock, SECONDS (59));
    CHECK_STR (whose (world, token.token).role, "VIEWER");
    clock_turn (world->clock, SECONDS (1));
    CHECK_STR (whose (world, token.token).role, "");
}

TEST_ON_ENGINES (a_revoked_token_is_not_known_any_more)
{
    token_t token = issue (world, "VIEWER", "", 0), agent = issue (world, "AGENT", "a01", 0);
    token_t other = issue (world, "AGENT", "a02", 0);
    token_revoke_t by_id = {.token = token.id}, by_subject = {.subject = "a01"};
    done_t nothing;
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &by_id, &nothing), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &by_subject, &nothing), OK);
    CHECK_STR (whose (world, token.token).role, "");
    CHECK_STR (whose (world, agent.token).role, "");
    CHECK_STR (whose (world, other.token).subject, "a02");
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &by_id, &nothing), NOT_FOUND);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &(token_revoke_t){0}, &nothing), INVALID);
}

TEST_ON_ENGINES (the_last_admin_stays)
{
    token_t first = issue (world, "ADMIN", "", 0);
    token_revoke_t ask = {.token = first.id};
    done_t nothing;
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ask, &nothing), CONFLICT);
    issue (world, "ADMIN", "", 0);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ask, &nothing), OK);
}

TEST_ON_ENGINES (only_who_may_gets_a_token)
{
    static const struct {
        role_t caller;
        const char *role, *subject;
        fault_t fault;
    } cases[] = {{ROLE_ADMIN, "ADMIN", "", OK},
                 {ROLE_SERVICE, "REGISTRAR", "", OK},
                 {ROLE_SERVICE, "AGENT", "a1", OK},
                 {ROLE_REGISTRAR, "AGENT", "a1", FORBIDDEN}, // Through the scheduler, which is a service
                 {ROLE_AGENT, "AGENT", "a1", FORBIDDEN},
                 {ROLE_REGISTRAR, "VIEWER", "", FORBIDDEN},
                 {ROLE_AGENT, "ADMIN", "", FORBIDDEN},
                 {ROLE_DEVELOPER, "VIEWER", "", FORBIDDEN},
                 {ROLE_JOB, "AGENT", "a1", FORBIDDEN},
                 {ROLE_ADMIN, "AGENT", "", INVALID},
                 {ROLE_ADMIN, "SERVICE", "", INVALID},
                 {ROLE_ADMIN, "JOB", "j1", INVALID},
                 {ROLE_ADMIN, "nobody", "", INVALID},
                 {ROLE_ADMIN, "king", "", INVALID}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        token_t token;
        token_issue_t ask = {.role = cases[i].role, .subject = cases[i].subject};
        CHECK_INT (ask_as (world, cases[i].caller, MSG_token_issue, &ask, &token), cases[i].fault);
    }
    token_page_t page;
    principal_t principal;
    CHECK_INT (ask_as (world, ROLE_DEVELOPER, MSG_token_list, &(token_list_t){0}, &page), FORBIDDEN);
    CHECK_INT (ask_as (world, ROLE_VIEWER, MSG_token_check, &(token_check_t){.hash = "0"}, &principal),
               FORBIDDEN);
}

TEST_ON_ENGINES (a_time_to_live_that_cannot_be_is_refused)
{
    static const int64_t wrong[] = {-1, INT64_MAX, INT64_MAX / 1000000};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        token_t token;
        token_issue_t ask = {.role = "VIEWER", .ttl_seconds = wrong[i]};
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), INVALID);
    }
}

TEST_ON_ENGINES (tokens_are_listed_by_pages)
{
    token_page_t page;
    token_list_t ask = {.limit = 2};
    size_t seen = 0;
    for (int i = 0; i < 5; i++) {
        issue (world, "VIEWER", "", 0);
        clock_turn (world->clock, SECONDS (1));
    }
    do {
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_list, &ask, &page), OK);
        seen += page.items.count;
        ask.cursor = page.next;
    } while (*page.next);
    CHECK_INT (seen, 5);
}

TEST_ON_ENGINES (only_an_admin_or_a_service_revokes_and_nobody_any_subjects_tokens)
{
    static const role_t refused[] = {ROLE_NOBODY,    ROLE_JOB,    ROLE_AGENT,
                                     ROLE_REGISTRAR, ROLE_VIEWER, ROLE_DEVELOPER};
    token_t dan = issue (world, "DEVELOPER", "dan", 0), agent = issue (world, "AGENT", "a01", 0);
    done_t nothing;
    for (size_t i = 0; i < sizeof (refused) / sizeof (refused[0]); i++) {
        token_revoke_t asks[] = {
            {.subject = "dan"}, {.subject = "a01"}, {.token = dan.id}, {.token = agent.id}};
        for (size_t j = 0; j < 4; j++)
            CHECK_INT (ask_as (world, refused[i], MSG_token_revoke, &asks[j], &nothing), FORBIDDEN);
    }
    CHECK_STR (whose (world, dan.token).subject, "dan");
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_revoke, &(token_revoke_t){.subject = "a01"}, &nothing),
               OK);
    CHECK_STR (whose (world, agent.token).role, "");
    CHECK_STR (whose (world, dan.token).subject, "dan");
}

TEST_ON_ENGINES (an_admins_token_that_has_expired_is_not_another_admin)
{
    token_t last = issue (world, "ADMIN", "", 0);
    issue (world, "ADMIN", "", 60);
    token_revoke_t ask = {.token = last.id};
    done_t nothing;
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ask, &nothing), CONFLICT);
    CHECK_STR (whose (world, last.token).role, "ADMIN");
}

TEST_ON_ENGINES (a_token_that_has_expired_can_be_revoked_also_where_no_admin_is_left)
{
    token_t token = issue (world, "ADMIN", "", 60);
    done_t nothing;
    clock_turn (world->clock, SECONDS (60));
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_revoke, &(token_revoke_t){.token = token.id}, &nothing),
               OK);
}

TEST_ON_ENGINES (the_last_admin_stays_when_all_tokens_of_a_subject_are_revoked_too)
{
    token_t token = issue (world, "ADMIN", "ada", 0);
    issue (world, "ADMIN", "ada", 0);
    token_revoke_t ada = {.subject = "ada"}, dan = {.subject = "dan"};
    done_t nothing;
    issue (world, "VIEWER", "dan", 0);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &dan, &nothing), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ada, &nothing), CONFLICT);
    CHECK_STR (whose (world, token.token).role, "ADMIN");
    issue (world, "ADMIN", "eve", 0);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ada, &nothing), OK);
    CHECK_STR (whose (world, token.token).role, "");
}

TEST_ON_ENGINES (whoever_has_a_token_has_a_name)
{
    static const struct {
        const char *role, *name, *subject, *known_as;
    } cases[] = {
        {"DEVELOPER", "dan's laptop", "dan", "dan"},
        {"DEVELOPER", "dan's laptop", "", "dan's laptop"},
        {"VIEWER", "", "", NULL},
        {"VIEWER", "a name that is longer than a subject may be, so that it cannot be one here", "", NULL},
        {"REGISTRAR", "pool", "dan", NULL},
        {"AGENT", "ada", "a01", "a01"}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        token_t token;
        token_issue_t ask = {.role = cases[i].role, .name = cases[i].name, .subject = cases[i].subject};
        CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
        CHECK_STR (whose (world, token.token).subject, cases[i].known_as ? cases[i].known_as : token.id);
    }
    token_t token;
    token_issue_t odd = {.role = "VIEWER", .name = "a\nb"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &odd, &token), INVALID);
    odd = (token_issue_t){.role = "VIEWER", .subject = "a\x7f"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &odd, &token), INVALID);
}

TEST_ON_ENGINES (the_last_page_has_no_next_also_where_it_is_full)
{
    token_page_t page;
    for (int i = 0; i < 4; i++)
        issue (world, "VIEWER", "", 0);
    token_list_t ask = {.limit = 2};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_list, &ask, &page), OK);
    CHECK (*page.next);
    ask.cursor = page.next;
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_list, &ask, &page), OK);
    CHECK_INT (page.items.count, 2);
    CHECK_STR (page.next, "");
}

// ---- bounds ----

static fault_t try_issue (world_t *world, const char *role)
{
    token_t token;
    token_issue_t ask = {.role = role, .subject = "a01"};
    return ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token);
}

TEST_ON_ENGINES (agents_leave_room_for_the_tokens_of_people)
{
    set_counts (world, IDENTITY_AGENTS - 1, 0);
    CHECK_INT (try_issue (world, "AGENT"), OK);
    CHECK_INT (try_issue (world, "AGENT"), CONFLICT);
    CHECK_INT (try_issue (world, "VIEWER"), OK);
    set_counts (world, 0, IDENTITY_TOKENS - 1);
    CHECK_INT (try_issue (world, "REGISTRAR"), OK);
    CHECK_INT (try_issue (world, "VIEWER"), CONFLICT);
    CHECK_INT (try_issue (world, "AGENT"), OK);
}

TEST_ON_ENGINES (tokens_are_counted_through_issue_revocation_and_expiry)
{
    done_t nothing;
    token_t token = issue (world, "VIEWER", "dan", 0);
    issue (world, "AGENT", "a01", 0);
    issue (world, "AGENT", "a01", 0);
    issue (world, "AGENT", "a02", 60);
    issue (world, "VIEWER", "eve", 60);
    CHECK_INT (counts_of (world).agents, 3);
    CHECK_INT (counts_of (world).others, 2);
    token_revoke_t ask = {.token = token.id}, a01 = {.subject = "a01"};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &ask, &nothing), OK);
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_revoke, &a01, &nothing), OK);
    CHECK_INT (counts_of (world).agents, 1);
    CHECK_INT (counts_of (world).others, 1);
    clock_turn (world->clock, SECONDS (60));
    issue (world, "VIEWER", "dan", 0);
    CHECK_INT (counts_of (world).agents, 0);
    CHECK_INT (counts_of (world).others, 1);
    set_counts (world, 7, 7); // As another version may leave it
    CHECK_INT (token_store_recount (world->db, &world->turn), OK);
    CHECK_INT (counts_of (world).agents, 0);
    CHECK_INT (counts_of (world).others, 1);
}

TEST (a_new_installation_gets_its_first_tokens_once)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    size_t count;
    const migration_t *list = migrations_of ("identity", &count);
    turn_init (&turn, arena, "test", BEGINS);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    CHECK_INT (db_migrate (db, &turn, "identity", list, count), OK);
    identity_t *identity = identity_new (db, &(secret_key_t){.bytes = "of a test"});
    first_tokens_t tokens;
    CHECK_INT (identity_first_tokens (identity, &turn, &tokens), OK);
    CHECK (tokens.admin && strncmp (tokens.admin, "oct_", 4) == 0);
    CHECK (tokens.registration && strncmp (tokens.registration, "ocr_", 4) == 0);
    CHECK_INT (identity_first_tokens (identity, &turn, &tokens), OK);
    CHECK (!tokens.admin && !tokens.registration);
    identity_destroy (&identity);
    db_close (&db);
    arena_destroy (&arena);
}
