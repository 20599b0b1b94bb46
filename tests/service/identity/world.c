/* world.c - see world.h. */

#include "tests/service/identity/world.h"

#include "tests/database/fresh.h"
#include "tests/unit/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void set_counts (world_t *world, int64_t agents, int64_t others)
{
    CHECK_INT (db_exec (world->db, &world->turn,
                        "update token_counts set agents = $1, others = $2 where id = 1", P_I64 (agents),
                        P_I64 (others)),
               OK);
}

static identity_t *make_identity (world_t *world, const secret_key_t *key)
{
    identity_t *identity = identity_new (world->actors_db, key);
    identity_set_password_cost (identity, 1, CHEAP_MEMORY);
    return identity;
}

static void run_on (const char *url, void (*test) (world_t *world))
{
    world_t world = {.arena = arena_new (), .clock = clock_by_hand (BEGINS)};
    turn_init (&world.turn, world.arena, "test", BEGINS);
    world.bus = bus_new (&proto_codec, world.clock);
    fresh_database (url, "audit identity requests");
    CHECK_INT (db_open (&world.db, url, &world.turn), OK);
    CHECK_INT (db_open (&world.actors_db, url, &world.turn), OK);
    world.key = (secret_key_t){.bytes = "the first key of the test"};
    world.scheduler_actor = actor_new (&fake_scheduler_class, &world.scheduler, world.bus, NULL);
    world.identity = make_identity (&world, &world.key);
    world.url = url;
    world.actor = actor_new (&identity_class, world.identity, world.bus, NULL);
    world.client = bus_client_new (world.bus);
    test (&world);
    bus_client_destroy (&world.client);
    actor_destroy (&world.actor);
    identity_destroy (&world.identity);
    actor_destroy (&world.scheduler_actor);
    db_close (&world.actors_db);
    db_close (&world.db);
    bus_destroy (&world.bus);
    clock_destroy (&world.clock);
    arena_destroy (&world.arena);
}

void on_each_engine (void (*test) (world_t *world))
{
    char folder[200], url[256];
    test_folder (folder, sizeof (folder));
    snprintf (url, sizeof (url), "sqlite:%s/db", folder);
    run_on (url, test);
    test_folder_remove (folder);
    if (getenv ("OPENCICD_TEST_POSTGRES"))
        run_on (getenv ("OPENCICD_TEST_POSTGRES"), test);
}

token_counts_t counts_of (world_t *world)
{
    token_counts_t counts;
    CHECK_INT (token_store_lock (world->db, &world->turn, &counts), OK);
    return counts;
}

void restart_actor (world_t *world, const secret_key_t *key)
{
    actor_destroy (&world->actor);
    identity_destroy (&world->identity);
    world->identity = make_identity (world, key);
    world->actor = actor_new (&identity_class, world->identity, world->bus, NULL);
}

fault_t ask_as (world_t *world, role_t role, uint16_t number, const void *ask, void *answer)
{
    return ask_by (world, role, "test", number, ask, answer);
}

fault_t ask_by (world_t *world, role_t role, const char *subject, uint16_t number, const void *ask,
                void *answer)
{
    world->turn.caller = (caller_t){.role = role, .subject = subject};
    world->turn.deadline_us = clock_now_us (world->clock) + SECONDS (10);
    world->turn.detail = NULL;
    return bus_client_call (world->client, &world->turn, number, ask, answer);
}

token_t issue (world_t *world, const char *role, const char *subject, int64_t ttl_seconds)
{
    token_t token = {0};
    token_issue_t ask = {.name = "a test's", .role = role, .subject = subject, .ttl_seconds = ttl_seconds};
    CHECK_INT (ask_as (world, ROLE_ADMIN, MSG_token_issue, &ask, &token), OK);
    return token;
}

principal_t whose (world_t *world, const char *secret)
{
    principal_t principal = {0};
    token_check_t ask = {.hash = secret_hash (world->arena, secret)};
    CHECK_INT (ask_as (world, ROLE_SERVICE, MSG_token_check, &ask, &principal), OK);
    return principal;
}
