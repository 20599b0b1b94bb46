/* What a program that starts does about a database that it cannot open: it waits for a server, and for nothing else. */

#include "common/base/clock.h"
#include "db/open.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define WAITS SECONDS (60) // How long it does

typedef struct {
    fault_t fault;
    int64_t took_us;
} opened_t;

static opened_t open_for (const settings_t *settings)
{
    db_t *db = NULL;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "test", 0);
    int64_t began_us = clock_monotonic_us ();
    opened_t opened = {.fault = database_open (&db, &turn, settings, "directory")};
    opened.took_us = clock_monotonic_us () - began_us;
    CHECK (!db && turn.detail);
    arena_destroy (&arena);
    return opened;
}

TEST (a_file_that_cannot_be_opened_is_not_waited_for)
{
    const settings_t folder = {.database_url = "", .data_dir = "/dev/null/folder"};
    const settings_t url = {.database_url = "sqlite:/dev/null/folder/db", .data_dir = "/"};
    opened_t opened[] = {open_for (&folder), open_for (&url)};
    for (int i = 0; i < 2; i++) {
        CHECK_INT (opened[i].fault, UNAVAILABLE);
        CHECK (opened[i].took_us < WAITS / 2);
    }
}

TEST (a_program_that_is_told_to_end_waits_no_longer_for_its_database)
{
    sigset_t set, before;
    int number = 0;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    pthread_sigmask (SIG_BLOCK, &set, &before); // As program_begin does
    kill (getpid (), SIGTERM);
    const settings_t settings = {.database_url = "postgres://u@127.0.0.1:1/d", .data_dir = "/"};
    opened_t opened = open_for (&settings);
    CHECK_INT (opened.fault, UNAVAILABLE);
    CHECK (opened.took_us < WAITS / 2);
    CHECK_INT (sigwait (&set, &number), 0); // It is still there for program_wait
    CHECK_INT (number, SIGTERM);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
}
