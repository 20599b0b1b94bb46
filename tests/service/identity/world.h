/* world.h - identity's actor over a database of its own, and who asks it. */

#ifndef OPENCICD_TEST_IDENTITY_WORLD_H
#define OPENCICD_TEST_IDENTITY_WORLD_H

#include "common/base/id.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/identity/identity.h"
#include "services/identity/token_store.h"
#include "tests/service/identity/fake_scheduler.h"
#include "tests/service/on_engines.h"

#define CHEAP_MEMORY (8 << 20)            // Of a password's hash, with one pass
#define BEGINS       SECONDS (1900000000) // The clock of a test

typedef struct {
    arena_t *arena;
    turn_t turn;
    wall_clock_t *clock;
    bus_t *bus;
    db_t *db; // The test's own connection
    db_t *actors_db;
    identity_t *identity;
    actor_t *actor;
    bus_client_t *client;
    const char *url;
    secret_key_t key;
    fake_scheduler_t scheduler;
    actor_t *scheduler_actor;
} world_t;

void on_each_engine (void (*test) (world_t *world));
void restart_actor (world_t *world, const secret_key_t *key); // With these keys of the key file
fault_t ask_as (world_t *world, role_t role, uint16_t number, const void *ask, void *answer);
fault_t ask_by (world_t *world, role_t role, const char *subject, uint16_t number, const void *ask,
                void *answer);
token_t issue (world_t *world, const char *role, const char *subject, int64_t ttl_seconds);
principal_t whose (world_t *world, const char *secret);
void set_counts (world_t *world, int64_t agents, int64_t others); // As though so many tokens were there
token_counts_t counts_of (world_t *world);

#endif
