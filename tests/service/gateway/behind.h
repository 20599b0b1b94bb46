/* behind.h - the end of a gateway with the identity service behind it. */

#ifndef OPENCICD_TESTS_GATEWAY_BEHIND_H
#define OPENCICD_TESTS_GATEWAY_BEHIND_H

#include "common/actor/actor.h"
#include "gateway/gateway.h"
#include "services/identity/identity.h"

typedef struct {
    gateway_t **gateway;
    bus_client_t **client;
    actor_t **actor;
    identity_t **identity;
    db_t **db;
    bus_t **bus;
    arena_t **arena;
    const char *folder;
} behind_t;

// Of a world that has all of them.
#define BEHIND(world)                                                                           \
    &(behind_t)                                                                                 \
    {                                                                                           \
        &(world)->gateway, &(world)->client, &(world)->actor, &(world)->identity, &(world)->db, \
            &(world)->bus, &(world)->arena, (world)->folder                                     \
    }

void behind_end (const behind_t *self); // In their order

#endif
