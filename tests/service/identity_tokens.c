/* Identity issues tokens and knows only their hashes; who may, how long, how they end. On each engine that is there. */

#include "common/id.h"
#include "db/migrations.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/identity/identity.h"
#include "tests/service/on_engines.h"

#include <stdlib.h>
#include <string.h>

#define BEGINS SECONDS (1900000000) // The clock of a test

typedef struct {
    arena_t *arena;
    turn_t turn;
    wall_clock_t *clock;
    bus_t *bus;
    db_t *db;
    identity_t *identity;
    actor_t *actor;
    bus_client_t *client;
} world_t;

// On PostgreSQL each test has the database as the one before left it, so it is emptied first.
static void run_on (const char *url, void (*test) (world_t *world))
{
    size_t count;
    const migration_t *list = migrations_of ("identity", &count);
    world_t world = {.arena = arena_new (), .clock = clock_by_hand (BEGINS)};
    turn_init (&world.turn, world.arena, "test", BEGINS);
    world.bus = bus_new (&proto_codec, world.clock);
    CHECK_INT (db_open (&world.db, url, &world.turn), OK);
    CHECK_INT (db_migrate (world.db, &world.turn, "identity", list, count), OK);
    CHECK_INT (db_exec (world.db, &world.turn, "delete from tokens where created > $1", P_I64 (0)), OK);
    world.identity = identity_new (world.db);
    world.actor = actor_new (&identity_class, world.identity, world.bus, NULL);
    world.client = bus_client_new (world.bus);
    test (&world);
    bus_client_destroy (&world.client);
    actor_destroy (&world.actor);
    identity_destroy (&world.identity);
    db_close (&world.db);
    bus_destroy (&world.bus);
    clock_destroy (&world.clock);
    arena_destroy (&world.arena);
}

static void on_each_engine (void (*test) (world_t *world))
{
    run_on ("sqlite::memory:", test);
    if (getenv ("OPENCICD_TEST_POSTGRES"))
        run_on (getenv ("OPENCICD_TEST_POSTGRES"), test);
}

static fault_t ask_as (world_t *world, role_t role, uint16_t number, const void *ask, void *answer)
{
    world->turn.caller = (caller_t){.role = role, .subject = "test"};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (10);
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, number, ask, answer);
}

static token_t issue (world_t *world, const char *role, const char *subject, int64_t ttl_seconds)
{
    token_t token = {0};
    token_issue_t ask = {.name = "a test's", .role = role, .subject = subject, .ttl_seconds = ttl_seconds};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
    return token;
}

static principal_t whose (world_t *world, const char *secret)
{
    principal_t principal = {0};
    token_check_t ask = {.hash = secret_hash (world->arena, secret)};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_check, &ask, &principal), OK);
    return principal;
}

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

TEST_ON_ENGINES (a_token_ends_at_its_time)
{
    token_t token = issue (world, "VIEWER", "", 60);
    CHECK_INT (token.expires_at, BEGINS + SECONDS (60));
    clock_turn (world->clock, SECONDS (59));
    CHECK_STR (whose (world, token.token).role, "VIEWER");
    clock_turn (world->clock, SECONDS (1));
    CHECK_STR (whose (world, token.token).role, "");
}

TEST_ON_ENGINES (a_token_that_is_revoked_is_good_no_more)
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
                 {ROLE_REGISTRAR, "AGENT", "a1", OK},
                 {ROLE_AGENT, "AGENT", "a1", OK},
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
    identity_t *identity = identity_new (db);
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
