/* mailbox.c - letters in, in order and bounded; the reader is woken when it may be asleep. */

#include "common/bus/mailbox.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    int fd;
    mailbox_t *mailbox;
} box_t;

static void setup (box_t *self)
{
    self->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->mailbox = mailbox_new (self->fd, NULL);
}

static void teardown (box_t *self)
{
    receiver_t *receiver = &self->mailbox->receiver;
    receiver_release (&receiver);
    close (self->fd);
}

static letter_t *letter (uint32_t name, size_t body_size, receiver_t *reply)
{
    zframe_t *body = body_size ? zframe_new (NULL, body_size) : NULL;
    return letter_of ((const char *) &name, sizeof name, &body, reply);
}

static mailbox_result_t put (box_t *self, uint32_t name, size_t body_size)
{
    letter_t *one = letter (name, body_size, NULL);
    mailbox_result_t result = mailbox_put (self->mailbox, &one);
    CHECK ((result == MAILBOX_TAKEN) == !one); // It is the caller's unless it was taken
    letter_destroy (&one);
    return result;
}

static uint32_t name_of (const letter_t *one)
{
    uint32_t name;
    CHECK_INT (one->size, sizeof name);
    memcpy (&name, one->header, sizeof name);
    return name;
}

// 0 for none.
static uint32_t take (box_t *self)
{
    letter_t *one = mailbox_take (self->mailbox);
    uint32_t name = one ? name_of (one) : 0;
    letter_destroy (&one);
    return name;
}

// How often the reader was woken since it was asked last.
static uint64_t wakes (box_t *self)
{
    uint64_t count = 0;
    return read (self->fd, &count, sizeof count) == sizeof count ? count : 0;
}

TEST (letters_come_out_in_the_order_in_which_they_were_put)
{
    box_t box;
    setup (&box);
    for (int round = 0; round < 2; round++) { // And again after it was empty
        for (uint32_t name = 1; name <= 3; name++)
            CHECK_INT (put (&box, name, 0), MAILBOX_TAKEN);
        CHECK_INT (take (&box), 1);
        CHECK_INT (put (&box, 4, 0), MAILBOX_TAKEN);
        for (uint32_t name = 2; name <= 4; name++)
            CHECK_INT (take (&box), name);
        CHECK (!mailbox_take (box.mailbox));
    }
    teardown (&box);
}

TEST (a_reader_is_woken_once_until_it_has_found_its_mailbox_empty)
{
    box_t box;
    setup (&box);
    (void) put (&box, 1, 0);
    CHECK_INT (wakes (&box), 1);
    (void) put (&box, 2, 0);
    CHECK_INT (take (&box), 1);
    CHECK_INT (take (&box), 2);
    (void) put (&box, 3, 0); // It looks once more before it sleeps
    CHECK_INT (wakes (&box), 0);
    CHECK_INT (take (&box), 3);
    CHECK_INT (take (&box), 0);
    (void) put (&box, 4, 0);
    CHECK_INT (wakes (&box), 1);
    teardown (&box);
}

TEST (a_mailbox_takes_so_many_letters_and_one_more_when_one_was_taken_out)
{
    box_t box;
    setup (&box);
    for (uint32_t name = 1; name <= BUS_QUEUE; name++)
        CHECK_INT (put (&box, name, 0), MAILBOX_TAKEN);
    CHECK_INT (put (&box, 5000, 0), MAILBOX_FULL);
    CHECK_INT (take (&box), 1);
    CHECK_INT (put (&box, 5001, 0), MAILBOX_TAKEN);
    CHECK_INT (put (&box, 5002, 0), MAILBOX_FULL);
    teardown (&box);
}

TEST (a_mailbox_takes_so_many_bytes_and_more_when_some_were_taken_out)
{
    box_t box;
    setup (&box);
    CHECK_INT (put (&box, 1, MAILBOX_BYTES / 2), MAILBOX_TAKEN);
    CHECK_INT (put (&box, 2, MAILBOX_BYTES / 2), MAILBOX_TAKEN);
    CHECK_INT (put (&box, 3, 1), MAILBOX_FULL);
    CHECK_INT (put (&box, 4, 0), MAILBOX_TAKEN); // Has no body
    CHECK_INT (take (&box), 1);
    CHECK_INT (put (&box, 5, MAILBOX_BYTES / 2 + 1), MAILBOX_FULL);
    CHECK_INT (put (&box, 6, MAILBOX_BYTES / 2), MAILBOX_TAKEN);
    teardown (&box);
}

