/* A commit whose answer is lost on its way from PostgreSQL: the connection goes through a link that swallows it. */

#include "common/db/db_unit.h"
#include "db/open.h"
#include "proto/codec.h"
#include "proto/messages.h"
#include "tests/service/actor/store.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- the link ----

typedef enum { PASS, SWALLOW_ANSWER, SWALLOW_COMMIT } loss_t;

typedef struct {
    int listener, port;
    char host[64], service[16];
    pthread_t thread;
    atomic_bool stop;
    atomic_int mode; // Of the next commit
    atomic_int cuts;
} link_t;

static int connect_to (const char *host, const char *service)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    CHECK (getaddrinfo (host, service, &hints, &found) == 0);
    int fd = socket (found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (connect (fd, found->ai_addr, found->ai_addrlen) == 0);
    freeaddrinfo (found);
    return fd;
}

static void send_all (int fd, const char *data, ssize_t size)
{
    while (size > 0) {
        ssize_t sent = write (fd, data, (size_t) size);
        if (sent <= 0)
            return;
        data += sent;
        size -= sent;
    }
}

// Once: the next commit passes.
static bool was_cut (link_t *self)
{
    self->mode = PASS;
    self->cuts++;
    return false;
}

// Moves what is there; false when the connection is to be cut.
static bool move (link_t *self, int client, int server)
{
    char data[65536];
    struct pollfd both[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    if (poll (both, 2, 20) <= 0)
        return true;
    if (both[0].revents) {
        ssize_t size = read (client, data, sizeof data);
        if (size <= 0)
            return false;
        // Its text is sent once a connection, when it is prepared
        if (self->mode == SWALLOW_COMMIT && memmem (data, (size_t) size, "commit", 7))
            return was_cut (self);
        send_all (server, data, size);
    }
    if (both[1].revents) {
        ssize_t size = read (server, data, sizeof data);
        if (size <= 0)
            return false;
        if (self->mode == SWALLOW_ANSWER && memmem (data, (size_t) size, "COMMIT", 7)) // It is durable
            return was_cut (self);
        send_all (client, data, size);
    }
    return true;
}

static void *run_link (void *context)
{
    link_t *self = context;
    while (!self->stop) {
        struct pollfd waiting = {.fd = self->listener, .events = POLLIN};
        if (poll (&waiting, 1, 20) <= 0)
            continue;
        int client = accept (self->listener, NULL, NULL), server = connect_to (self->host, self->service);
        while (!self->stop && move (self, client, server))
            ;
        close (client);
        close (server);
    }
    return NULL;
}

static void link_begin (link_t *self, const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const char *at = strchr (url, '@') ? strchr (url, '@') + 1 : strstr (url, "://") + 3;
    CHECK (sscanf (at, "%63[^:/]:%15[0-9]", self->host, self->service) == 2);
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (bind (self->listener, (struct sockaddr *) &address, size) == 0 && listen (self->listener, 8) == 0);
    CHECK (getsockname (self->listener, (struct sockaddr *) &address, &size) == 0);
    self->port = ntohs (address.sin_port);
    CHECK (pthread_create (&self->thread, NULL, run_link, self) == 0);
}

static void link_end (link_t *self)
{
    self->stop = true;
    pthread_join (self->thread, NULL);
    close (self->listener);
}

// The same database, through the link.
static const char *through (const link_t *self, arena_t *arena, const char *url)
{
    const char *at = strstr (url, self->host);
    const char *path = strchr (at, '/');
    return arena_printf (arena, "%.*s127.0.0.1:%d%s%csslmode=disable", (int) (at - url), url, self->port,
                         path, strchr (path, '?') ? '&' : '?');
}

// ---- the service ----

typedef struct {
    db_t *db; // First, for db_unit.h
    atomic_int adds, effects;
} service_t;

static void count_effect (void *context, void *data)
{
    (void) data;
    ((service_t *) context)->effects++;
}

static fault_t handle_add (void *context, turn_t *turn, const void *message, void *into)
{
    service_t *self = context;
    const project_add_t *ask = message;
    project_t *answer = into;
    answer->id = arena_printf (turn->arena, "%s-%d", ask->name, (int) ++self->adds);
    TRY (db_unit_write (self->db, turn));
    actor_after (turn, count_effect, NULL);
    return db_exec (self->db, turn, "insert into commit_rows (name) values ($1)", P_STR (answer->id));
}

static const handler_t handlers[] = {{MSG_project_add, handle_add}};
static const actor_class_t class = {.name = "scheduler",
                                    .handlers = handlers,
                                    .count = 1,
                                    .commit = db_unit_commit,
                                    .rollback = db_unit_rollback,
                                    .writes = db_unit_writes,
                                    .in_doubt = db_unit_in_doubt,
                                    .requests = &db_unit_requests};

typedef struct {
    link_t link;
    service_t service;
    bus_t *bus;
    actor_t *actor;
    bus_client_t *client;
    arena_t *arena;
    turn_t turn;
} world_t;

static void begin (world_t *self, const char *url)
{
    db_t *db;
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", clock_now_us (clock_system ()));
    CHECK_INT (db_open (&db, url, &self->turn), OK);
    CHECK_INT (db_exec (db, &self->turn, "drop table if exists commit_rows"), OK);
    CHECK_INT (db_exec (db, &self->turn, "create table commit_rows (name text not null)"), OK);
    CHECK_INT (database_migrate (db, &self->turn, "requests"), OK);
    db_close (&db);
    link_begin (&self->link, url);
    CHECK_INT (db_open (&self->service.db, through (&self->link, self->arena, url), &self->turn), OK);
    self->bus = bus_new (&proto_codec, clock_system ());
    self->actor = actor_new (&class, &self->service, self->bus, NULL);
    CHECK (self->actor);
    self->client = bus_client_new (self->bus);
}

static void end (world_t *self)
{
    bus_client_destroy (&self->client);
    actor_destroy (&self->actor);
    bus_destroy (&self->bus);
    db_close (&self->service.db);
    link_end (&self->link);
    arena_destroy (&self->arena);
}

static fault_t add (world_t *self, const char *key, project_t *answer)
{
    self->turn.once_key = key;
    self->turn.detail = NULL;
    self->turn.deadline_us = clock_now_us (clock_system ()) + SECONDS (20);
    self->turn.caller = (caller_t){.role = ROLE_DEVELOPER, .subject = "ada"};
    return bus_client_call (self->client, &self->turn, MSG_project_add,
                            &(project_add_t){.name = "one", .url = "x"}, answer);
}

static int rows (world_t *self, const char *url)
{
    db_t *db;
    const rows_t *found;
    CHECK_INT (db_open (&db, url, &self->turn), OK);
    CHECK_INT (db_query (db, &self->turn, "select name from commit_rows", &found), OK);
    db_close (&db);
    return (int) rows_count (found);
}

// What the commit's end is, how often the handler then runs, and what the client hears.
static void lose (loss_t mode, int times, int adds, const char *id)
{
    const char *url = getenv ("OPENCICD_TEST_POSTGRES");
    world_t world;
    project_t answer;
    if (!url)
        return;
    begin (&world, url);
    for (int i = 0; i < times; i++) {
        int before = world.service.adds;
        world.link.mode = mode;
        CHECK_INT (add (&world, NULL, &answer), OK);
        CHECK_INT (world.link.cuts, i + 1);
        CHECK_INT (world.service.adds - before, adds);
        CHECK_INT (rows (&world, url), i + 1);
        CHECK_INT (world.service.effects, i + 1);
        if (i == 0)
            CHECK_STR (answer.id, id);
    }
    end (&world);
}

TEST (a_commit_whose_answer_was_lost_is_found_and_not_done_again)
{
    lose (SWALLOW_ANSWER, 4, 1, "one-1");
}

TEST (a_commit_that_never_arrived_is_done_again)
{
    lose (SWALLOW_COMMIT, 1, 2, "one-2");
}

TEST (a_client_that_repeats_its_request_gets_the_same_answer_from_postgresql)
{
    const char *url = getenv ("OPENCICD_TEST_POSTGRES");
    world_t world;
    project_t answer;
    if (!url)
        return;
    begin (&world, url);
    const char *key = arena_printf (world.arena, "key-%lld", (long long) clock_monotonic_us ());
    world.link.mode = SWALLOW_ANSWER;
    for (int i = 0; i < 3; i++) {
        CHECK_INT (add (&world, key, &answer), OK);
        CHECK_STR (answer.id, "one-1");
    }
    CHECK_INT (rows (&world, url), 1);
    end (&world);
}
