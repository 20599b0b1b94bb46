/* hold_shell.c - one shell of a held job: keys from the server to the terminal, what it prints from the terminal to the server.
 *
 * Each direction has one request at a time and a bounded buffer. Where the server takes nothing more, because its user does not read, the
 * terminal is not read either, and whatever prints waits, as on any slow line. */

#include "agent/hold_self.h"
#include "common/base/clock.h"
#include "common/base/url.h"
#include "common/os/pty.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void take_keys (holding_t *self, const http_answer_t *answer, fault_t fault);
static void take_receipt (holding_t *self, const http_answer_t *answer, fault_t fault);

bool shell_is_open (const holding_t *self)
{
    return *self->shell.id != 0;
}

static void watch (holding_t *self, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl (self->events, EPOLL_CTL_ADD, fd, &event) != 0)
        (void) epoll_ctl (self->events, EPOLL_CTL_MOD, fd, &event);
}

static void forget (holding_t *self, int fd)
{
    (void) epoll_ctl (self->events, EPOLL_CTL_DEL, fd, NULL);
}

// ---- its life ----

static void fail (held_shell_t *shell, const char *text)
{
    shell->screen_size = (size_t) snprintf (shell->screen, sizeof shell->screen, "opencicd: %s\r\n", text);
    shell->drained = true;
    shell->reason = "it could not be started";
}

void shell_begin (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    int tty;
    const char *error = "";
    *shell = (held_shell_t){.master = -1,
                            .columns = self->columns,
                            .rows = self->rows,
                            .typed_at_us = clock_monotonic_us (),
                            .reason = ""};
    snprintf (shell->id, sizeof shell->id, "%s", self->wanted);
    self->read = (hold_request_t){.of = self, .answered = take_keys};
    self->write = (hold_request_t){.of = self, .answered = take_receipt};
    if (pty_open (&self->turn, shell->columns, shell->rows, &shell->master, &tty) != OK) {
        fail (shell, self->turn.detail ? self->turn.detail : "there is no terminal");
        return;
    }
    fault_t fault = self->port->start (self->port->self, tty, self->terminal, &shell->process, &error);
    close (tty);
    if (fault) {
        fail (shell, error ? error : fault_text (fault));
        return;
    }
    watch (self, shell->master, EPOLLIN);
    watch (self, process_fd (shell->process), EPOLLIN);
}

static void close_terminal (holding_t *self)
{
    if (self->shell.master < 0)
        return;
    forget (self, self->shell.master);
    close (self->shell.master); // Whatever still has it gets SIGHUP
    self->shell.master = -1;
    self->shell.drained = true;
}

// What it left in other groups of its session ends with the job, at the latest.
static void reap (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    process_end_t end = {.status = 255};
    if (!shell->process || process_wait (shell->process, 0, &end) != OK)
        return;
    shell->exit_status = (uint32_t) end.status;
    forget (self, process_fd (shell->process));
    process_release (&shell->process);
}

void shell_end (holding_t *self, const char *reason)
{
    held_shell_t *shell = &self->shell;
    if (!shell_is_open (self) || (!shell->process && shell->drained))
        return;
    if (shell->process) {
        shell->reason = reason;
        forget (self, process_fd (shell->process));
        process_signal (shell->process, SIGHUP);
        process_destroy (&shell->process);
    }
    close_terminal (self);
}

// The server knows that it has ended.
static void finish (holding_t *self)
{
    snprintf (self->finished, sizeof self->finished, "%s", self->shell.id);
    self->shell.id[0] = 0;
    if (self->read.open)
        http_client_cancel (self->http, self->read.id);
}

// ---- keys ----

static void resize (held_shell_t *shell, const http_answer_t *answer, arena_t *arena)
{
    unsigned columns, rows;
    const char *window = http_answer_header (answer, arena, "Shell-Window");
    if (!window || sscanf (window, "%ux%u", &columns, &rows) != 2 || columns > MAX_SHELL_SIDE ||
        rows > MAX_SHELL_SIDE)
        return;
    if ((columns != shell->columns || rows != shell->rows) && shell->master >= 0)
        pty_resize (shell->master, columns, rows);
    shell->columns = columns;
    shell->rows = rows;
}

