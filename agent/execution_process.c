/* execution_process.c - a process of a step from its start to its end: its output, its time, and being told to stop.
 *
 * A process ends when its leader has ended. What still holds its output then has DRAIN_MS to end too; after that the pipe is kept open,
 * so that a server that a step started in the background lives on and its words go into the log of the step that runs then, until
 * the end of the job, when all that is left is killed. */

#include "agent/execution.h"

#include "agent/child.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE (64 << 10)
#define PIPE_SIZE (1 << 20) // Of a process that writes much
#define DRAIN_MS  500
#define ORPHAN_MS 500 // A step that waits for the end of what it orphaned waits so much longer at most
#define KILLED    (NEVER - 1) // A time to kill that has passed

typedef struct {
    execution_t *execution;
    const process_t *process;
    pid_t pid;
    int handle; // pidfd; -1 after its end
    int pipe;   // -1 after its end
    output_t *output;
    int64_t drain_until_us; // Once the leader has ended
    int64_t kill_at_us;     // Once it was told to stop
    process_end_t end;
} watch_t;

enum { AT_CANCEL, AT_HANDLE, AT_PIPE, AT_LINGERING };

// Reads once; false at the end of the pipe.
static bool read_some (watch_t *self, int fd, output_t *output, buffer_t *capture)
{
    char *bytes = self->execution->read_buffer;
    ssize_t got = read (fd, bytes, READ_SIZE);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == READ_SIZE && output)
        fcntl (fd, F_SETPIPE_SZ, PIPE_SIZE);
    if (got > 0 && capture)
        buffer_add (capture, bytes, (size_t) got);
    else if (got > 0)
        output_add (output, bytes, (size_t) got);
    return got > 0;
}

static void close_lingering (execution_t *self, size_t i)
{
    output_end (self->lingering[i].output);
    output_destroy (&self->lingering[i].output);
    close (self->lingering[i].fd);
    self->lingering[i] = self->lingering[--self->lingering_count];
}

static void end_pipe (watch_t *self)
{
    output_end (self->output);
    output_destroy (&self->output);
    close (self->pipe);
    self->pipe = -1;
}

static void keep_pipe (watch_t *self)
{
    execution_t *execution = self->execution;
    if (execution->lingering_count == LINGERING_MAX || self->process->capture) {
        children_kill ();
        end_pipe (self);
        return;
    }
    execution->lingering[execution->lingering_count++] = (stream_t){self->pipe, self->output};
    self->output = NULL;
    self->pipe = -1;
}

static void stop (watch_t *self, process_end_t why, bool hard)
{
    if (self->end == PROCESS_ENDED)
        self->end = why;
    int64_t now = clock_monotonic_us ();
    if (self->kill_at_us == NEVER) {
        self->kill_at_us = hard ? now : now + SECONDS (ENGINE_STOP_SECONDS);
        child_signal (self->pid, hard ? SIGKILL : SIGTERM);
    } else if (hard && self->kill_at_us != KILLED) {
        self->kill_at_us = now;
    }
}

// Has the time come for something, or was the job told to stop?
static void look_at_time (watch_t *self)
{
    execution_t *execution = self->execution;
    bool stopped_before = execution->soft_taken;
    execution_look (execution);
    int64_t now = clock_monotonic_us ();
    if (execution->stopped)
        stop (self, PROCESS_STOPPED, true);
    else if (execution->soft_taken && !stopped_before)
        stop (self, PROCESS_STOPPED, false);
    else if (self->kill_at_us == NEVER && now >= self->process->deadline_us)
        stop (self, PROCESS_TIMED_OUT, false);
    if (now >= self->kill_at_us) {
        child_signal (self->pid, SIGKILL);
        self->kill_at_us = KILLED;
    }
}

static int next_timeout_ms (const watch_t *self)
{
    int64_t at = self->kill_at_us;
    if (at == NEVER) {
        at = self->process->deadline_us < self->execution->deadline_us ? self->process->deadline_us
                                                                       : self->execution->deadline_us;
    }
    if (self->handle < 0)
        at = self->drain_until_us;
    int64_t left = at >= KILLED ? ORPHAN_MS : (at - clock_monotonic_us () + 999) / 1000;
    return left < 0 ? 0 : left > ORPHAN_MS ? ORPHAN_MS : (int) left;
}

