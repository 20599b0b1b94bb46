/* One client, many who send by it: each gets its own answer, and whatever ends is called back once. */

#include "common/base/clock.h"
#include "tests/unit/common/http/client_world.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *abandon_it (void *self_)
{
    client_world_t *self = self_;
    while (!atomic_load (&self->held))
        sched_yield ();
    http_client_abandon (self->client);
    return NULL;
}

TEST (another_thread_ends_a_wait_for_good)
{
    client_world_t *world = client_world_new ();
    pthread_t thread;
    CHECK_INT (pthread_create (&thread, NULL, abandon_it, world), 0);
    http_answer_t answer = client_world_send (
        world, &(http_request_t){.url = client_world_url (world, "/hold"), .total_ms = HTTP_NO_END});
    pthread_join (thread, NULL);
    CHECK_INT (answer.fault, UNAVAILABLE);
    CHECK (answer.cancelled);
    client_world_fails (world, &(http_request_t){.url = client_world_url (world, "/echo")}, UNAVAILABLE,
                        "cancelled");
    CHECK_INT (atomic_load (&world->served), 1);
    client_world_destroy (&world);
}

typedef struct {
    atomic_uint done, cancelled, good;
} count_t;

static void count_done (void *self_, const http_answer_t *answer)
{
    count_t *self = self_;
    atomic_fetch_add (&self->cancelled, answer->cancelled);
    atomic_fetch_add (&self->good, answer->fault == OK && answer->status == 200);
    atomic_fetch_add (&self->done, 1);
}

static void wait_done (count_t *count, unsigned done)
{
    int64_t until = test_until_us ();
    while (atomic_load (&count->done) < done && clock_monotonic_us () < until)
        sched_yield ();
    CHECK_INT (atomic_load (&count->done), done);
}

typedef struct {
    client_world_t *world;
    count_t *count;
    pthread_t thread;
    unsigned answered;
} sender_t;

#define SENDERS  4
#define RESTS    100
#define REQUESTS 25

static void *send_many (void *self_)
{
    sender_t *self = self_;
    arena_t *arena = arena_new ();
    for (int i = 0; i < REQUESTS; i++) {
        turn_t turn;
        http_answer_t answer;
        char body[32];
        arena_reset (arena);
        turn_init (&turn, arena, "", 0);
        snprintf (body, sizeof body, "%p %d", (void *) self, i);
        const http_request_t request = {
            .method = "POST", .url = self->world->other, .body = body, .size = strlen (body)};
        self->answered += http_client_send (self->world->client, &turn, &request, &answer) == OK &&
                          strcmp (answer.body, body) == 0;
        (void) !http_client_begin (self->world->client, &request, count_done, self->count, NULL);
        memset (body, 0, sizeof body); // It was copied
    }
    arena_destroy (&arena);
    return NULL;
}

TEST (many_threads_send_by_one_client_and_each_gets_its_own_answer)
{
    client_world_t *world = client_world_with (&(http_client_options_t){.per_host = 6, .kept = 6}, NULL);
    sender_t senders[SENDERS];
    count_t count = {0};
    CHECK (http_client_start (world->client, "http"));
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (sender_t){.world = world, .count = &count};
        CHECK_INT (pthread_create (&senders[i].thread, NULL, send_many, &senders[i]), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        pthread_join (senders[i].thread, NULL);
        CHECK_INT (senders[i].answered, REQUESTS);
    }
    wait_done (&count, SENDERS * REQUESTS);
    CHECK_INT (atomic_load (&count.good), SENDERS * REQUESTS);
    CHECK (peer_connections (world->peer) <= 6);
    client_world_destroy (&world);
}

TEST (one_transfer_is_cancelled_and_the_others_continue)
{
    client_world_t *world = client_world_new ();
    count_t count = {0};
    uint64_t ids[3];
    CHECK (http_client_start (world->client, "http"));
    const http_request_t held = {.url = client_world_url (world, "/hold"), .total_ms = HTTP_NO_END};
    for (int i = 0; i < 3; i++)
        CHECK_INT (http_client_begin (world->client, &held, count_done, &count, &ids[i]), OK);
    CHECK (ids[0] != ids[1] && ids[1] != ids[2]);
    client_world_wait_held (world, 3);
    http_client_cancel (world->client, ids[1]);
    wait_done (&count, 1);
    http_client_cancel (world->client, ids[1]); // It has ended
    CHECK_INT (client_world_get (world, "/echo").status, 200);
    CHECK_INT (atomic_load (&count.done), 1);
    CHECK_INT (atomic_load (&count.cancelled), 1);
    client_world_destroy (&world); // The other two end here
    CHECK_INT (atomic_load (&count.done), 3);
    CHECK_INT (atomic_load (&count.cancelled), 3);
}

