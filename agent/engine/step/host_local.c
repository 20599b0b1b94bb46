/* host_local.c - a process of a step, on this machine or in a container of it, from its start to its end: its output, its time, and how it is stopped.
 *
 * A process ends when its leader has ended. What still holds its output then has DRAIN_MS to end too; after that the pipe is kept open,
 * so that a server that a step started in the background lives on and its output goes into the log of the step that runs then, until
 * the end of the job, when all that is left is killed. Signals go to the leader's group, as a terminal's Ctrl-C does.
 *
 * While the job is paused (the gate of this program is shut: common/os/process_gate.h) none is started. A step that is cancelled or out of
 * time meanwhile ends without one. */

#include "agent/engine/effects/commands.h"
#include "agent/engine/log/log.h"
#include "agent/engine/process/orphans.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/step_stop.h"
#include "common/base/clock.h"
#include "common/os/oom.h"
#include "common/os/process.h"
#include "common/os/process_gate.h"
#include "common/os/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READ_SIZE     (64 << 10)
#define PIPE_SIZE     (1 << 20) // Of a process that writes much
#define DRAIN_MS      500
#define GATE_MS       20 // Between two looks at a gate that is shut
#define KILLED_STATUS (128 + SIGKILL)

// What it was sent, and how long it has after that.
typedef enum { NOTHING, INTERRUPTED, TERMINATED, KILLED } signalled_t;

typedef struct {
    step_run_t *step;
    const exec_t *exec;
    process_t *process; // NULL after its end
    int pipe;           // -1 after its end
    bool wide;          // The pipe was made larger
    output_t *output;
    int64_t drain_until_us; // Once the leader has ended
    signalled_t signalled;
    int64_t next_signal_us;
    int64_t oom_kills; // Once it was started
    exec_end_t end;
} watch_t;

enum { AT_CANCEL, AT_WAKE, AT_HANDLE, AT_PIPE, AT_ORPHANS, AT_LINGERING };

// Reads once; false at the end of the pipe.
static bool read_some (job_run_t *job, int fd, output_t *output, buffer_t *capture, bool *wide)
{
    char *bytes = job->read_buffer;
    ssize_t got = read (fd, bytes, READ_SIZE);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == READ_SIZE && output && !*wide)
        *wide = fcntl (fd, F_SETPIPE_SZ, PIPE_SIZE) >= 0;
    if (got > 0 && capture)
        buffer_add (capture, bytes, (size_t) got);
    else if (got > 0)
        output_add (output, bytes, (size_t) got);
    return got > 0;
}

static void close_lingering (job_run_t *job, size_t i)
{
    output_end (job->lingering[i].output);
    output_destroy (&job->lingering[i].output);
    close (job->lingering[i].fd);
    job->lingering_count--;
    memmove (job->lingering + i, job->lingering + i + 1,
             (job->lingering_count - i) * sizeof (output_stream_t));
}

static void end_pipe (watch_t *self)
{
    output_end (self->output);
    output_destroy (&self->output);
    close (self->pipe);
    self->pipe = -1;
}

// Past the bound the oldest is closed: whatever writes into it still is ended by SIGPIPE.
static void keep_pipe (watch_t *self)
{
    job_run_t *job = self->step->job;
    if (self->exec->capture) {
        end_pipe (self);
        return;
    }
    if (job->lingering_count == LINGERING_MAX)
        close_lingering (job, 0);
    job->lingering[job->lingering_count++] = (output_stream_t){self->pipe, self->output};
    self->output = NULL;
    self->pipe = -1;
    lanes_wake (job); // The job's own lane reads it from now on
}

// The next one, once its time has come.
static void send_signal (watch_t *self, int64_t now)
{
    static const struct {
        int number;
        int64_t then_us;
    } signals[] = {[NOTHING] = {SIGINT, MILLISECONDS (STOP_INTERRUPT_MS)},
                   [INTERRUPTED] = {SIGTERM, MILLISECONDS (STOP_TERMINATE_MS)},
                   [TERMINATED] = {SIGKILL, 0}};
    if (self->signalled == KILLED || now < self->next_signal_us)
        return;
    process_signal (self->process, signals[self->signalled].number);
    self->next_signal_us = now + signals[self->signalled].then_us;
    self->signalled++;
}

static const exec_end_t ends[] = {[STEP_GOES_ON] = EXEC_ENDED,
                                  [STEP_TIMED_OUT] = EXEC_TIMED_OUT,
                                  [STEP_CANCELLED] = EXEC_STOPPED,
                                  [STEP_KILLED] = EXEC_STOPPED};

