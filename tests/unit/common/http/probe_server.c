/* Operators and orchestrators get their answers, and nobody keeps them from the next. */

#include "common/http/probe_server.h"

#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    probe_server_t *server;
    atomic_bool away; // The database, say
    atomic_int asked;
} world_t;

static fault_t is_ready (void *context, turn_t *turn)
{
    world_t *world = context;
    atomic_fetch_add (&world->asked, 1);
    return atomic_load (&world->away) ? turn_fail (turn, UNAVAILABLE, "the database is away") : OK;
}

static world_t *world_new (void)
{
    world_t *self = calloc (1, sizeof (world_t));
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", 0);
    CHECK_INT (probe_server_new (&self->server, &self->turn, "127.0.0.1:0", is_ready, self), OK);
    return self;
}

static void world_destroy (world_t **self_p)
{
    probe_server_destroy (&(*self_p)->server);
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

static int connect_to (const world_t *world)
{
    const char *port = strrchr (probe_server_address (world->server), ':') + 1;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons ((uint16_t) strtol (port, NULL, 10)),
                             .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = PROBE_SECONDS + 10};
    CHECK (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    CHECK (connect (fd, (struct sockaddr *) &to, sizeof to) == 0);
    return fd;
}

// All that comes until the server closes.
static const char *listen_to (world_t *world, int fd)
{
    buffer_t *all = buffer_new (1 << 20);
    char piece[4096];
    for (ssize_t got; (got = recv (fd, piece, sizeof piece, 0)) > 0;)
        buffer_add (all, piece, (size_t) got);
    close (fd);
    const char *text = arena_strdup (world->arena, buffer_text (all));
    buffer_destroy (&all);
    return text;
}

static const char *ask (world_t *world, const char *line)
{
    int fd = connect_to (world);
    const char *text = arena_printf (world->arena, "%s HTTP/1.1\r\nHost: test\r\n\r\n", line);
    CHECK (send (fd, text, strlen (text), MSG_NOSIGNAL) > 0);
    return listen_to (world, fd);
}

static bool says (const char *answer, const char *status, const char *part)
{
    return strncmp (answer, status, strlen (status)) == 0 && strstr (answer, part);
}

TEST (each_probe_is_answered_and_nothing_else_is)
{
    static const struct {
        const char *line, *status, *part;
    } cases[] = {
        {"GET /healthz", "HTTP/1.1 200 OK\r\n", "\r\n\r\n{\"status\":\"alive\"}\n"},
        {"GET /readyz", "HTTP/1.1 200 OK\r\n", "\r\n\r\n{\"status\":\"ready\"}\n"},
        {"GET /readyz?verbose=1", "HTTP/1.1 200 OK\r\n", "{\"status\":\"ready\"}"},
        {"GET /metrics", "HTTP/1.1 200 OK\r\n", "Content-Type: text/plain; version=0.0.4"},
        {"GET /", "HTTP/1.1 404 Not Found\r\n", "Content-Length: 0"},
        {"GET /healthzz", "HTTP/1.1 404 Not Found\r\n", "Content-Length: 0"},
        {"POST /healthz", "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n"},
        {"\x01\xff", "HTTP/1.1 405 Method Not Allowed\r\n", "Connection: close"},
    };
    world_t *world = world_new ();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!says (ask (world, cases[i].line), cases[i].status, cases[i].part))
            test_fail (__FILE__, __LINE__, "%s: not as expected", cases[i].line);
    world_destroy (&world);
}

TEST (a_head_has_the_length_of_the_body_and_no_body)
{
    world_t *world = world_new ();
    const char *answer = ask (world, "HEAD /healthz");
    CHECK (says (answer, "HTTP/1.1 200 OK\r\n", "Content-Length: 19\r\n"));
    CHECK_STR (strstr (answer, "\r\n\r\n"), "\r\n\r\n");
    world_destroy (&world);
}

TEST (what_cannot_work_now_is_not_ready_and_says_why_and_is_alive)
{
    world_t *world = world_new ();
    atomic_store (&world->away, true);
    CHECK (says (ask (world, "GET /readyz"), "HTTP/1.1 503 ", "not ready: the database is away\n"));
    CHECK (says (ask (world, "GET /healthz"), "HTTP/1.1 200 ", "alive"));
    atomic_store (&world->away, false);
    CHECK (says (ask (world, "GET /readyz"), "HTTP/1.1 200 ", "ready"));
    world_destroy (&world);
}

TEST (what_is_stopping_is_not_ready_and_is_not_asked)
{
    world_t *world = world_new ();
    probe_server_stopping (world->server);
    CHECK (says (ask (world, "GET /readyz"), "HTTP/1.1 503 ", "it is being stopped"));
    CHECK_INT (atomic_load (&world->asked), 0);
    world_destroy (&world);
}

TEST (a_head_without_end_is_cut_off)
{
    world_t *world = world_new ();
    int fd = connect_to (world);
    char waste[PROBE_HEAD_MAX + 4096];
    memset (waste, 'x', sizeof waste);
    (void) !send (fd, waste, sizeof waste, MSG_NOSIGNAL);
    CHECK_STR (listen_to (world, fd), "");
    CHECK (says (ask (world, "GET /healthz"), "HTTP/1.1 200 ", "alive"));
    world_destroy (&world);
}

TEST (guests_who_say_nothing_do_not_keep_others_out_for_longer_than_their_time)
{
    world_t *world = world_new ();
    int silent[PROBE_CLIENTS];
    for (int i = 0; i < PROBE_CLIENTS; i++)
        silent[i] = connect_to (world);
    CHECK (says (ask (world, "GET /healthz"), "HTTP/1.1 200 ", "alive"));
    for (int i = 0; i < PROBE_CLIENTS; i++)
        CHECK_STR (listen_to (world, silent[i]), "");
    world_destroy (&world);
}

TEST (an_address_that_cannot_be_had_is_refused_by_its_name)
{
    world_t *world = world_new ();
    probe_server_t *other;
    const char *taken = probe_server_address (world->server);
    CHECK_INT (probe_server_new (&other, &world->turn, taken, is_ready, world), CONFLICT);
    CHECK (strstr (world->turn.detail, taken) && strstr (world->turn.detail, "probe_listen"));
    CHECK_INT (probe_server_new (&other, &world->turn, "192.0.2.1:80", is_ready, world), CONFLICT);
    CHECK (strstr (world->turn.detail, "192.0.2.1:80"));
    world_destroy (&world);
}
