/* What is known of a commit that failed, over a connection that a proxy cuts; and what becomes of a unit whose process was frozen.
 * PostgreSQL only. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/metrics.h"
#include "common/db/db.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef enum { CUT_BEFORE_COMMIT, CUT_AFTER_COMMIT, CUT_NEVER } cut_t;

typedef struct {
    int listener, port;
    int server_port;
    cut_t cut;
    pthread_t thread;
} proxy_t;

static struct sockaddr_in local (int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons ((uint16_t) port),
                                .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
}

// Hands on what came; false where the connection is to end.
static bool pass (const proxy_t *self, int from, int to, bool to_server)
{
    static const char commit[] = "\0commit"; // As it is prepared
    char bytes[16384];
    ssize_t size = read (from, bytes, sizeof bytes);
    if (size <= 0)
        return false;
    bool commits = to_server && memmem (bytes, (size_t) size, commit, sizeof commit);
    if (commits && self->cut == CUT_BEFORE_COMMIT)
        return false;
    if (write (to, bytes, (size_t) size) != size)
        return false;
    if (commits && self->cut == CUT_AFTER_COMMIT) {
        struct pollfd answer = {.fd = to, .events = POLLIN};
        poll (&answer, 1, 10000); // It is durable by now; nobody hears of it
        return false;
    }
    return true;
}

static void serve (const proxy_t *self, int client)
{
    struct sockaddr_in at = local (self->server_port);
    int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool on = connect (server, (struct sockaddr *) &at, sizeof at) == 0;
    while (on) {
        struct pollfd both[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        if (poll (both, 2, 10000) <= 0)
            break;
        if (both[0].revents)
            on = pass (self, client, server, true);
        if (on && both[1].revents)
            on = pass (self, server, client, false);
    }
    close (server);
    close (client);
}

static void *run (void *context)
{
    proxy_t *self = context;
    int client = accept (self->listener, NULL, NULL);
    close (self->listener); // Whoever connects again is refused
    if (client >= 0)
        serve (self, client);
    return NULL;
}

static void proxy_start (proxy_t *self, int server_port, cut_t cut)
{
    struct sockaddr_in at = local (0);
    socklen_t size = sizeof at;
    self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    self->server_port = server_port;
    self->cut = cut;
    CHECK (bind (self->listener, (struct sockaddr *) &at, size) == 0 && listen (self->listener, 4) == 0);
    CHECK (getsockname (self->listener, (struct sockaddr *) &at, &size) == 0);
    self->port = ntohs (at.sin_port);
    CHECK_INT (pthread_create (&self->thread, NULL, run, self), 0);
}

static void proxy_stop (proxy_t *self)
{
    pthread_join (self->thread, NULL);
}

typedef struct {
    arena_t *arena;
    turn_t turn;
    const char *table;
    db_t *db;     // Straight
    db_t *behind; // Through the proxy
    proxy_t proxy;
} world_t;

static void begin (world_t *world, cut_t cut)
{
    const char *url = getenv ("OPENCICD_TEST_POSTGRES");
    world->arena = arena_new ();
    turn_init (&world->turn, world->arena, "test", 1);
    world->table = id_new (world->arena, 't', clock_now_us (clock_system ()));
    const char *port = strrchr (url, ':') + 1, *rest = strchr (port, '/');
    CHECK (rest);
    CHECK_INT (db_open (&world->db, url, &world->turn), OK);
    CHECK_INT (db_exec (world->db, &world->turn,
                        arena_printf (world->arena, "create table %s (n bigint)", world->table)),
               OK);
    proxy_start (&world->proxy, (int) strtol (port, NULL, 10), cut);
    const char *through =
        arena_printf (world->arena, "%.*s%d%s", (int) (port - url), url, world->proxy.port, rest);
    CHECK_INT (db_open (&world->behind, through, &world->turn), OK);
}

static int64_t count (world_t *world)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn,
                         arena_printf (world->arena, "select count (*) from %s", world->table), &rows),
               OK);
    return rows_i64 (rows, 0, 0);
}

static fault_t insert (world_t *world)
{
    return db_exec (world->behind, &world->turn,
                    arena_printf (world->arena, "insert into %s (n) values (1)", world->table));
}

static void end (world_t *world)
{
    db_close (&world->behind);
    proxy_stop (&world->proxy);
    CHECK_INT (db_exec (world->db, &world->turn, arena_printf (world->arena, "drop table %s", world->table)),
               OK);
    db_close (&world->db);
    arena_destroy (&world->arena);
}

static void unknown_and_done (void)
{
    world_t world;
    begin (&world, CUT_AFTER_COMMIT);
    CHECK_INT (db_begin (world.behind, &world.turn), OK);
    CHECK_INT (insert (&world), OK);
    CHECK_INT (db_commit (world.behind, &world.turn), UNAVAILABLE);
    CHECK (db_commit_unknown (world.behind));
    CHECK (!db_in_transaction (world.behind));
    CHECK_INT (count (&world), 1);                                 // Once
    CHECK_INT (db_begin (world.behind, &world.turn), UNAVAILABLE); // The proxy takes no other
    CHECK (db_commit_unknown (world.behind));                      // Until the next commit
    end (&world);
}

static void unknown_and_not_done (void)
{
    world_t world;
    begin (&world, CUT_BEFORE_COMMIT);
    CHECK_INT (db_begin (world.behind, &world.turn), OK);
    CHECK_INT (insert (&world), OK);
    CHECK_INT (db_commit (world.behind, &world.turn), UNAVAILABLE);
    CHECK (db_commit_unknown (world.behind)); // We cannot tell it from the other
    CHECK (strstr (world.turn.detail, "may or may not have taken effect"));
    CHECK_INT (count (&world), 0);
    end (&world);
}

// Until the server has ended the session of this number; 10 s at most.
static void wait_for_end (world_t *world, int64_t pid)
{
    int64_t until = test_until_us ();
    for (bool there = true; there;) {
        const rows_t *rows;
        CHECK (clock_monotonic_us () < until);
        CHECK_INT (db_query (world->db, &world->turn, "select 1 from pg_stat_activity where pid = $1", &rows,
                             P_I64 (pid)),
                   OK);
        there = rows_count (rows) > 0;
    }
}

static void frozen (void)
{
    world_t world;
    const rows_t *rows;
    begin (&world, CUT_NEVER);
    turn_t *turn = &world.turn;
    CHECK_INT (db_query (world.behind, turn, "show idle_in_transaction_session_timeout", &rows), OK);
    CHECK_STR (rows_str (rows, 0, 0), "2500ms");
    CHECK_INT (db_exec (world.behind, turn, "set idle_in_transaction_session_timeout = '20ms'"), OK);
    CHECK_INT (db_begin (world.behind, turn), OK);
    CHECK_INT (insert (&world), OK);
    CHECK_INT (db_query (world.behind, turn, "select pg_backend_pid ()", &rows), OK);
    CHECK_INT (insert (&world), OK); // Not sent yet
    wait_for_end (&world, rows_i64 (rows, 0, 0));
    CHECK_INT (db_commit (world.behind, turn), UNAVAILABLE);
    CHECK (!db_commit_unknown (world.behind));
    CHECK (!strstr (turn->detail, "may or may not"));
    CHECK_INT (count (&world), 0);
    end (&world);
}

// The server ends the session as the commit runs: it may have been durable by then.
static void ended_at_commit (void)
{
    world_t world;
    begin (&world, CUT_NEVER);
    turn_t *turn = &world.turn;
    const char *name = world.table;
    CHECK_INT (
        db_exec (world.db, turn,
                 arena_printf (world.arena,
                               "create function f_%s () returns trigger language plpgsql as $$ begin"
                               " perform pg_terminate_backend (pg_backend_pid ()); return null; end $$",
                               name)),
        OK);
    CHECK_INT (
        db_exec (world.db, turn,
                 arena_printf (world.arena,
                               "create constraint trigger c after insert on %s deferrable initially deferred"
                               " for each row execute function f_%s ()",
                               name, name)),
        OK);
    CHECK_INT (db_begin (world.behind, turn), OK);
    CHECK_INT (insert (&world), OK);
    CHECK_INT (db_commit (world.behind, turn), UNAVAILABLE);
    CHECK (db_commit_unknown (world.behind));
    CHECK_INT (db_exec (world.db, turn, arena_printf (world.arena, "drop function f_%s cascade", name)), OK);
    end (&world);
}

static int64_t session_of (world_t *world)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->behind, &world->turn, "select pg_backend_pid ()", &rows), OK);
    return rows_i64 (rows, 0, 0);
}

// What failed in the line does not keep the rollback from being done: the connection stays.
static void rolled_back (void)
{
    world_t world;
    begin (&world, CUT_NEVER);
    int64_t session = session_of (&world);
    CHECK_INT (db_begin (world.behind, &world.turn), OK);
    CHECK_INT (insert (&world), OK);
    CHECK_INT (db_exec (world.behind, &world.turn, "insert into nowhere (n) values (1)"), OK); // Not sent yet
    db_rollback (world.behind);
    CHECK_INT (session_of (&world), session);
    CHECK_INT (count (&world), 0);
    end (&world);
}

// Frozen with more in line than libpq holds back: the server waits for us with a time limit all the same.
static void frozen_in_the_middle (void)
{
    world_t world;
    const rows_t *rows;
    begin (&world, CUT_NEVER);
    turn_t *turn = &world.turn;
    int64_t session = session_of (&world);
    CHECK_INT (db_exec (world.behind, turn, "set idle_in_transaction_session_timeout = '20ms'"), OK);
    CHECK_INT (db_begin (world.behind, turn), OK);
    const char *padded = arena_printf (world.arena, "insert into %s (n) values (length ($1))", world.table);
    char words[3000];
    memset (words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    for (int i = 0; i < 8; i++)
        CHECK_INT (db_exec (world.behind, turn, padded, P_STR (words)), OK);
    wait_for_end (&world, session);
    CHECK_INT (db_query (world.behind, turn, "select 1", &rows), UNAVAILABLE);
    db_rollback (world.behind);
    CHECK_INT (count (&world), 0);
    end (&world);
}

static void trips (void)
{
    world_t world;
    begin (&world, CUT_NEVER);
    metric_t *counted = metrics_counter ("opencicd_db_round_trips_total", NULL, NULL, "");
    int64_t before = metric_read (counted);
    for (int i = 0; i < 3; i++) { // Prepared by the first
        CHECK_INT (db_begin (world.behind, &world.turn), OK);
        CHECK_INT (insert (&world), OK);
        CHECK_INT (insert (&world), OK);
        CHECK_INT (db_commit (world.behind, &world.turn), OK);
    }
    CHECK_INT (metric_read (counted) - before, 3);
    before = metric_read (counted);
    CHECK_INT (db_begin (world.behind, &world.turn), OK);
    CHECK_INT (db_commit (world.behind, &world.turn), OK); // Nothing to commit
    CHECK_INT (metric_read (counted) - before, 0);
    CHECK_INT (db_begin (world.behind, &world.turn), OK);
    CHECK_INT (db_ping (world.behind, &world.turn), OK);
    CHECK_INT (db_commit (world.behind, &world.turn), OK); // Nothing but a read
    CHECK_INT (metric_read (counted) - before, 1);
    CHECK_INT (count (&world), 6);
    end (&world);
}

// A handler that was refused early has asked for rows that nobody reads.
static void reads_not_waited_for (void)
{
    world_t world;
    begin (&world, CUT_NEVER);
    for (int committed = 0; committed < 2; committed++) {
        arena_t *arena = arena_new ();
        turn_t turn;
        const rows_t *rows;
        turn_init (&turn, arena, "short", 0);
        CHECK_INT (db_begin (world.db, &turn), OK);
        for (int i = 0; i < 3; i++)
            CHECK_INT (db_query_later (world.db, &turn, "select 6 as n, 'six' as words", &rows), OK);
        if (committed)
            CHECK_INT (db_commit (world.db, &turn), OK);
        else
            db_rollback (world.db);
        arena_destroy (&arena); // Where their rows would have gone
        CHECK_INT (db_query (world.db, &world.turn, "select 7", &rows), OK);
        CHECK_INT (rows_i64 (rows, 0, 0), 7);
    }
    end (&world);
}

__attribute__ ((constructor)) static void add (void)
{
    if (!getenv ("OPENCICD_TEST_POSTGRES"))
        return;
    test_add ("a_commit_whose_answer_was_lost_is_unknown_and_never_sent_twice", __FILE__, unknown_and_done);
    test_add ("a_commit_that_was_lost_on_its_way_is_unknown_too", __FILE__, unknown_and_not_done);
    test_add ("who_was_frozen_within_a_transaction_finds_it_undone_for_certain", __FILE__, frozen);
    test_add ("a_commit_at_which_the_server_ended_the_session_is_unknown", __FILE__, ended_at_commit);
    test_add ("a_rollback_is_done_whatever_failed_before_it", __FILE__, rolled_back);
    test_add ("who_was_frozen_with_half_of_a_long_unit_sent_is_put_out_too", __FILE__, frozen_in_the_middle);
    test_add ("a_unit_that_only_writes_is_one_round_trip_and_one_that_only_reads_has_no_commit", __FILE__,
              trips);
    test_add ("reads_that_nobody_waits_for_end_with_the_transaction", __FILE__, reads_not_waited_for);
}
