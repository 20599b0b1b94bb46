/* guest.c - who waits for an answer serves where others rest, one at a time, and wakes nobody for it. */

#include "common/bus/guest.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READERS 3

// A reader that takes all its letters when it is served, and may pass each on.
typedef struct seated {
    int fd;
    actor_seat_t *seat;
    mailbox_t *mailbox;
    struct seated *passes_to; // NULL: nobody
    unsigned taken, served;
    bool overlaps, inside;
} seated_t;

static void put (seated_t *self)
{
    zframe_t *none = NULL;
    letter_t *letter = letter_of ("ask", 3, &none, NULL);
    while (mailbox_put (self->mailbox, &letter) == MAILBOX_FULL)
        sched_yield ();
}

static unsigned take_all (const seated_t *self)
{
    unsigned count = 0;
    for (letter_t *letter; (letter = mailbox_take (self->mailbox)); count++)
        letter_destroy (&letter);
    return count;
}

static void serve (void *self_)
{
    seated_t *self = self_;
    self->overlaps |= self->inside; // Not atomic on purpose: the seat is what keeps others out
    self->inside = true;
    self->served++;
    mailbox_attend (self->mailbox);
    for (letter_t *letter; (letter = mailbox_take (self->mailbox)); self->taken++) {
        letter_destroy (&letter);
        if (self->passes_to)
            put (self->passes_to);
    }
    if (mailbox_leave (self->mailbox))
        mailbox_signal (self->mailbox);
    self->inside = false;
}

static void setup (seated_t *self)
{
    *self = (seated_t){.fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)};
    self->seat = seat_new (serve, self);
    self->mailbox = mailbox_new (self->fd, self->seat);
    seat_take (self->seat);
}

static void rest (seated_t *self)
{
    seat_leave (self->seat, true);
}

static void teardown (seated_t *self)
{
    receiver_t *receiver = &self->mailbox->receiver;
    receiver_release (&receiver);
    seat_release (&self->seat);
    close (self->fd);
}

static uint64_t wakes (const seated_t *self)
{
    uint64_t count = 0;
    return read (self->fd, &count, sizeof count) == sizeof count ? count : 0;
}

static bool never (void *context)
{
    (void) context;
    return false;
}

static bool has_taken (void *reader)
{
    return ((seated_t *) reader)->taken > 0;
}

TEST (a_guest_serves_a_reader_that_rests_and_does_not_wake_it)
{
    seated_t reader;
    bus_guest_t guest;
    setup (&reader);
    rest (&reader);
    guest_begin (&guest);
    put (&reader);
    CHECK_INT (reader.taken, 0);
    guest_end (&guest, never, NULL);
    CHECK_INT (reader.taken, 1);
    CHECK_INT (wakes (&reader), 0);
    put (&reader); // Who is no guest wakes it
    CHECK_INT (wakes (&reader), 1);
    teardown (&reader);
}

TEST (a_reader_that_does_not_rest_is_woken_by_a_guest_and_serves_itself)
{
    seated_t reader;
    bus_guest_t guest;
    setup (&reader);
    guest_begin (&guest);
    put (&reader);
    CHECK_INT (wakes (&reader), 0);
    guest_end (&guest, never, NULL);
    CHECK_INT (reader.served, 0);
    CHECK_INT (wakes (&reader), 1);
    CHECK_INT (take_all (&reader), 1);
    seat_leave (reader.seat, false); // As one that has sockets does
    guest_begin (&guest);
    put (&reader);
    guest_end (&guest, never, NULL);
    CHECK_INT (reader.served, 0);
    CHECK_INT (wakes (&reader), 1);
    teardown (&reader);
}

TEST (a_guest_goes_where_its_request_goes_and_back_with_the_answer)
{
    seated_t readers[READERS];
    bus_guest_t guest;
    for (int i = 0; i < READERS; i++)
        setup (&readers[i]);
    readers[0].passes_to = &readers[1];
    readers[1].passes_to = &readers[2];
    for (int i = 0; i < READERS; i++)
        rest (&readers[i]);
    guest_begin (&guest);
    put (&readers[0]);
    guest_end (&guest, has_taken, &readers[2]);
    for (int i = 0; i < READERS; i++) {
        CHECK_INT (readers[i].taken, 1);
        CHECK_INT (wakes (&readers[i]), 0);
        teardown (&readers[i]);
    }
}

TEST (a_guest_that_has_its_answer_wakes_the_readers_that_it_does_not_visit)
{
    seated_t first, second;
    bus_guest_t guest;
    setup (&first);
    setup (&second);
    first.passes_to = &second;
    rest (&first);
    rest (&second);
    guest_begin (&guest);
    put (&first);
    guest_end (&guest, has_taken, &first);
    CHECK_INT (first.taken, 1);
    CHECK_INT (second.taken, 0);
    CHECK_INT (wakes (&second), 1);
    teardown (&first);
    teardown (&second);
}

TEST (a_guest_ends_after_so_many_visits_and_wakes_the_next_reader)
{
    seated_t first, second;
    bus_guest_t guest;
    setup (&first);
    setup (&second);
    first.passes_to = &second;
    second.passes_to = &first; // Each visit leads to the next
    rest (&first);
    rest (&second);
    guest_begin (&guest);
    put (&first);
    guest_end (&guest, never, NULL);
    CHECK_INT (first.taken + second.taken, GUEST_VISITS);
    CHECK_INT (wakes (&first) + wakes (&second), 1);
    teardown (&first);
    teardown (&second);
}

// ---- many threads ----

#define GUESTS 4
#define EACH   2000

static void *visit_often (void *reader)
{
    for (int i = 0; i < EACH; i++) {
        bus_guest_t guest;
        guest_begin (&guest);
        put (reader);
        guest_end (&guest, never, NULL);
    }
    return NULL;
}

TEST (guests_and_the_own_thread_serve_every_letter_and_never_two_at_once)
{
    seated_t reader;
    pthread_t threads[GUESTS];
    setup (&reader);
    rest (&reader);
    for (int i = 0; i < GUESTS; i++)
        pthread_create (&threads[i], NULL, visit_often, &reader);
    unsigned taken = 0;
    int64_t until_us = test_until_us ();
    while (taken < GUESTS * EACH && clock_monotonic_us () < until_us) {
        seat_take (reader.seat);
        serve (&reader); // Also what guests have woken it for
        taken = reader.taken;
        rest (&reader);
        sched_yield ();
    }
    for (int i = 0; i < GUESTS; i++)
        pthread_join (threads[i], NULL);
    CHECK_INT (taken, GUESTS * EACH);
    CHECK (!reader.overlaps);
    teardown (&reader);
}
