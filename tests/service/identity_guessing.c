/* Ten thousand wrong passwords from a hundred addresses: most are not even looked at, nobody else waits, and the right one still gets in. */

#include "common/base/metrics.h"
#include "services/identity/people/hashing.h"
#include "services/identity/people/login_delay.h"
#include "tests/service/identity/people.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define ADDRESSES 100
#define EACH      100
#define GUESSERS  8 // Threads

typedef struct {
    world_t *world;
    atomic_int next;                       // The address whose guesses come next
    atomic_int wrong, too_many, full, odd; // Answers
    atomic_bool half;                      // Of them are through
} guessing_t;

static void count_answer (guessing_t *self, fault_t fault)
{
    atomic_fetch_add (fault == UNAUTHORIZED ? &self->wrong
                      : fault == TOO_MANY   ? &self->too_many
                      : fault == OVERLOADED ? &self->full
                                            : &self->odd,
                      1);
}

static void *guess (void *data)
{
    guessing_t *self = data;
    turn_t turn;
    arena_t *arena = arena_new ();
    for (int at; (at = atomic_fetch_add (&self->next, 1)) < ADDRESSES;)
        for (int i = 0; i < EACH; i++) {
            session_t session = {0};
            turn_init (&turn, arena, arena_printf (arena, "guess-%d-%d", at, i), BEGINS);
            turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
            turn.deadline_us = BEGINS + SECONDS (60);
            const session_begin_t ask = {.name = "ada",
                                         .password = arena_printf (arena, "guess %d of %d", i, at),
                                         .address = arena_printf (arena, "198.51.100.%d", at)};
            count_answer (self,
                          bus_client_call (self->world->client, &turn, MSG_session_begin, &ask, &session));
            arena_reset (arena);
            if (at >= ADDRESSES / 2)
                atomic_store (&self->half, true);
        }
    arena_destroy (&arena);
    return NULL;
}

// Of each pair as many as are free are hashed; without time no more.
static void check_answers (guessing_t *self)
{
    CHECK_INT (self->odd, 0);
    CHECK_INT (self->wrong + self->too_many + self->full, ADDRESSES * EACH);
    CHECK (self->wrong <= ADDRESSES * DELAY_FREE);
    CHECK (self->too_many > 0);
}

TEST_ON_ENGINES (ten_thousand_guesses_from_a_hundred_addresses_keep_nobody_out)
{
    session_t session;
    pthread_t threads[GUESSERS];
    guessing_t guessing = {.world = world};
    if (strncmp (world->url, "sqlite:", 7) != 0)
        return; // What is tested is in memory, and the same whatever the engine
    add_user (world, "ada", "ADMIN");
    add_user (world, "bob", "VIEWER");
    token_t token = issue (world, "VIEWER", "", 0);
    for (int i = 0; i < GUESSERS; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, guess, &guessing), 0);
    for (int others = 0; others < 20 || !atomic_load (&guessing.half);
         others++) { // Nobody else waits for them
        CHECK_STR (whose (world, token.token).role, "VIEWER");
        if (others >= 20)
            continue;
        const char *name = others % 2 ? "ada" : "bob";
        CHECK_INT (sign_in_with (world, (session_begin_t){.name = name, .password = GOOD_PASSWORD}, &session),
                   OK);
        CHECK_STR (session.subject, name);
    }
    for (int i = 0; i < GUESSERS; i++)
        pthread_join (threads[i], NULL);
    check_answers (&guessing);
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "ada", .password = GOOD_PASSWORD}, &session),
               OK);
    metric_t *waiting = metrics_gauge ("opencicd_password_hashes_waiting", NULL, NULL, "");
    CHECK_INT (metric_read (waiting), 0);
}

typedef struct {
    world_t *world;
    int at;
    fault_t fault;
} crowd_t;

static void *sign_in_once (void *data)
{
    crowd_t *self = data;
    turn_t turn;
    session_t session = {0};
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, arena_printf (arena, "crowd-%d", self->at), BEGINS);
    turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    turn.deadline_us = BEGINS + SECONDS (60);
    const session_begin_t ask = {
        .name = "ada", .password = OTHER_PASSWORD, .address = arena_printf (arena, "203.0.113.%d", self->at)};
    self->fault = bus_client_call (self->world->client, &turn, MSG_session_begin, &ask, &session);
    arena_destroy (&arena);
    return NULL;
}

// What waits is bounded, and so is its memory: two hashes at a time.
TEST_ON_ENGINES (of_a_crowd_as_many_as_may_wait_are_served_and_the_others_told_to_come_later)
{
    // Of nobody knows what; it takes its time, so that they meet
    static const char slow[] =
        "$argon2id$v=19$m=65536,t=3,p=1$x5940DGjHli3I7B1moj+HQ$oArSDUsMd4yNF5UGpsn5GvErl81eXF7NqxqkHuWyP/s";
    pthread_t threads[3 * HASHES_WAITING];
    crowd_t crowd[3 * HASHES_WAITING];
    int served = 0, refused = 0;
    add_user (world, "ada", "VIEWER");
    add_user (world, "bob", "VIEWER");
    CHECK_INT (db_exec (world->db, &world->turn, "update users set password = $2 where name = $1",
                        P_STR ("ada"), P_STR (slow)),
               OK);
    for (int i = 0; i < 3 * HASHES_WAITING; i++) {
        crowd[i] = (crowd_t){.world = world, .at = i};
        CHECK_INT (pthread_create (&threads[i], NULL, sign_in_once, &crowd[i]), 0);
    }
    for (int i = 0; i < 3 * HASHES_WAITING; i++) {
        pthread_join (threads[i], NULL);
        served += crowd[i].fault == UNAUTHORIZED;
        refused += crowd[i].fault == OVERLOADED;
    }
    CHECK_INT (served + refused, 3 * HASHES_WAITING);
    CHECK (served >= HASHES_WAITING);
    session_t session;
    CHECK_INT (sign_in_with (world, (session_begin_t){.name = "bob", .password = GOOD_PASSWORD}, &session),
               OK);
}
