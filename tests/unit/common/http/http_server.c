/* What a server does when there is no room, and when it quits: it begins nothing then, and ends nothing that it has begun. */

#include "common/http/http_server.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define REQUEST "GET / HTTP/1.1\r\nHost: test\r\n\r\n"
#define PUT     "PUT / HTTP/1.1\r\nHost: test\r\n\r\n" // Its thread goes on
#define POST    "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n"

typedef struct {
    http_server_t *server;
    atomic_int begun;
    atomic_bool held; // Requests are not answered yet
    atomic_int going_on, went_on;
    atomic_bool goes_on; // Threads that go on do not come back yet
} world_t;

static int64_t soon (void)
{
    return clock_monotonic_us () + SECONDS (20);
}

static http_after_t serve (void *context, http_conn_t *conn, const http_head_t *head)
{
    world_t *world = context;
    char byte;
    if (strcmp (head->method, "POST") == 0)
        (void) http_conn_read (conn, &byte, 1, soon ());
    else if (strcmp (head->method, "PUT") == 0)
        http_conn_go_on (conn);
    else {
        atomic_fetch_add (&world->begun, 1);
        while (atomic_load (&world->held))
            sched_yield ();
    }
    return http_conn_write (conn, ANSWER, strlen (ANSWER), soon ()) ? HTTP_KEEP : HTTP_CLOSE;
}

static void go_on (void *context)
{
    world_t *world = context;
    atomic_fetch_add (&world->going_on, 1);
    while (atomic_load (&world->goes_on))
        sched_yield ();
    atomic_fetch_add (&world->went_on, 1);
}

static void refuse (void *context, http_conn_t *conn, int status, const char *text)
{
    (void) context, (void) conn, (void) status, (void) text;
}

static http_lane_t lane (const http_head_t *head)
{
    (void) head;
    return LANE_OTHERS;
}

static void setup_with (world_t *self, uint32_t connections, uint32_t per_address)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    const http_server_config_t config = {.host = "127.0.0.1",
                                         .threads = 4,
                                         .slow = 4,
                                         .connections = connections,
                                         .per_address = per_address,
                                         .head_ms = 20000,
                                         .idle_ms = 20000,
                                         .wait_ms = 20000,
                                         .context = self,
                                         .serve = serve,
                                         .refuse = refuse,
                                         .lane = lane,
                                         .go_on = go_on};
    *self = (world_t){.server = NULL};
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (http_server_new (&self->server, &turn, &config), OK);
    arena_destroy (&arena);
}

static void setup (world_t *self)
{
    setup_with (self, 16, 16);
}

static int join_from (const world_t *self, const char *source)
{
    const struct timeval limit = {.tv_sec = 20};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons (http_server_port (self->server))};
    inet_pton (AF_INET, "127.0.0.1", &at.sin_addr);
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    struct sockaddr_in from = {.sin_family = AF_INET};
    inet_pton (AF_INET, source, &from.sin_addr);
    CHECK_INT (bind (fd, (struct sockaddr *) &from, sizeof from), 0);
    if (connect (fd, (struct sockaddr *) &at, sizeof at) == 0)
        return fd;
    close (fd);
    return -1;
}

static int join (const world_t *self)
{
    return join_from (self, "127.0.0.1");
}

static void say (int fd)
{
    CHECK_INT (send (fd, REQUEST, strlen (REQUEST), MSG_NOSIGNAL), (int) strlen (REQUEST));
}

static bool is_answered (int fd)
{
    char text[sizeof ANSWER];
    return recv (fd, text, strlen (ANSWER), MSG_WAITALL) == (ssize_t) strlen (ANSWER);
}