static nfds_t set_polls (const watch_t *self, struct pollfd *polls)
{
    const execution_t *execution = self->execution;
    polls[AT_CANCEL] = (struct pollfd){cancel_handle (execution->offer->cancel), POLLIN, 0};
    polls[AT_HANDLE] = (struct pollfd){self->handle, POLLIN, 0};
    polls[AT_PIPE] = (struct pollfd){self->pipe, POLLIN, 0};
    for (size_t i = 0; i < execution->lingering_count; i++)
        polls[AT_LINGERING + i] = (struct pollfd){execution->lingering[i].fd, POLLIN, 0};
    return AT_LINGERING + execution->lingering_count;
}

static void read_lingering (watch_t *self, const struct pollfd *polls)
{
    execution_t *execution = self->execution;
    for (size_t i = execution->lingering_count; i-- > 0;) {
        const stream_t *stream = execution->lingering + i;
        if (polls[AT_LINGERING + i].revents && !read_some (self, stream->fd, stream->output, NULL))
            close_lingering (execution, i);
    }
}

// What is left of its group is killed while the leader's number is still its own.
static void end_leader (watch_t *self, int *exit_code)
{
    if (self->end != PROCESS_ENDED)
        child_signal (self->pid, SIGKILL);
    *exit_code = child_reap (self->pid);
    close (self->handle);
    self->handle = -1;
    self->drain_until_us = clock_monotonic_us () + MILLISECONDS (DRAIN_MS);
}

static void take_events (watch_t *self, const struct pollfd *polls, int *exit_code)
{
    read_lingering (self, polls);
    if (polls[AT_CANCEL].revents)
        cancel_noticed (self->execution->offer->cancel);
    if (polls[AT_PIPE].revents && !read_some (self, self->pipe, self->output, self->process->capture))
        end_pipe (self);
    if (polls[AT_HANDLE].revents)
        end_leader (self, exit_code);
}

static void watch (watch_t *self, int *exit_code)
{
    struct pollfd polls[AT_LINGERING + LINGERING_MAX];
    while (self->handle >= 0 || self->pipe >= 0) {
        nfds_t count = set_polls (self, polls);
        if (poll (polls, count, next_timeout_ms (self)) > 0)
            take_events (self, polls, exit_code);
        if (self->handle >= 0) {
            children_reap_orphans (self->pid);
            look_at_time (self);
        } else if (self->pipe >= 0 && clock_monotonic_us () >= self->drain_until_us)
            keep_pipe (self);
    }
}

static fault_t start (watch_t *self)
{
    int ends[2];
    if (pipe2 (ends, O_CLOEXEC) != 0)
        return fault_from_errno (errno);
    fcntl (ends[0], F_SETFL, O_NONBLOCK);
    const child_t child = {.arguments = self->process->arguments,
                           .variables = self->process->variables,
                           .folder = self->process->folder,
                           .out = ends[1],
                           .error = -1};
    fault_t fault = child_start (&child, &self->pid, &self->handle);
    int error = errno;
    close (ends[1]);
    self->pipe = ends[0];
    if (fault) {
        close (ends[0]);
        self->execution->error = arena_printf (self->execution->turn, "%s in %s cannot be started: %s",
                                               child.arguments[0], child.folder, strerror (error));
    }
    return fault;
}

process_end_t execution_process (execution_t *self, const process_t *process, int *exit_code)
{
    watch_t watched = {.execution = self,
                       .process = process,
                       .kill_at_us = NEVER,
                       .drain_until_us = NEVER,
                       .end = PROCESS_ENDED};
    if (start (&watched) != OK)
        return PROCESS_FAILED;
    watched.output = output_new (self->mask, execution_command, execution_emit, self);
    watch (&watched, exit_code);
    return watched.end;
}

void execution_end_processes (execution_t *self)
{
    if (children_left ())
        children_kill ();
    watch_t reader = {.execution = self};
    while (self->lingering_count) {
        const stream_t *last = self->lingering + self->lingering_count - 1;
        struct pollfd more = {last->fd, POLLIN, 0};
        if (poll (&more, 1, 0) <= 0 || !read_some (&reader, last->fd, last->output, NULL))
            close_lingering (self, self->lingering_count - 1);
    }
}
