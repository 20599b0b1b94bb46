/* world.h - a real gateway on a free port, and small pretended services behind it.
 *
 * Tokens are their own names: "admin", "developer", "viewer", "registrar", "a1" (agent a1). The scheduler knows job j1, run r1
 * and remembers events; the log collector keeps one log; artifact f1 holds "a.txt" ("hello"), "b/ü.bin" (3 MiB) and "empty". */

#ifndef OPENCICD_TESTS_WORLD_H
#define OPENCICD_TESTS_WORLD_H

#include "common/actor.h"
#include "gateway/gateway.h"
#include "tests/service/gateway/http.h"

#include <pthread.h>
#include <stdatomic.h>

#define BIG_FILE (3 << 20)
#define LOG_MAX  (8 << 20)

#define WORLD_STEP_3 162 // Where the log of step 3 begins; before it is that of step 1

typedef struct {
    arena_t *arena;
    turn_t turn;
    bus_t *bus;
    actor_t *scheduler, *logs, *artifacts, *identity;
    gateway_t *gateway;
    const char *address;
    secret_key_t key;
    // What the services know; used by their threads
    atomic_int checks;    // How often identity was asked
    atomic_int events;    // There are events 1..n
    atomic_int parked;    // Agents that wait
    pthread_mutex_t lock; // Of the log
    char *log;
    size_t log_size;
    bool sealed;
    atomic_int parts; // Bytes of parts
} world_t;

world_t *world_new (void);
world_t *world_new_with (const gateway_config_t *config);
void world_destroy (world_t **self_p);
void world_event (world_t *self);                                         // One more; wakes who waits
void world_log (world_t *self, const char *data, size_t size, bool seal); // The log grows
const char *world_job_token (world_t *self, const char *job, uint32_t attempt);
char world_byte (size_t offset); // Of the big file

#endif
