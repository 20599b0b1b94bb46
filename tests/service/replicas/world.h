/* world.h - two schedulers and two log collectors, each the real program in a process of its own, on PostgreSQL.
 *
 * They are harmed one after the other, at moments that a plan names (pg_proxy.h). What they ask of others is answered here: scm and
 * identity are pretended. Who asks them goes to the first or to the second of each first, and asks until he is answered, as every
 * gateway and agent does. */

#ifndef OPENCICD_TEST_REPLICAS_WORLD_H
#define OPENCICD_TEST_REPLICAS_WORLD_H

#include "common/bus/bus.h"
#include "common/bus/directory.h"
#include "common/os/process.h"
#include "proto/messages.h"
#include "tests/service/replicas/pg_proxy.h"
#include "tests/unit/test.h"

enum { SCHEDULER_1, SCHEDULER_2, LOGS_1, LOGS_2, PROGRAMS };

typedef struct {
    const char *name, *service; // "logs-2"
    uint16_t bus_port;
    process_t *process;
} program_t;

// One order of replicas.
typedef struct {
    codec_t codec;
    bus_t *bus;
    bus_client_t *client;
} way_t;

#define WAYS 2

typedef struct {
    char folder[128];
    const char *postgres; // Its URL
    arena_t *arena;       // As long as the world
    turn_t turn;
    int64_t until_us; // All must be done by then; monotonic
    pg_proxy_t *proxy;
    program_t programs[PROGRAMS];
    bus_t *bus; // Of what is pretended
    struct actor *scm, *identity;
    directory_t *directory;
    way_t ways[WAYS];
    const harm_t *plan;
    size_t plan_count, harmed; // So many of the plan have been done
    bool armed, frozen, triggering;
    unsigned answered;  // Since it was frozen
    int64_t longest_us; // That an answer was asked for
} world_t;

// NULL where there is no PostgreSQL to play on: then there is nothing to show.
world_t *world_new (const harm_t *plan, size_t count);
void world_destroy (world_t **self_p);
bool world_is_harmed (const world_t *self); // The whole plan has happened, and everybody is well again

// Every way asks the same scheduler while that is not much busier than the other, as gateways do. Gives that one.
int world_take_turns (world_t *self);

// A run is about to be triggered: arms what waits for that. Gives the way to the scheduler that will be harmed, or `way`.
int world_triggers (world_t *self, int way);

// Asks until it is answered; faults that pass are met by asking again. `key` names what may be done once only.
fault_t world_ask (world_t *self, int way, caller_t caller, const char *key, uint16_t number, const void *ask,
                   void *answer);
#define ASK(world, way, caller, key, message, answer, ...) \
    world_ask (world, way, caller, key, MSG_##message, &(message##_t){__VA_ARGS__}, answer)
#define MUST(world, way, caller, key, message, answer, ...)                                               \
    do {                                                                                                  \
        fault_t must = ASK (world, way, caller, key, message, answer, __VA_ARGS__);                       \
        if (must)                                                                                         \
            test_fail (__FILE__, __LINE__, #message ": %s: %s", fault_name (must), world_detail (world)); \
    } while (0)
const char *world_detail (const world_t *self);
#define ADA ((caller_t){.role = ROLE_ADMIN, .subject = "ada"})

int64_t world_number (world_t *self, const char *sql); // The first of the first row, past the proxy
void world_wait_for (world_t *self, const char *sql, int64_t wanted);

#endif
