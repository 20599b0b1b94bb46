/* wrong.c - tests that go wrong, each in its way: what tests/unit/harness runs to see that the harness notices. */

#include "tests/unit/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

TEST (first_one_passes)
{
    CHECK (true);
}

TEST (first_one_hangs)
{
    CHECK_INT (1, 1);
    for (;;)
        pause ();
}

TEST (first_one_fails)
{
    CHECK_STR ("this", "that");
}

TEST (first_one_passes_too)
{
    CHECK (true);
}

TEST (second_one_aborts)
{
    CHECK (true);
    abort ();
}

static void *check_elsewhere (void *nothing)
{
    CHECK (nothing);
    return NULL;
}

TEST (third_one_checks_in_another_thread)
{
    pthread_t thread;
    CHECK_INT (pthread_create (&thread, NULL, check_elsewhere, NULL), 0);
    pthread_join (thread, NULL);
}
