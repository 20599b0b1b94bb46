/* world.h - a real gateway on a free port, and the real log collector and small pretended services behind it.
 *
 * Tokens are their own names: "admin", "developer", "viewer", "registrar", "a1" (agent a1). The scheduler knows job j1, run r1
 * and remembers events; what is asked of job "slow" waits for world_release; job "skipped" has ended without an attempt, "quiet" with a log that is never
 * sealed; artifact f1 holds "a.txt" ("hello"), "b/ü.bin" (3 MiB) and "empty". */

#ifndef OPENCICD_TESTS_WORLD_H
#define OPENCICD_TESTS_WORLD_H

#include "common/actor/actor.h"
#include "gateway/gateway.h"
#include "tests/http/wire.h"

#include <pthread.h>
#include <stdatomic.h>

#define BIG_FILE   (3 << 20)
#define SLOW_MAX   64
#define EVENTS_MAX 4096

#define WORLD_STEP_3 162 // Where the log of step 3 begins, as world_log makes it; before it is that of step 1

typedef struct {
    const char *run, *project;
} world_event_t;

typedef struct {
    arena_t *arena;
    turn_t turn;
    bus_t *bus;
    actor_t *scheduler, *logs, *artifacts, *identity;
    bus_client_t *client; // The tests' own
    char folder[256];     // The log collector's
    struct db *db;
    struct blob *blob;
    struct logs *collector;
    gateway_t *gateway;
    const char *address;
    secret_key_t key;
    // What the services know; used by their threads
    atomic_int checks; // How often identity was asked
    atomic_int events; // There are events 1..n ...
    atomic_int pruned; // ... without the first of them
    world_event_t event[EVENTS_MAX];
    atomic_int parked; // Agents that wait
    atomic_int slow;   // Requests that were begun and wait, or waited, for the release
    atomic_bool released;
    char slow_ids[SLOW_MAX][64];
    atomic_uint attempt;     // Of job j1, which runs
    atomic_bool finished;    // ... or has ended
    atomic_bool homeless;    // It is of no project
    atomic_bool feed_held;   // The gateway's own reader gets no answer
    atomic_int event_reads;  // How often events were asked for
    atomic_int viewer_reads; // By viewers of one run
    int64_t log_sizes[8];    // Of its attempts, as world_log made them
    pthread_mutex_t lock;    // Of the slow ones and the events
    atomic_int parts;        // Bytes of parts
    atomic_int there;        // Bytes of artifact f1 that can be read; 0: all
} world_t;

world_t *world_new (void);
world_t *world_new_with (const gateway_config_t *config);
void world_destroy (world_t **self_p);
void world_release (world_t *self);
void world_event_of (world_t *self, const char *run, const char *project);
void world_event (world_t *self);                                         // One more; wakes who waits
void world_log (world_t *self, const char *data, size_t size, bool seal); // The log grows
void world_log_of (world_t *self, uint32_t attempt, const char *data, size_t size, bool seal);
const char *world_job_token (world_t *self, const char *job, uint32_t attempt);
char world_byte (size_t offset); // Of the big file

#endif