static void check_time (watch_t *self)
{
    step_stop_t stop = step_check (self->step);
    if (stop == STEP_GOES_ON && self->signalled == NOTHING)
        return;
    if (self->end == EXEC_ENDED)
        self->end = ends[stop];
    if (stop == STEP_KILLED && self->signalled < KILLED) {
        self->signalled = TERMINATED;
        self->next_signal_us = 0;
    }
    send_signal (self, clock_monotonic_us ());
}

static int next_timeout_ms (const watch_t *self)
{
    int64_t at = self->drain_until_us;
    if (self->process)
        at = self->signalled == NOTHING  ? step_deadline (self->step)
             : self->signalled == KILLED ? NEVER
                                         : self->next_signal_us;
    if (self->process && self->signalled != KILLED && self->step->job->stop.deadline_us < at)
        at = self->step->job->stop.deadline_us;
    if (at == NEVER)
        return -1;
    int64_t left = (at - clock_monotonic_us () + 999) / 1000;
    return left < 0 ? 0 : left > 3600000 ? 3600000 : (int) left;
}

static nfds_t set_polls (const watch_t *self, struct pollfd *polls)
{
    const job_run_t *job = self->step->job;
    polls[AT_CANCEL] = (struct pollfd){cancel_handle (job->stop.cancel), POLLIN, 0};
    polls[AT_WAKE] = (struct pollfd){self->step->lane->wake, POLLIN, 0};
    polls[AT_HANDLE] = (struct pollfd){self->process ? process_fd (self->process) : -1, POLLIN, 0};
    polls[AT_PIPE] = (struct pollfd){self->pipe, POLLIN, 0};
    polls[AT_ORPHANS] = (struct pollfd){self->process ? job->orphans : -1, POLLIN, 0};
    if (self->step->lane != &job->lane)
        return AT_LINGERING;
    for (size_t i = 0; i < job->lingering_count; i++)
        polls[AT_LINGERING + i] = (struct pollfd){job->lingering[i].fd, POLLIN, 0};
    return AT_LINGERING + job->lingering_count;
}

// Another lane may have changed the list meanwhile: each is looked up.
static void read_lingering (job_run_t *job, const struct pollfd *polls, size_t count)
{
    bool wide = true;
    for (size_t k = 0; k < count; k++)
        for (size_t i = job->lingering_count; polls[k].revents && i-- > 0;) {
            const output_stream_t *stream = job->lingering + i;
            if (stream->fd == polls[k].fd && !read_some (job, stream->fd, stream->output, NULL, &wide))
                close_lingering (job, i);
        }
}

static sandbox_link_t *where_of (const watch_t *self)
{
    const job_run_t *job = self->step->job;
    if (self->exec->link || self->exec->unconfined)
        return self->exec->link;
    return job->inside && !self->exec->outside ? job->inside : job->sandbox;
}

// The agent's guard kills too: then it was stopped, whoever of us sees that first. What is left of its group is killed while the leader's number is still its own.
static void end_leader (watch_t *self, int *exit_code)
{
    process_end_t end = {.status = 255};
    if (process_wait (self->process, 0, &end) != OK)
        end.status = 255;
    if (end.signal == SIGKILL && self->end == EXEC_ENDED)
        self->end = ends[step_check (self->step)];
    if (self->end != EXEC_ENDED)
        process_signal (self->process, SIGKILL);
    else if (end.status == KILLED_STATUS) // Itself, or what a shell waited for last
        self->step->row->out_of_memory |= oom_kills () > self->oom_kills;
    sandbox_link_t *where = where_of (self);
    if (where && !sandbox_link_lives (where) && self->end == EXEC_ENDED)
        step_error (self->step, "The container ended, and this step with it.");
    *exit_code = end.status;
    process_release (&self->process);
    self->step->lane->leader = 0;
    self->drain_until_us = clock_monotonic_us () + MILLISECONDS (DRAIN_MS);
}

static void reap_orphans (const job_run_t *job)
{
    pid_t leaders[BACKGROUND_MAX + 1];
    process_tree_reap (job->orphans, leaders, lanes_leaders (job, leaders));
}

static void take_events (watch_t *self, const struct pollfd *polls, nfds_t count, int *exit_code)
{
    job_run_t *job = self->step->job;
    eventfd_t ignored;
    read_lingering (job, polls + AT_LINGERING, count - AT_LINGERING);
    if (polls[AT_CANCEL].revents) {
        cancel_clear (job->stop.cancel);
        lanes_wake (job); // The others may not have seen it
    }
    if (polls[AT_WAKE].revents)
        eventfd_read (self->step->lane->wake, &ignored);
    if (polls[AT_PIPE].revents &&
        !read_some (job, self->pipe, self->output, self->exec->capture, &self->wide))
        end_pipe (self);
    if (polls[AT_ORPHANS].revents)
        reap_orphans (job);
    if (polls[AT_HANDLE].revents)
        end_leader (self, exit_code);
}

