/* process_run.c - a process from its start to its end, with what it printed.
 *
 * A child in the background may hold the pipes open after the process has ended: what is in them by then is taken, and
 * nothing is waited for. */

#include "common/buffer.h"
#include "common/clock.h"
#include "common/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK 16384 // Bytes read at once

typedef struct {
    int read_end, write_end; // -1 where closed
    buffer_t *bytes;
    size_t keep; // Past it bytes are read and dropped
} stream_t;

typedef struct {
    process_t *process;
    stream_t out, err;
} run_t;

static void shut (int *fd)
{
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
}

static fault_t stream_open (stream_t *self, turn_t *turn, size_t keep)
{
    *self = (stream_t){.read_end = -1, .write_end = -1, .keep = keep, .bytes = buffer_new (keep + CHUNK)};
    fault_t fault = process_pipe (turn, &self->read_end, &self->write_end);
    if (!fault && fcntl (self->read_end, F_SETFL, O_NONBLOCK) != 0)
        fault = turn_fail (turn, BROKEN, "cannot read a pipe without waiting");
    return fault;
}

static void stream_close (stream_t *self)
{
    shut (&self->read_end);
    shut (&self->write_end);
    buffer_destroy (&self->bytes);
}

// Take what is there. False where nothing was.
static bool stream_read (stream_t *self)
{
    char chunk[CHUNK];
    ssize_t size = self->read_end < 0 ? 0 : read (self->read_end, chunk, sizeof (chunk));
    if (size < 0)
        return errno == EINTR;
    if (size == 0)
        shut (&self->read_end);
    else if (buffer_size (self->bytes) <= self->keep)
        buffer_add (self->bytes, chunk, (size_t) size);
    return size > 0;
}

// What is there once, or, when nobody is left to write, all; what is not kept any more is no reason to go on.
static void stream_take (stream_t *self, bool all)
{
    while (stream_read (self) && all && buffer_size (self->bytes) <= self->keep) {
    }
}

static bool too_large (const run_t *self)
{
    return buffer_size (self->out.bytes) > self->out.keep;
}

static fault_t collect (run_t *self, turn_t *turn, int64_t until_us, int stop, process_end_t *end)
{
    for (;;) {
        struct pollfd polls[] = {{.fd = process_fd (self->process), .events = POLLIN},
                                 {.fd = self->out.read_end, .events = POLLIN},
                                 {.fd = self->err.read_end, .events = POLLIN},
                                 {.fd = stop > 0 ? stop : -1, .events = POLLIN}};
        int64_t left_us = until_us == NEVER ? SECONDS (3600) : until_us - clock_monotonic_us ();
        int left_ms = left_us <= 0 ? 0 : left_us > SECONDS (3600) ? 3600000 : (int) (left_us / 1000 + 1);
        int ready = poll (polls, 4, left_ms);
        if (ready < 0 && errno != EINTR)
            return turn_fail (turn, BROKEN, "cannot wait for a process");
        if (left_us <= 0)
            return turn_fail (turn, TIMEOUT, "the process has not ended in time");
        if (ready <= 0)
            continue;
        if (polls[3].revents)
            return turn_fail (turn, UNAVAILABLE, "the process was ended, because we end");
        bool ended = polls[0].revents != 0;
        stream_take (&self->out, ended);
        stream_take (&self->err, ended);
        if (too_large (self))
            return turn_fail (turn, TOO_LARGE, "the process printed more than %zu bytes", self->out.keep);
        if (ended)
            return process_wait (self->process, 0, end);
    }
}

static fault_t run (run_t *self, turn_t *turn, const process_spec_t *spec, int64_t for_us,
                    process_output_t *output)
{
    process_spec_t with_pipes = *spec;
    with_pipes.out = self->out.write_end;
    with_pipes.err = self->err.write_end;
    fault_t fault = process_start (&self->process, turn, &with_pipes);
    if (fault)
        return fault;
    shut (&self->out.write_end);
    shut (&self->err.write_end);
    int64_t now_us = clock_monotonic_us ();
    fault = collect (self, turn, for_us > NEVER - now_us ? NEVER : now_us + for_us, spec->stop, &output->end);
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
    run_t self = {.process = NULL};
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