// Whoever begins it sends it then (http_client.c).
TEST (what_begins_while_the_thread_rests_is_answered_or_cancelled_once)
{
    client_world_t *world = client_world_new ();
    count_t count = {0};
    const http_request_t request = {.url = client_world_url (world, "/echo")},
                         held = {.url = client_world_url (world, "/hold"), .total_ms = HTTP_NO_END};
    CHECK (http_client_start (world->client, "http"));
    for (int i = 0; i < RESTS; i++) {
        uint64_t id;
        CHECK_INT (http_client_begin (world->client, &request, count_done, &count, NULL), OK);
        wait_done (&count, 2 * i + 1);
        CHECK_INT (http_client_begin (world->client, &held, count_done, &count, &id), OK);
        http_client_cancel (world->client, id);
        wait_done (&count, 2 * i + 2);
    }
    CHECK_INT (atomic_load (&count.good), RESTS);
    CHECK_INT (atomic_load (&count.cancelled), RESTS);
    client_world_destroy (&world);
}

TEST (what_is_under_way_or_not_due_ends_with_its_client_and_is_called_back_once)
{
    client_world_t *world = client_world_new ();
    count_t count = {0};
    const http_request_t held = {.url = client_world_url (world, "/hold"), .total_ms = HTTP_NO_END},
                         later = {.url = client_world_url (world, "/echo"), .delay_ms = 3600000};
    CHECK (http_client_start (world->client, "http"));
    CHECK_INT (http_client_begin (world->client, &held, count_done, &count, NULL), OK);
    CHECK_INT (http_client_begin (world->client, &later, count_done, &count, NULL), OK);
    client_world_wait_held (world, 1);
    http_client_stop (world->client);
    CHECK_INT (atomic_load (&count.done), 2);
    CHECK_INT (atomic_load (&count.cancelled), 2);
    CHECK_INT (http_client_begin (world->client, &later, count_done, &count, NULL), UNAVAILABLE);
    client_world_destroy (&world);
    CHECK_INT (atomic_load (&count.done), 2);
}

TEST (more_transfers_than_a_client_may_have_are_refused)
{
    client_world_t *world = client_world_with (&(http_client_options_t){.transfers = 2}, NULL);
    count_t count = {0};
    const http_request_t request = {.url = client_world_url (world, "/echo")};
    CHECK_INT (http_client_begin (world->client, &request, count_done, &count, NULL), OK);
    CHECK_INT (http_client_begin (world->client, &request, count_done, &count, NULL), OK);
    CHECK_INT (http_client_begin (world->client, &request, count_done, &count, NULL), OVERLOADED);
    client_world_fails (world, &request, OVERLOADED, "too many");
    while (atomic_load (&count.done) < 2)
        CHECK_INT (http_client_drive (world->client, &world->turn, -1, test_until_us (), NULL), OK);
    CHECK_INT (client_world_get (world, "/echo").status, 200);
    client_world_destroy (&world);
}

typedef struct {
    client_world_t *world;
    int64_t arrived_us;
    int left;
} again_t;

static void begin_again (void *self_, const http_answer_t *answer)
{
    again_t *self = self_;
    const http_request_t request = {.url = self->world->other, .delay_ms = 30};
    if (answer->fault == OK && self->left-- > 0 &&
        http_client_begin (self->world->client, &request, begin_again, self, NULL) != OK)
        self->left = -100;
}

TEST (a_request_is_made_again_by_its_own_end_and_not_before_its_time)
{
    client_world_t *world = client_world_new ();
    again_t again = {.world = world, .left = 2};
    int64_t began = clock_monotonic_us ();
    const http_request_t request = {.url = world->other};
    CHECK_INT (http_client_begin (world->client, &request, begin_again, &again, NULL), OK);
    while (again.left >= 0)
        CHECK_INT (http_client_drive (world->client, &world->turn, -1, test_until_us (), NULL), OK);
    CHECK_INT (again.left, -1);
    CHECK (clock_monotonic_us () - began >= MILLISECONDS (60));
    CHECK_INT (atomic_load (&world->served), 3);
    client_world_destroy (&world);
}

TEST (whoever_drives_a_client_is_woken_by_their_own_descriptor)
{
    client_world_t *world = client_world_new ();
    count_t count = {0};
    bool readable = false;
    int fd = eventfd (0, EFD_CLOEXEC);
    const http_request_t held = {.url = client_world_url (world, "/hold"), .total_ms = HTTP_NO_END};
    CHECK_INT (http_client_begin (world->client, &held, count_done, &count, NULL), OK);
    CHECK_INT (http_client_drive (world->client, &world->turn, fd, clock_monotonic_us () + 1000, &readable),
               OK);
    CHECK (!readable);
    eventfd_write (fd, 1);
    CHECK_INT (http_client_drive (world->client, &world->turn, fd, NEVER, &readable), OK);
    CHECK (readable);
    CHECK_INT (atomic_load (&count.done), 0);
    close (fd);
    client_world_destroy (&world);
}