// Whatever happens next.
static void look (watch_t *self, int *exit_code)
{
    struct pollfd polls[AT_LINGERING + LINGERING_MAX];
    nfds_t count = set_polls (self, polls);
    int timeout_ms = next_timeout_ms (self);
    lanes_leave (self->step->job);
    int ready = poll (polls, count, timeout_ms);
    lanes_enter (self->step->job);
    if (ready > 0)
        take_events (self, polls, count, exit_code);
}

static fault_t start (watch_t *self)
{
    int write_end;
    turn_t turn;
    turn_init (&turn, self->step->scope.arena, "", 0);
    fault_t fault = process_pipe (&turn, &self->pipe, &write_end);
    if (!fault) {
        fcntl (self->pipe, F_SETFL, O_NONBLOCK);
        const process_spec_t spec = {.argv = (const char *const *) self->exec->arguments,
                                     .environment = (const char *const *) self->exec->variables,
                                     .folder = self->exec->folder,
                                     .sandbox = where_of (self),
                                     .out = write_end,
                                     .err = write_end};
        fault = process_start (&self->process, &turn, &spec);
        self->step->lane->leader = fault ? 0 : process_pid (self->process);
        close (write_end);
        self->oom_kills = oom_kills ();
        if (fault) {
            close (self->pipe);
            self->pipe = -1;
        }
    }
    if (fault)
        self->step->scope.error = turn.detail;
    return fault;
}

// False where it must not start any more.
static bool wait_for_gate (watch_t *self)
{
    int no_exit_code;
    while (process_gate_is_shut () && self->end == EXEC_ENDED) {
        self->drain_until_us = clock_monotonic_us () + MILLISECONDS (GATE_MS);
        look (self, &no_exit_code);
        self->end = ends[step_check (self->step)];
    }
    self->drain_until_us = NEVER;
    return self->end == EXEC_ENDED;
}

exec_end_t host_exec (step_run_t *self, const exec_t *exec, int *exit_code)
{
    watch_t watched = {.step = self, .exec = exec, .pipe = -1, .drain_until_us = NEVER, .end = EXEC_ENDED};
    fault_t fault;
    do {
        if (!wait_for_gate (&watched))
            return watched.end;
        fault = start (&watched);
    } while (fault == UNAVAILABLE && process_gate_is_shut ());
    if (fault)
        return EXEC_FAILED;
    watched.output = output_new (self->job->mask, &commands_use, self);
    while (watched.process || watched.pipe >= 0) {
        look (&watched, exit_code);
        if (watched.process)
            check_time (&watched);
        else if (watched.pipe >= 0 && clock_monotonic_us () >= watched.drain_until_us)
            keep_pipe (&watched);
    }
    return watched.end;
}

void host_wait (step_run_t *self, bool (*done) (void *), void *context)
{
    watch_t nothing = {.step = self, .pipe = -1, .drain_until_us = NEVER};
    int no_exit_code;
    while (!done (context))
        look (&nothing, &no_exit_code);
}

result_t host_judge (step_run_t *self, exec_end_t end, int exit_code)
{
    switch (end) {
    case EXEC_FAILED: step_error (self, "%s", self->scope.error); return result_failure;
    case EXEC_TIMED_OUT: step_error (self, "The step ran out of time."); return result_failure;
    case EXEC_STOPPED: step_error (self, "The step was stopped."); return result_cancelled;
    case EXEC_ENDED: break;
    }
    if (exit_code == 0)
        return result_success;
    step_error (self, "Process completed with exit code %d.", exit_code);
    return result_failure;
}

// What the agent's own scripts left of an isolated job is in no sandbox. A process that has left both its parents and its environment escapes.
static void end_hooks (step_run_t *self)
{
    const engine_options_t *options = self->job->options;
    if (self->job->sandbox && (options->hook_job_started || options->hook_job_completed))
        (void) orphans_kill_of_hooks (tracking_id (self->scope.arena, self->job->outside->root));
}

void host_end_all (step_run_t *self)
{
    job_run_t *job = self->job;
    if (job->inside)
        sandbox_link_clear (job->inside);
    if (job->sandbox ? !sandbox_link_clear (job->sandbox) : process_tree_left ())
        process_tree_kill ();
    end_hooks (self);
    while (job->lingering_count) {
        size_t last = job->lingering_count - 1;
        struct pollfd more = {job->lingering[last].fd, POLLIN, 0};
        bool wide = true;
        if (poll (&more, 1, 0) <= 0 || !read_some (job, more.fd, job->lingering[last].output, NULL, &wide))
            close_lingering (job, last);
    }
}
