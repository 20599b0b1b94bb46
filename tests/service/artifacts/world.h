/* world.h - what the tests of the artifact store share: a replica or two over one database and one blob store, a scheduler that says who
 * holds which job, uploads of five files. */

#ifndef OPENCICD_TEST_ARTIFACTS_WORLD_H
#define OPENCICD_TEST_ARTIFACTS_WORLD_H

#include "common/base/id.h"
#include "common/base/sha256.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/artifacts/artifacts.h"
#include "tests/http/stores.h"
#include "tests/service/on_engines.h"

#include <stdatomic.h>

#define BEGINS SECONDS (1900000000)
#define DAY    SECONDS (86400)

#define CACHES_LIMIT 1000000 // Bytes of a project's caches

// One process of the service, with a scheduler beside it.
typedef struct {
    bus_t *bus;
    db_t *db;
    blob_t *blob;
    artifacts_t *artifacts;
    actor_t *actor, *scheduler;
    bus_client_t *client;
} replica_t;

typedef struct {
    char folder[256];
    const char *engine, *blobs, *job;
    test_store_t *bucket; // In place of the directory
    wall_clock_t *clock;
    replica_t one, two; // The second where a test starts it
    db_t *db;           // The test's own connection
    arena_t *own, *arena;
    turn_t turn;
    caller_t caller;
    // What the scheduler says of each job: the run of "j-x" is "run-j"; "gone..." it does not know, "stranger..." is of
    // another project, "homeless..." of none. Refs are as world.c has them.
    atomic_uint attempt, state;
    atomic_int asked;
} world_t;

void replica_start (world_t *self, replica_t *replica);
void replica_stop (replica_t *replica);
void on_each_engine (void (*test) (world_t *world));

fault_t tell (world_t *self, uint16_t number, const void *ask,
              void *answer); // To replica one, as self->caller
int count_blobs (world_t *self);
void wait_for_blobs (world_t *self, int left); // Lets the store tick until nothing but those are there

// ---- what is uploaded ----

#define FILES 5
#define BYTES 9300010
#define PARTS 3

typedef struct {
    char *bytes;
    size_t size;
    uint32_t parts;
    artifact_file_t files[FILES];
    const char *sum;
} load_t;

const char *sum_of (arena_t *arena, const void *data, size_t size);
load_t load_new (world_t *world, unsigned seed); // BYTES in PARTS
// In one part, for tests in which it does not matter how much it is: a sanitizer takes its time for each megabyte.
load_t load_small (world_t *world, unsigned seed);
load_t load_of (world_t *world, unsigned seed, const int64_t sizes[FILES]);

fault_t begin (world_t *world, load_t *load, const char *name, bool overwrite, artifact_t *artifact);
artifact_put_t part_of (const char *id, const load_t *load, uint32_t part);
fault_t put (world_t *world, const char *id, const load_t *load, uint32_t part, artifact_t *artifact);
fault_t finish (world_t *world, const char *id, const char *sum, artifact_t *artifact);
// A whole upload; its id in the world's own arena.
const char *upload (world_t *world, load_t *load, const char *name, bool overwrite);
// Begun, with all its parts, not finished.
const char *upload_parts (world_t *world, load_t *load, const char *name);
void check_bytes (world_t *world, const char *id, const load_t *load);
size_t count_listed (world_t *world, artifact_list_t ask);

#endif
