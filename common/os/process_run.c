/* process_run.c - a process from its start to its end, with what it printed.
 *
 * A child in the background may hold the pipes open after the process has ended: what is in them by then is taken, and
 * nothing is waited for. */

#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "common/os/process.h"
#include "common/os/process_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK     16384     // Bytes read at once
#define PIPE_MOST (1 << 20) // Bytes that a pipe holds
#define GATE_MS   20        // Between two looks at a gate that is shut

typedef struct {
    int read_end, write_end; // -1 where closed
    buffer_t *bytes;
    size_t keep; // Past it bytes are read and dropped
} capture_t;

typedef struct {
    process_t *process;
    const process_spec_t *spec;
    capture_t out, err;
    int64_t until_us, output_us; // Monotonic; when it printed something last
} run_t;

static void shut (int *fd)
{
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
}

static fault_t stream_open (capture_t *self, turn_t *turn, size_t keep)
{
    *self = (capture_t){.read_end = -1, .write_end = -1, .keep = keep, .bytes = buffer_new (keep + CHUNK)};
    fault_t fault = process_pipe (turn, &self->read_end, &self->write_end);
    if (!fault && fcntl (self->read_end, F_SETFL, O_NONBLOCK) != 0)
        fault = turn_fail (turn, BROKEN, "cannot read a pipe without waiting");
    return fault;
}

static void stream_close (capture_t *self)
{
    shut (&self->read_end);
    shut (&self->write_end);
    buffer_destroy (&self->bytes);
}

// Takes what is there. False if there was nothing.
static bool stream_read (run_t *run, capture_t *self)
{
    char chunk[CHUNK];
    ssize_t size = self->read_end < 0 ? 0 : read (self->read_end, chunk, sizeof (chunk));
    if (size < 0)
        return errno == EINTR;
    if (size == 0)
        shut (&self->read_end);
    else if (buffer_size (self->bytes) <= self->keep)
        buffer_add (self->bytes, chunk, (size_t) size);
    if (size > 0)
        run->output_us = clock_monotonic_us ();
    if (size > 0 && self == &run->err && run->spec->on_stderr)
        run->spec->on_stderr (run->spec->context, chunk, (size_t) size);
    return size > 0;
}

// Takes what is there once, or, after the end of the process, all that its pipe can still hold; bytes that are dropped are not a reason to go
// on, and neither is a child in the background that goes on writing.
static void stream_take (run_t *run, capture_t *self, bool all)
{
    bool listens = self == &run->err && run->spec->on_stderr;
    for (size_t left = PIPE_MOST / CHUNK; stream_read (run, self) && all; left -= left > 0)
        if (buffer_size (self->bytes) > self->keep && !(listens && left > 0))
            return;
}

static bool too_large (const run_t *self)
{
    return buffer_size (self->out.bytes) > self->out.keep;
}

// The time left to wait, in milliseconds; 0 when it is over.
static int left_ms (const run_t *self)
{
    int64_t now_us = clock_monotonic_us (), silence_us = self->spec->silence_us;
    int64_t left_us = self->until_us == NEVER ? SECONDS (3600) : self->until_us - now_us;
    if (silence_us > 0 && self->output_us + silence_us - now_us < left_us)
        left_us = self->output_us + silence_us - now_us;
    return left_us <= 0 ? 0 : left_us > SECONDS (3600) ? 3600000 : (int) (left_us / 1000 + 1);
}

static fault_t collect (run_t *self, turn_t *turn, process_end_t *end)
{
    int stop = self->spec->stop;
    for (;;) {
        struct pollfd polls[] = {{.fd = process_fd (self->process), .events = POLLIN},
                                 {.fd = self->out.read_end, .events = POLLIN},
                                 {.fd = self->err.read_end, .events = POLLIN},
                                 {.fd = stop > 0 ? stop : -1, .events = POLLIN}};
        int left = left_ms (self);
        int ready = poll (polls, 4, left);
        if (ready < 0 && errno != EINTR)
            return turn_fail (turn, BROKEN, "cannot wait for a process");
        if (left == 0 && polls[0].revents == 0)
            return turn_fail (turn, TIMEOUT, "the process has not ended in time");
        if (ready <= 0)
            continue;
        if (polls[3].revents)
            return turn_fail (turn, UNAVAILABLE, "the process was ended because this program is stopping");
        bool ended = polls[0].revents != 0;
        stream_take (self, &self->out, ended);
        stream_take (self, &self->err, ended);
        if (too_large (self))
            return turn_fail (turn, TOO_LARGE, "the process printed more than %zu bytes", self->out.keep);
        if (ended)
            return process_wait (self->process, 0, end);
    }
}

// It starts once the gate is open, unless it is stopped or its time is over before that.
static fault_t start (run_t *self, turn_t *turn, const process_spec_t *spec)
{
    fault_t fault;
    struct pollfd stop = {.fd = spec->stop > 0 ? spec->stop : -1, .events = POLLIN};
    while ((fault = process_start (&self->process, turn, spec)) == UNAVAILABLE && process_gate_is_shut ()) {
        if (poll (&stop, 1, GATE_MS) > 0)
            return turn_fail (turn, UNAVAILABLE,
                              "the process was not started because this program is stopping");
        if (clock_monotonic_us () >= self->until_us)
            return turn_fail (turn, TIMEOUT, "the process could not be started in time");
    }
    return fault;
}

static fault_t run (run_t *self, turn_t *turn, const process_spec_t *spec, int64_t for_us,
                    process_output_t *output)
{
    process_spec_t with_pipes = *spec;
    with_pipes.out = self->out.write_end;
    with_pipes.err = self->err.write_end;
    int64_t now_us = clock_monotonic_us ();
    self->until_us = for_us > NEVER - now_us ? NEVER : now_us + for_us;
    TRY (start (self, turn, &with_pipes));
    shut (&self->out.write_end);
    shut (&self->err.write_end);
    self->output_us = clock_monotonic_us ();
    fault_t fault = collect (self, turn, &output->end);
    if (fault) {
        process_signal (self->process, SIGTERM);
        (void) !process_wait (self->process, MILLISECONDS (PROCESS_GRACE_MS), &output->end);
    }
    size_t err_size = buffer_size (self->err.bytes);
    output->out_size = buffer_size (self->out.bytes);
    output->out = arena_copy (turn->arena, buffer_text (self->out.bytes), output->out_size);
    output->err = arena_copy (turn->arena, buffer_text (self->err.bytes),
                              err_size < PROCESS_MAX_ERR ? err_size : PROCESS_MAX_ERR);
    return fault;
}

fault_t process_run (turn_t *turn, const process_spec_t *spec, int64_t for_us, size_t max_out,
                     process_output_t *output)
{
    *output = (process_output_t){.out = "", .err = ""};
    run_t self = {.spec = spec};
    fault_t fault = stream_open (&self.out, turn, max_out);
    fault_t other = stream_open (&self.err, turn, PROCESS_MAX_ERR);
    if (!fault)
        fault = other;
    if (!fault)
        fault = run (&self, turn, spec, for_us, output);
    process_destroy (&self.process);
    stream_close (&self.out);
    stream_close (&self.err);
    return fault;
}
