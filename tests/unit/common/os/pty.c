/* A process at a terminal of its own: it is its controlling one, has a size, and its keys signal what runs in the foreground. */

#include "common/os/pty.h"
#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    process_t *process;
    int master;
    char text[8192];
    size_t size;
} terminal_t;

static terminal_t *begin (const char *script)
{
    static terminal_t self;
    int tty;
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    self = (terminal_t){.arena = arena_new ()};
    turn_init (&self.turn, self.arena, "test", 0);
    CHECK_INT (pty_open (&self.turn, 100, 40, &self.master, &tty), OK);
    const process_spec_t spec = {.argv = argv, .in = tty, .out = tty, .err = tty};
    CHECK_INT (process_start (&self.process, &self.turn, &spec), OK);
    close (tty);
    return &self;
}

static void wait_for (terminal_t *self, const char *text)
{
    int64_t deadline_us = test_until_us ();
    while (!strstr (self->text, text)) {
        struct pollfd item = {self->master, POLLIN, 0};
        if (clock_monotonic_us () > deadline_us)
            test_fail (__FILE__, __LINE__, "%s does not come: %s", text, self->text);
        if (poll (&item, 1, 100) <= 0)
            continue;
        ssize_t got = read (self->master, self->text + self->size, sizeof self->text - self->size - 1);
        if (got > 0)
            self->size += (size_t) got;
    }
}

static int end (terminal_t *self)
{
    process_end_t end = {.status = -1};
    CHECK_INT (process_wait (self->process, SECONDS (60), &end), OK);
    process_destroy (&self->process);
    close (self->master);
    arena_destroy (&self->arena);
    return end.status;
}

TEST (a_process_has_a_terminal_with_a_size_that_it_controls)
{
    terminal_t *terminal =
        begin ("test -t 0 && test -t 1 && test -t 2 && stty size && echo hello > /dev/tty; exit 4");
    wait_for (terminal, "40 100");
    wait_for (terminal, "hello");
    CHECK_INT (end (terminal), 4);
}

TEST (a_key_interrupts_what_runs_in_the_foreground)
{
    terminal_t *terminal = begin ("trap 'echo caught; exit 6' INT; echo ready; while :; do sleep 1; done");
    wait_for (terminal, "ready");
    CHECK_INT (write (terminal->master, "\003", 1), 1);
    wait_for (terminal, "caught");
    CHECK_INT (end (terminal), 6);
}

TEST (a_process_learns_that_its_window_has_another_size)
{
    terminal_t *terminal = begin ("trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.1; done");
    wait_for (terminal, "ready");
    pty_resize (terminal->master, 132, 50);
    wait_for (terminal, "50 132");
    CHECK_INT (end (terminal), 0);
}

TEST (what_is_left_at_a_terminal_that_is_closed_is_hung_up)
{
    terminal_t *terminal = begin ("trap 'exit 9' HUP; echo ready; while :; do sleep 0.1; done");
    wait_for (terminal, "ready");
    close (terminal->master);
    terminal->master = -1;
    CHECK_INT (end (terminal), 9);
}