static bool has_ended (int fd)
{
    char byte;
    ssize_t got = recv (fd, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

static bool is_open (int fd)
{
    char byte;
    return recv (fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

// A connection that was served, and is at rest: an answer is there before the thread that wrote it has let go.
static int rest_from (const world_t *self, const char *source)
{
    http_server_stats_t stats;
    int fd = join_from (self, source);
    say (fd);
    CHECK (is_answered (fd));
    int64_t until_us = soon ();
    do {
        sched_yield ();
        http_server_stats (self->server, &stats);
    } while (stats.idle < stats.threads && clock_monotonic_us () < until_us);
    CHECK_INT (stats.idle, stats.threads);
    return fd;
}

TEST (where_connections_run_out_the_one_at_rest_the_longest_makes_room)
{
    world_t world;
    int fds[8];
    setup_with (&world, 6, 4);
    for (int i = 0; i < 4; i++)
        fds[i] = rest_from (&world, "127.0.0.1");
    fds[4] = rest_from (&world, "127.0.0.1"); // The fifth of its address
    CHECK (has_ended (fds[0]));
    for (int i = 1; i < 5; i++)
        CHECK (is_open (fds[i]));
    for (int i = 5; i < 8; i++)
        fds[i] = rest_from (&world, "127.0.0.2"); // The third of them is the seventh of all
    CHECK (has_ended (fds[1]));
    for (int i = 2; i < 8; i++)
        CHECK (is_open (fds[i]));
    http_server_quit (world.server);
    CHECK (http_server_wait (world.server, true, soon ()));
    http_server_destroy (&world.server);
    for (int i = 0; i < 8; i++)
        close (fds[i]);
}

TEST (a_server_that_quits_begins_no_request_and_ends_what_rests)
{
    world_t world;
    setup (&world);
    int rests = join (&world), between = join (&world);
    say (rests);
    CHECK (is_answered (rests));
    CHECK_INT (send (between, REQUEST, 5, MSG_NOSIGNAL), 5); // Of a head that comes later
    http_server_quit (world.server);
    CHECK (has_ended (rests));
    (void) !send (between, &REQUEST[5], strlen (REQUEST) - 5, MSG_NOSIGNAL);
    CHECK (has_ended (between));
    CHECK_INT (join (&world), -1);
    CHECK_INT (atomic_load (&world.begun), 1);
    CHECK (http_server_wait (world.server, true, soon ()));
    http_server_destroy (&world.server);
    close (rests);
    close (between);
}

TEST (a_server_that_quits_answers_what_it_has_begun)
{
    world_t world;
    setup (&world);
    atomic_store (&world.held, true);
    int fd = join (&world);
    say (fd);
    for (int64_t until_us = soon (); atomic_load (&world.begun) == 0 && clock_monotonic_us () < until_us;)
        sched_yield ();
    http_server_quit (world.server);
    CHECK (!http_server_wait (world.server, true, clock_monotonic_us () + 1000));
    atomic_store (&world.held, false);
    CHECK (is_answered (fd));
    CHECK (has_ended (fd)); // It does not rest, though it was busy when what rested was ended
    CHECK (http_server_wait (world.server, true, soon ()));
    http_server_destroy (&world.server);
    close (fd);
}

static bool has_begun (world_t *world, int count)
{
    for (int64_t until_us = soon (); atomic_load (&world->begun) < count && clock_monotonic_us () < until_us;)
        sched_yield ();
    return atomic_load (&world->begun) == count;
}

static http_server_stats_t stats (world_t *world)
{
    http_server_stats_t now;
    http_server_stats (world->server, &now);
    return now;
}

#define GOING_ON 8 // More than there are workers

TEST (a_thread_that_goes_on_after_an_answer_keeps_no_request_from_being_served)
{
    world_t world;
    http_server_stats_t stats;
    setup (&world);
    atomic_store (&world.goes_on, true);
    int fd = join (&world);
    for (int i = 0; i < GOING_ON; i++) { // On one connection, which is free again each time
        CHECK_INT (send (fd, PUT, strlen (PUT), MSG_NOSIGNAL), (int) strlen (PUT));
        CHECK (is_answered (fd));
    }
    say (fd);
    CHECK (is_answered (fd));
    int64_t until_us = soon ();
    while (atomic_load (&world.going_on) < GOING_ON && clock_monotonic_us () < until_us)
        sched_yield ();
    CHECK_INT (atomic_load (&world.going_on), GOING_ON);
    do // The thread of the last request gives its place back a moment after its answer
        http_server_stats (world.server, &stats);
    while (stats.working > 0 && clock_monotonic_us () < until_us);
    CHECK_INT (stats.working, 0);
    CHECK_INT (atomic_load (&world.went_on), 0);
    atomic_store (&world.goes_on, false);
    http_server_destroy (&world.server); // Waits for them
    CHECK_INT (atomic_load (&world.went_on), GOING_ON);
    close (fd);
}

TEST (a_worker_that_returns_from_a_slow_client_continues_although_all_slots_are_taken)
{
    world_t world;
    int held[3];
    setup (&world);
    int slow = join (&world);
    CHECK_INT (send (slow, POST, strlen (POST), MSG_NOSIGNAL), (int) strlen (POST));
    for (int64_t until_us = soon (); stats (&world).slow == 0 && clock_monotonic_us () < until_us;)
        sched_yield ();
    CHECK_INT (stats (&world).slow, 1);
    atomic_store (&world.held, true);
    for (int i = 0; i < 3; i++) {
        held[i] = join (&world);
        say (held[i]);
    }
    CHECK (has_begun (&world, 2)); // As many as one address may have
    CHECK_INT (send (slow, "x", 1, MSG_NOSIGNAL), 1);
    CHECK (is_answered (slow));
    CHECK_INT (atomic_load (&world.begun), 2); // The one that waits has not got its place
    atomic_store (&world.held, false);
    for (int i = 0; i < 3; i++) {
        CHECK (is_answered (held[i]));
        close (held[i]);
    }
    close (slow);
    CHECK (http_server_wait (world.server, true, soon ()));
    CHECK_INT (stats (&world).slow + stats (&world).working, 0); // Every place was given back
    http_server_destroy (&world.server);
}

TEST (one_credential_has_a_quarter_of_the_places_for_slow_clients)
{
    world_t world;
    setup (&world);
    int slow[2];
    for (int i = 0; i < 2; i++) {
        slow[i] = join (&world);
        CHECK_INT (send (slow[i], POST, strlen (POST), MSG_NOSIGNAL), (int) strlen (POST));
        for (int64_t until_us = soon ();
             stats (&world).slow + stats (&world).cut <= (uint64_t) i && clock_monotonic_us () < until_us;)
            sched_yield ();
    }
    CHECK_INT (stats (&world).slow, 1); // Of four
    CHECK_INT (stats (&world).cut, 1);  // The other one's body is not waited for
    CHECK_INT (send (slow[0], "x", 1, MSG_NOSIGNAL), 1);
    CHECK (is_answered (slow[0]));
    for (int i = 0; i < 2; i++)
        close (slow[i]);
    CHECK (http_server_wait (world.server, true, soon ()));
    http_server_destroy (&world.server);
}
