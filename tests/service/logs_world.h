/* logs_world.h - a log collector in a temporary directory, with a clock turned by hand, on each engine. */

#ifndef OPENCICD_TEST_LOGS_WORLD_H
#define OPENCICD_TEST_LOGS_WORLD_H

#include "common/base/id.h"
#include "common/base/sha256.h"
#include "db/migrations.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "services/logs/logs.h"
#include "tests/database/fresh.h"
#include "tests/http/stores.h"
#include "tests/service/on_engines.h"
#include "tests/unit/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char folder[256];
    const char *engine; // URL of the database
    const char *blobs;  // URL of the blob store, or:
    test_store_t *bucket;
    const char *job;
    wall_clock_t *clock;
    bus_t *bus;
    db_t *db;
    blob_t *blob;
    logs_t *logs;
    actor_t *actor;
    bus_client_t *client;
    arena_t *own;   // As long as the world
    arena_t *arena; // The turn's; tests empty it
    turn_t turn;
    int64_t retention_days;
    int64_t max_bytes, project_bytes;
    const char *pragma; // For the collector's connection
} world_t;

#define WORLD_BEGINS SECONDS (1900000000) // The clock of a test
static inline void world_start (world_t *self)
{
    size_t count;
    const migration_t *list = migrations_of ("logs", &count);
    self->bus = bus_new (&proto_codec, self->clock);
    CHECK_INT (db_open (&self->db, self->engine, &self->turn), OK);
    CHECK_INT (db_migrate (self->db, &self->turn, "logs", list, count), OK);
    if (self->pragma)
        CHECK_INT (db_exec (self->db, &self->turn, self->pragma), OK);
    if (self->bucket)
        self->blob = test_store_open (self->bucket);
    else
        CHECK_INT (blob_open (&self->blob, self->blobs, &self->turn), OK);
    self->logs = logs_new (&(logs_options_t){.db = self->db,
                                             .blob = self->blob,
                                             .retention_days = self->retention_days,
                                             .max_bytes = self->max_bytes,
                                             .project_bytes = self->project_bytes});
    self->actor = actor_new (&logs_class, self->logs, self->bus, NULL);
    self->client = bus_client_new (self->bus);
    CHECK (self->actor && self->client);
}

static inline void world_stop (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    logs_destroy (&self->logs);
    blob_close (&self->blob);
    db_close (&self->db);
    bus_destroy (&self->bus);
}

static inline void world_restart (world_t *self)
{
    world_stop (self);
    world_start (self);
}

static inline void world_end (world_t *self)
{
    world_stop (self);
    test_folder_remove (self->folder);
    clock_destroy (&self->clock);
    arena_destroy (&self->arena);
    arena_destroy (&self->own);
}

static inline void world_begin (world_t *self, const char *postgres)
{
    *self = (world_t){.own = arena_new (), .arena = arena_new (), .clock = clock_by_hand (WORLD_BEGINS)};
    test_folder (self->folder, sizeof (self->folder));
    turn_init (&self->turn, self->arena, "test", WORLD_BEGINS);
    self->engine = postgres ? postgres : arena_printf (self->own, "sqlite:%s/db", self->folder);
    if (!postgres) // There each test has jobs of its own, beside those of others
        fresh_database (self->engine, "logs");
    self->blobs = arena_printf (self->own, "dir:%s/blobs", self->folder);
    self->job = id_new (self->own, 'j', WORLD_BEGINS);
}

// Runs a test once on each engine that is there.
static inline void on_each_engine (void (*test) (world_t *world))
{
    const char *engines[] = {NULL, getenv ("OPENCICD_TEST_POSTGRES")};
    for (int i = 0; i < (engines[1] ? 2 : 1); i++) {
        world_t world;
        world_begin (&world, engines[i]);
        world_start (&world);
        test (&world);
        world_end (&world);
    }
}

#endif