static void take_keys (holding_t *self, const http_answer_t *answer, fault_t fault)
{
    held_shell_t *shell = &self->shell;
    if (!shell_is_open (self))
        return; // It was cancelled
    if (fault) {
        if (!fault_is_transient (fault))
            shell_end (self, "the server ended it");
        return;
    }
    resize (shell, answer, self->now);
    if (http_answer_header (answer, self->now, "Shell-Ended")) {
        shell_end (self, "its user left");
        finish (self);
        return;
    }
    if (answer->size == 0 || answer->size > sizeof shell->keys)
        return;
    memcpy (shell->keys, answer->body, answer->size);
    shell->key_count = answer->size;
    shell->typed += (int64_t) answer->size;
    shell->typed_at_us = clock_monotonic_us ();
}

// Asks for more once the terminal has taken what there was.
static void read_keys (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    if (shell->key_count > 0 && shell->master >= 0) {
        ssize_t put = write (shell->master, shell->keys, shell->key_count);
        if (put > 0) {
            shell->key_count -= (size_t) put;
            memmove (shell->keys, shell->keys + put, shell->key_count);
        }
    }
    if (shell->key_count > 0 || self->read.open || clock_monotonic_us () < self->read.again_us ||
        !shell->process)
        return;
    hold_send (self, &self->read, "GET",
               arena_printf (self->now, "/shell/%s?at=%lld&columns=%u&rows=%u&wait=%d", shell->id,
                             (long long) shell->typed, shell->columns, shell->rows, HOLD_WAIT),
               NULL, NULL, 0);
}

// ---- what it prints ----

static void take_receipt (holding_t *self, const http_answer_t *answer, fault_t fault)
{
    held_shell_t *shell = &self->shell;
    (void) answer;
    if (fault && fault_is_transient (fault)) {
        self->write.again_us = clock_monotonic_us () + SHELL_AGAIN;
        shell->ending = false;
        return;
    }
    if (fault || shell->ending) { // It has ended there
        shell_end (self, "the server ended it");
        finish (self);
        return;
    }
    shell->printed += (int64_t) shell->in_flight;
    shell->screen_size -= shell->in_flight;
    memmove (shell->screen, shell->screen + shell->in_flight, shell->screen_size);
}

// At the end of its processes reading fails: then it has all been read.
static void read_screen (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    while (shell->master >= 0 && shell->screen_size < sizeof shell->screen) {
        ssize_t got = read (shell->master, shell->screen + shell->screen_size,
                            sizeof shell->screen - shell->screen_size);
        if (got > 0) {
            shell->screen_size += (size_t) got;
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN && shell->process)
            return;
        close_terminal (
            self); // Its shell has ended: what it left in the background may hold the terminal for ever
    }
}

static void write_screen (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    bool last = shell->drained && !shell->process && shell->screen_size == 0;
    if (self->write.open || clock_monotonic_us () < self->write.again_us ||
        (shell->screen_size == 0 && !last))
        return;
    shell->in_flight = shell->screen_size < MAX_SHELL_PIECE ? shell->screen_size : MAX_SHELL_PIECE;
    shell->ending = last;
    const char *end = last
                          ? arena_printf (self->now, "&ended=true&exit_status=%u&reason=%s",
                                          shell->exit_status & 255, url_escape (self->now, shell->reason, ""))
                          : "";
    hold_send (self, &self->write, "POST",
               arena_printf (self->now, "/shell/%s?at=%lld%s", shell->id, (long long) shell->printed, end),
               "application/octet-stream", shell->screen, shell->in_flight);
    shell->ending = last && self->write.open;
}

// ---- the loop ----

static int64_t idle_at (const held_shell_t *shell)
{
    return shell->typed_at_us + SECONDS (SHELL_IDLE_S);
}

void shell_step (holding_t *self)
{
    held_shell_t *shell = &self->shell;
    if (!shell_is_open (self))
        return;
    if (clock_monotonic_us () >= idle_at (shell))
        shell_end (self, "nothing was typed for 15 minutes");
    reap (self);
    read_screen (self);
    read_keys (self);
    if (shell->master >= 0) // A terminal that is not read, or has its keys, must not wake the loop
        watch (self, shell->master,
               (shell->screen_size < sizeof shell->screen ? EPOLLIN : 0) | (shell->key_count ? EPOLLOUT : 0));
    write_screen (self);
}

int64_t shell_due_us (const holding_t *self)
{
    const held_shell_t *shell = &self->shell;
    if (!shell_is_open (self))
        return NEVER;
    int64_t due_us = shell->process ? idle_at (shell) : NEVER;
    if (!self->write.open && (shell->screen_size > 0 || shell->drained) && self->write.again_us < due_us)
        due_us = self->write.again_us;
    if (!self->read.open && shell->process && shell->key_count == 0 && self->read.again_us < due_us)
        due_us = self->read.again_us;
    return due_us;
}
