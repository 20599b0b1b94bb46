/* Two replicas of identity over one database. */

#include "tests/service/identity/world.h"

#include <pthread.h>

typedef struct {
    world_t *world;
    bus_client_t *client; // NULL: a replica that starts
    const char *id;
    fault_t fault;
    first_tokens_t tokens;
    arena_t *arena;
} actor_at_once_t;

static void start_replica (actor_at_once_t *self, turn_t *turn)
{
    db_t *db;
    self->fault = db_open (&db, self->world->url, turn);
    if (self->fault)
        return;
    identity_t *identity = identity_new (db, &self->world->key);
    self->fault = db_begin (db, turn);
    if (!self->fault)
        self->fault = identity_first_tokens (identity, turn, &self->tokens);
    if (!self->fault)
        self->fault = db_commit (db, turn);
    identity_destroy (&identity);
    db_close (&db);
}

static void *act (void *data)
{
    actor_at_once_t *self = data;
    turn_t turn;
    done_t nothing;
    self->arena = arena_new ();
    turn_init (&turn, self->arena, "at once", BEGINS);
    turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "test"};
    turn.deadline_us = clock_now_us (self->world->clock) + SECONDS (60);
    if (self->client)
        self->fault = bus_client_call (self->client, &turn, MSG_token_revoke,
                                       &(token_revoke_t){.token = self->id}, &nothing);
    else
        start_replica (self, &turn);
    return NULL;
}

static void at_once (actor_at_once_t both[2])
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, act, &both[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join (threads[i], NULL);
}

TEST_ON_ENGINES (of_two_replicas_that_start_at_once_one_makes_the_first_tokens)
{
    for (int round = 0; round < 10; round++) {
        actor_at_once_t both[2] = {{.world = world}, {.world = world}};
        int64_t admins;
        CHECK_INT (db_exec (world->db, &world->turn, "delete from tokens where created > $1", P_I64 (0)), OK);
        at_once (both);
        CHECK_INT (both[0].fault, OK);
        CHECK_INT (both[1].fault, OK);
        CHECK_INT (!both[0].tokens.admin + !both[1].tokens.admin, 1);
        CHECK_INT (!both[0].tokens.registration + !both[1].tokens.registration, 1);
        CHECK_INT (token_store_admins (world->db, &world->turn, "", "", &admins), OK);
        CHECK_INT (admins, 1);
        arena_destroy (&both[0].arena);
        arena_destroy (&both[1].arena);
    }
}

TEST_ON_ENGINES (what_another_version_did_not_count_is_counted_at_the_start)
{
    actor_at_once_t start = {.world = world};
    issue (world, "AGENT", "a01", 0);
    set_counts (world, IDENTITY_AGENTS, IDENTITY_TOKENS);
    act (&start);
    CHECK_INT (start.fault, OK);
    CHECK_INT (counts_of (world).agents, 1);
    CHECK_INT (counts_of (world).others, 2); // The first admin's, and for registration
    arena_destroy (&start.arena);
}

TEST_ON_ENGINES (two_admins_do_not_revoke_each_others_last_token)
{
    db_t *db;
    bus_t *bus = bus_new (&proto_codec, world->clock);
    CHECK_INT (db_open (&db, world->url, &world->turn), OK);
    identity_t *identity = identity_new (db, &world->key);
    actor_t *actor = actor_new (&identity_class, identity, bus, NULL);
    bus_client_t *client = bus_client_new (bus);
    for (int round = 0; round < 10; round++) {
        int64_t admins;
        token_t ada = issue (world, "ADMIN", "ada", 0), eve = issue (world, "ADMIN", "eve", 0);
        CHECK_INT (db_exec (world->db, &world->turn, "delete from tokens where id <> $1 and id <> $2",
                            P_STR (ada.id), P_STR (eve.id)),
                   OK);
        actor_at_once_t both[2] = {{.world = world, .client = world->client, .id = ada.id},
                                   {.world = world, .client = client, .id = eve.id}};
        at_once (both);
        CHECK_INT ((both[0].fault == OK) + (both[1].fault == OK), 1);
        CHECK_INT ((both[0].fault == CONFLICT) + (both[1].fault == CONFLICT), 1);
        CHECK_INT (token_store_admins (world->db, &world->turn, "", "", &admins), OK);
        CHECK_INT (admins, 1);
        arena_destroy (&both[0].arena);
        arena_destroy (&both[1].arena);
    }
    bus_client_destroy (&client);
    actor_destroy (&actor);
    identity_destroy (&identity);
    db_close (&db);
    bus_destroy (&bus);
}