TEST (a_closed_mailbox_takes_nothing_and_gives_what_it_has)
{
    box_t box;
    setup (&box);
    (void) put (&box, 1, 0);
    mailbox_close (box.mailbox);
    CHECK_INT (put (&box, 2, 0), MAILBOX_CLOSED);
    letter_t *late = letter (3, 0, NULL);
    box.mailbox->receiver.deliver (&box.mailbox->receiver, &late);
    CHECK (!late);
    CHECK_INT (take (&box), 1);
    CHECK_INT (take (&box), 0);
    teardown (&box);
}

TEST (a_closed_and_full_mailbox_is_closed)
{
    box_t box;
    setup (&box);
    for (uint32_t name = 1; name <= BUS_QUEUE; name++)
        (void) put (&box, name, 0);
    mailbox_close (box.mailbox);
    CHECK_INT (put (&box, 5000, 0), MAILBOX_CLOSED); // Elsewhere it may be taken
    teardown (&box);
}

TEST (an_answer_is_taken_by_a_full_mailbox_and_wakes_its_reader)
{
    box_t box;
    setup (&box);
    letter_t *answer = letter (7000, 0, NULL);
    box.mailbox->receiver.deliver (&box.mailbox->receiver, &answer);
    CHECK_INT (wakes (&box), 1);
    CHECK_INT (take (&box), 7000);
    for (uint32_t name = 1; name <= BUS_QUEUE; name++)
        (void) put (&box, name, 0);
    answer = letter (7001, 0, NULL);
    box.mailbox->receiver.deliver (&box.mailbox->receiver, &answer);
    for (uint32_t name = 1; name <= BUS_QUEUE; name++)
        CHECK_INT (take (&box), name);
    CHECK_INT (take (&box), 7001);
    teardown (&box);
}

TEST (a_letter_holds_the_receiver_of_its_answer)
{
    box_t box, asker;
    setup (&box);
    setup (&asker);
    letter_t *ask = letter (1, 0, &asker.mailbox->receiver);
    CHECK_INT (mailbox_put (box.mailbox, &ask), MAILBOX_TAKEN);
    CHECK_INT (asker.mailbox->receiver.owners, 2);
    teardown (&asker); // The letter is its only owner now
    ask = mailbox_take (box.mailbox);
    CHECK_INT (ask->reply->owners, 1);
    letter_t *answer = letter (2, 0, NULL);
    ask->reply->deliver (ask->reply, &answer);
    CHECK (!answer);
    letter_destroy (&ask); // And with it goes the answer that nobody took
    teardown (&box);
}

// ---- many threads ----

#define WRITERS 4
#define EACH    5000

typedef struct {
    box_t *box;
    uint32_t first; // Its letters are named first + 1 ...
} writer_t;

static void *write_many (void *context)
{
    writer_t *self = context;
    for (uint32_t i = 1; i <= EACH; i++) {
        letter_t *one = letter (self->first + i, 0, NULL);
        while (mailbox_put (self->box->mailbox, &one) == MAILBOX_FULL)
            sched_yield ();
        letter_destroy (&one); // Where the test has failed
    }
    return NULL;
}

TEST (a_reader_that_sleeps_whenever_nothing_is_there_misses_no_letter_of_many_threads)
{
    box_t box;
    setup (&box);
    writer_t writers[WRITERS];
    pthread_t threads[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (writer_t){&box, i * EACH};
        pthread_create (&threads[i], NULL, write_many, &writers[i]);
    }
    uint32_t count = 0, last[WRITERS] = {0}, disordered = 0;
    bool woken = true;
    while (count < WRITERS * EACH && woken) {
        woken = poll (&(struct pollfd){.fd = box.fd, .events = POLLIN}, 1, 15000) == 1;
        (void) wakes (&box);
        for (uint32_t name; (name = take (&box)); count++) {
            uint32_t writer = (name - 1) / EACH, number = name - writer * EACH;
            disordered += number != ++last[writer];
        }
    }
    mailbox_close (box.mailbox); // Should one still try
    for (int i = 0; i < WRITERS; i++)
        pthread_join (threads[i], NULL);
    CHECK_INT (count, WRITERS * EACH);
    CHECK_INT (disordered, 0);
    teardown (&box);
}
