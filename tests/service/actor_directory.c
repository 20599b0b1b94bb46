/* Replicas are found, left out when they are silent, and found again, whatever clocks say and the database does. */

#include "common/bus/bus_directory.h"
#include "common/bus/directory.h"
#include "db/migrations.h"
#include "proto/codec.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN_US SECONDS (1000000)
#define HOUR     SECONDS (3600)

typedef struct {
    char folder[256];
    arena_t *arena;
    turn_t turn;
    db_t *db; // To write rows by hand
    wall_clock_t *clock;
    bus_t *bus;
    directory_t *directory;
} world_t;

static db_t *open_db (world_t *self)
{
    db_t *db;
    size_t count;
    const migration_t *list = migrations_of ("directory", &count);
    CHECK_INT (db_open (&db, arena_printf (self->arena, "sqlite:%s/db", self->folder), &self->turn), OK);
    CHECK_INT (db_migrate (db, &self->turn, "directory", list, count), OK);
    return db;
}

static world_t *world_new (void)
{
    world_t *self = calloc (1, sizeof (world_t));
    test_folder (self->folder, sizeof (self->folder));
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", BEGIN_US);
    self->clock = clock_by_hand (BEGIN_US);
    self->bus = bus_new (&proto_codec, self->clock);
    self->db = open_db (self);
    return self;
}

static void begin (world_t *self)
{
    db_t *db = open_db (self);
    CHECK_INT (directory_new (&self->directory, &self->turn, &db, self->bus), OK);
    CHECK_INT (directory_announce (self->directory, &self->turn, "logs", "tcp://mine:1"), OK);
}

static void world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    directory_destroy (&self->directory);
    db_close (&self->db);
    bus_destroy (&self->bus);
    clock_destroy (&self->clock);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

// Another process says that it is there, by its own clock.
static void beat (world_t *self, int64_t its_clock_us)
{
    CHECK_INT (db_exec (self->db, &self->turn,
                        "insert into replicas (endpoint, service, seen_at) values ('tcp://other:1', "
                        "'scheduler', $1) on conflict (endpoint) do update set seen_at = excluded.seen_at",
                        P_I64 (its_clock_us)),
               OK);
}

static bool is_seen (world_t *self)
{
    char endpoints[BUS_REPLICAS][BUS_ENDPOINT];
    uint64_t version;
    size_t count = bus_endpoints (self->bus, "scheduler", endpoints, &version);
    return count == 1 && strcmp (endpoints[0], "tcp://other:1") == 0;
}

static void pause_shortly (void)
{
    poll (NULL, 0, 5);
}

static void until_seen (world_t *self, bool seen)
{
    int64_t deadline_us = test_until_us ();
    while (is_seen (self) != seen && clock_monotonic_us () < deadline_us)
        pause_shortly ();
    CHECK_INT (is_seen (self), seen);
}

// Until this directory has written, and so read, anew.
static void until_read (world_t *self, int64_t now_us)
{
    const rows_t *rows;
    int64_t deadline_us = test_until_us (), seen_us = 0;
    while (seen_us < now_us && clock_monotonic_us () < deadline_us) {
        CHECK_INT (db_query (self->db, &self->turn,
                             "select seen_at from replicas where endpoint = 'tcp://mine:1'", &rows),
                   OK);
        seen_us = rows_i64 (rows, 0, 0);
        pause_shortly ();
    }
    CHECK (seen_us >= now_us);
}

TEST (a_replica_is_seen_and_left_out_when_its_row_stops_changing)
{
    world_t *world = world_new ();
    beat (world, BEGIN_US);
    begin (world);
    CHECK (is_seen (world));
    until_seen (world, false);
    beat (world, BEGIN_US + 1);
    until_seen (world, true); // It may come back
    world_destroy (&world);
}

TEST (a_replica_is_seen_although_its_clock_is_an_hour_slow)
{
    world_t *world = world_new ();
    beat (world, BEGIN_US - HOUR);
    begin (world);
    CHECK (!is_seen (world)); // It may have been killed an hour ago
    beat (world, BEGIN_US - HOUR + 1);
    until_seen (world, true);
    world_destroy (&world);
}

TEST (after_a_database_that_was_away_nobody_is_taken_for_silent)
{
    world_t *world = world_new ();
    beat (world, BEGIN_US);
    begin (world);
    clock_turn (world->clock, SECONDS (60)); // All rows are a minute old now, and we are the first to write
    until_read (world, BEGIN_US + SECONDS (60));
    clock_turn (world->clock, 1);
    until_read (world, BEGIN_US + SECONDS (60) + 1);
    CHECK (is_seen (world));
    world_destroy (&world);
}

TEST (rows_of_processes_that_were_killed_long_ago_are_taken_away)
{
    world_t *world = world_new ();
    const rows_t *rows;
    beat (world, BEGIN_US - SECONDS (DIRECTORY_KEPT_S) - 1);
    begin (world);
    CHECK_INT (db_query (world->db, &world->turn, "select endpoint from replicas", &rows), OK);
    CHECK_INT (rows_count (rows), 1);
    CHECK_STR (rows_str (rows, 0, 0), "tcp://mine:1");
    world_destroy (&world);
}
