/* What is announced is heard by all who listen, once it is committed and not before, on both engines. */

#include "common/db/notify.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/notify_engine.h"
#include "tests/service/on_engines.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEARD 256

typedef struct {
    char folder[256];
    const char *url;
    arena_t *arena;
    turn_t turn;
    db_t *db;
    notify_t *news;
    pthread_mutex_t lock; // Of what follows
    char *heard[HEARD];   // "?" where some may have been missed
    size_t count;
} world_t;

static void hear (void *context, const char *text)
{
    world_t *self = context;
    pthread_mutex_lock (&self->lock);
    if (self->count < HEARD)
        self->heard[self->count++] = strdup (text ? text : "?");
    pthread_mutex_unlock (&self->lock);
}

static void until_heard (world_t *self, size_t count)
{
    int64_t deadline_us = test_until_us ();
    size_t now = 0;
    while (now < count && clock_monotonic_us () < deadline_us) {
        pthread_mutex_lock (&self->lock);
        now = self->count;
        pthread_mutex_unlock (&self->lock);
        if (now < count)
            poll (NULL, 0, 1);
    }
    CHECK (now >= count);
}

// As the latest: others may come in between.
static void until_heard_last (world_t *self, const char *text)
{
    int64_t deadline_us = test_until_us ();
    bool heard = false;
    while (!heard && clock_monotonic_us () < deadline_us) {
        pthread_mutex_lock (&self->lock);
        heard = self->count > 0 && strcmp (self->heard[self->count - 1], text) == 0;
        pthread_mutex_unlock (&self->lock);
        if (!heard)
            poll (NULL, 0, 1);
    }
    CHECK (heard);
}

static void announce (world_t *self, const char *text)
{
    CHECK_INT (db_begin (self->db, &self->turn), OK);
    CHECK_INT (db_announce (self->db, &self->turn, "test", text), OK);
    CHECK_INT (db_commit (self->db, &self->turn), OK);
}

static void begin (world_t *self, const char *postgres)
{
    *self = (world_t){.arena = arena_new ()};
    pthread_mutex_init (&self->lock, NULL);
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
    self->url = postgres ? postgres : arena_printf (self->arena, "sqlite:%s/db", self->folder);
    CHECK_INT (db_open (&self->db, self->url, &self->turn), OK);
    CHECK_INT (notify_new (&self->news, &self->turn, self->url, "test", hear, self), OK);
}

static void end (world_t *self)
{
    notify_destroy (&self->news);
    db_close (&self->db);
    for (size_t i = 0; i < self->count; i++)
        free (self->heard[i]);
    test_folder_remove (self->folder);
    pthread_mutex_destroy (&self->lock);
    arena_destroy (&self->arena);
}

ON_EACH_ENGINE (begin, end)

static void hear_the_committed (world_t *world)
{
    announce (world, "one");
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (db_announce (world->db, &world->turn, "test", "undone"), OK);
    db_rollback (world->db);
    announce (world, "two");
    until_heard (world, 3);
    CHECK_STR (world->heard[0], "?"); // What was before it listened
    CHECK_STR (world->heard[1], "one");
    CHECK_STR (world->heard[2], "two");
}

TEST (what_is_committed_is_announced_in_order_and_what_is_undone_is_not)
{
    on_each_engine (hear_the_committed);
}

static void undo_and_commit (world_t *world)
{
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (db_announce (world->db, &world->turn, "test", "undone"), OK);
    db_rollback (world->db);
    CHECK_INT (db_begin (world->db, &world->turn), OK); // It announces nothing of its own
    CHECK_INT (db_commit (world->db, &world->turn), OK);
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (db_savepoint (world->db, &world->turn), OK);
    CHECK_INT (db_announce (world->db, &world->turn, "test", "undone in part"), OK);
    CHECK_INT (db_rollback_to (world->db, &world->turn), OK);
    CHECK_INT (db_commit (world->db, &world->turn), OK);
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (db_announce (world->db, &world->turn, "test", "kept"), OK);
    CHECK_INT (db_savepoint (world->db, &world->turn), OK);
    CHECK_INT (db_rollback_to (world->db, &world->turn), OK);
    CHECK_INT (db_commit (world->db, &world->turn), OK);
    until_heard (world, 2);
    CHECK_STR (world->heard[1], "kept");
}

TEST (after_a_rollback_the_next_commit_announces_nothing_of_it)
{
    on_each_engine (undo_and_commit);
}

static void hear_the_largest (world_t *world)
{
    char text[NOTIFY_TEXT_MAX];
    memset (text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    announce (world, text);
    until_heard (world, 2);
    CHECK_STR (world->heard[1], text);
}

TEST (the_longest_text_arrives_whole)
{
    on_each_engine (hear_the_largest);
}

static void announce_alone (world_t *world)
{
    CHECK_INT (db_announce (world->db, &world->turn, "test", "alone"), OK);
    until_heard (world, 2);
    CHECK_STR (world->heard[1], "alone");
}

TEST (outside_a_transaction_it_is_announced_at_once)
{
    on_each_engine (announce_alone);
}

TEST (a_file_of_announcements_is_emptied_and_the_next_ones_arrive)
{
    world_t world;
    char text[NOTIFY_TEXT_MAX];
    memset (text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    begin (&world, NULL);
    for (size_t i = 0; i < 2 * NOTIFY_FILE_MAX / NOTIFY_TEXT_MAX; i++) {
        announce (&world, text);
        until_heard (&world, i + 2); // Itself, or that some were missed, or both
    }
    announce (&world, "last");
    until_heard_last (&world, "last");
    end (&world);
}

// A service starts all the same: an announcement is only a wake-up.
TEST (a_listener_whose_database_cannot_be_reached_goes_on_trying)
{
    world_t world = {.arena = arena_new ()};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT (bind (server, (struct sockaddr *) &address, size), 0);
    CHECK_INT (getsockname (server, (struct sockaddr *) &address, &size), 0);
    world.url = arena_printf (world.arena, "postgres://u@127.0.0.1:%d/d", ntohs (address.sin_port));
    turn_init (&world.turn, world.arena, "test", 0);
    CHECK_INT (notify_new (&world.news, &world.turn, world.url, "test", hear, &world), OK);
    CHECK_INT (listen (server, 1), 0);
    struct pollfd asked = {server, POLLIN, 0};
    CHECK_INT (poll (&asked, 1, 60000), 1);
    close (server);
    notify_destroy (&world.news);
    CHECK_INT (world.count, 0);
    arena_destroy (&world.arena);
}

TEST (a_listener_whose_connection_was_cut_listens_again_and_knows_that_it_may_have_missed_some)
{
    world_t world;
    if (!getenv ("OPENCICD_TEST_POSTGRES"))
        return;
    begin (&world, getenv ("OPENCICD_TEST_POSTGRES"));
    const rows_t *rows;
    CHECK_INT (db_query (world.db, &world.turn,
                         "select pg_terminate_backend (pid) from pg_stat_activity where query like 'listen%'"
                         " and datname = current_database ()",
                         &rows),
               OK);
    until_heard (&world, 2);
    CHECK_STR (world.heard[1], "?");
    announce (&world, "again");
    until_heard (&world, 3);
    CHECK_STR (world.heard[2], "again");
    end (&world);
}
