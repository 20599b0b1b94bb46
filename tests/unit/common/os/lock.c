/* Of two processes one has the lock, and the other one is told who. */

#include "common/os/lock.h"

#include "common/os/process.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// This program, started by the test below: it has the lock, says so, and keeps it until it is killed.
TEST (a_process_that_holds_a_lock)
{
    const char *path = getenv ("OPENCICD_TEST_LOCK");
    if (!path)
        return;
    arena_t *arena = arena_new ();
    turn_t turn;
    int fd;
    turn_init (&turn, arena, "holder", 0);
    if (lock_take (&fd, &turn, path) != OK || write (STDOUT_FILENO, "y", 1) != 1)
        _exit (1);
    for (;;)
        pause ();
}

static process_t *start_holder (turn_t *turn, const char *path)
{
    int from, to;
    char byte = 0;
    process_t *holder;
    CHECK_INT (process_pipe (turn, &from, &to), OK);
    const char *const argv[] = {"/proc/self/exe", "a_process_that_holds_a_lock", NULL};
    const char *const environment[] = {arena_printf (turn->arena, "OPENCICD_TEST_LOCK=%s", path), NULL};
    CHECK_INT (process_start (&holder, turn,
                              &(process_spec_t){
                                  .argv = argv, .environment = environment, .out = to, .err = PROCESS_OURS}),
               OK);
    close (to);
    CHECK (read (from, &byte, 1) == 1 && byte == 'y');
    close (from);
    return holder;
}

TEST (a_lock_that_another_process_holds_is_refused_by_its_name_and_free_when_that_has_ended)
{
    char folder[200], path[220];
    arena_t *arena = arena_new ();
    turn_t turn;
    int fd = -1;
    turn_init (&turn, arena, "test", 0);
    test_folder (folder, sizeof folder);
    snprintf (path, sizeof path, "%s/lock", folder);
    CHECK_INT (lock_holder (path), 0);
    process_t *holder = start_holder (&turn, path);
    pid_t pid = process_pid (holder);
    CHECK_INT (lock_take (&fd, &turn, path), CONFLICT);
    CHECK_INT (fd, -1);
    CHECK (strstr (turn.detail, arena_printf (arena, "process %d holds it", (int) pid)));
    CHECK_INT (lock_holder (path), pid);
    process_destroy (&holder);
    CHECK_INT (lock_take (&fd, &turn, path), OK);
    close (fd);
    test_folder_remove (folder);
    arena_destroy (&arena);
}
