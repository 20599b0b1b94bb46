/* process.c - see process.h.
 *
 * The end is seen through a pidfd and read with WNOWAIT: the child stays a zombie, and its number taken, until destroy. */

#include "common/os/process.h"
#include "common/base/clock.h"
#include "common/os/process_gate.h"
#include "common/os/sandbox_link.h"
#include "common/os/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(PROCESS_OURS == SPAWN_OURS, "streams are given on as they are");

struct process {
    pid_t pid;
    int fd;                  // pidfd
    sandbox_link_t *sandbox; // That it runs in; NULL: none
    pid_t inner;             // In the sandbox
};

static process_t *new_process (process_t given)
{
    process_t *self = calloc (1, sizeof (process_t));
    if (!self)
        abort ();
    *self = given;
    return self;
}

static fault_t start_failed (turn_t *turn, const process_spec_t *spec, int error)
{
    if (error == ENOENT && spec->folder)
        return turn_fail (turn, NOT_FOUND, "cannot start %s in the folder %s: %s", spec->argv[0],
                          spec->folder, strerror (error));
    return turn_fail (turn, fault_from_errno (error), "cannot start %s: %s", spec->argv[0], strerror (error));
}

static fault_t start (process_t **out, turn_t *turn, const process_spec_t *spec, const spawn_t *command)
{
    pid_t pid = 0;
    int error = spawn_start (command, &pid);
    if (error)
        return start_failed (turn, spec, error);
    int fd = pidfd_open (pid, 0);
    if (fd < 0) { // Without it its end would go unnoticed
        error = errno;
        kill (-pid, SIGKILL);
        waitpid (pid, NULL, 0);
        return turn_fail (turn, fault_from_errno (error), "cannot watch %s: %s", spec->argv[0],
                          strerror (error));
    }
    *out = new_process ((process_t){.pid = pid, .fd = fd});
    return OK;
}

static fault_t start_inside (process_t **out, turn_t *turn, const process_spec_t *spec,
                             const spawn_t *command)
{
    sandbox_process_t process;
    int error;
    TRY (sandbox_link_start (spec->sandbox, turn, command, &process, &error));
    if (error)
        return start_failed (turn, spec, error);
    *out = new_process ((process_t){process.pid, process.fd, spec->sandbox, process.inner});
    return OK;
}

fault_t process_start (process_t **out, turn_t *turn, const process_spec_t *spec)
{
    *out = NULL;
    if (!process_gate_enter ())
        return turn_fail (turn, UNAVAILABLE, "cannot start %s: the processes of this program are paused",
                          spec->argv[0]);
    const spawn_t command = {spec->argv, spec->environment, spec->folder, {spec->in, spec->out, spec->err}};
    fault_t fault =
        spec->sandbox ? start_inside (out, turn, spec, &command) : start (out, turn, spec, &command);
    process_gate_leave (*out ? (*out)->pid : 0);
    return fault;
}

pid_t process_pid (const process_t *self)
{
    return self->pid;
}

int process_fd (const process_t *self)
{
    return self->fd;
}

static sandbox_process_t inside (const process_t *self)
{
    return (sandbox_process_t){self->pid, self->inner, self->fd};
}

void process_signal (process_t *self, int number)
{
    const sandbox_process_t process = inside (self);
    if (self->sandbox)
        sandbox_link_signal (self->sandbox, &process, number);
    else
        kill (-self->pid, number);
}

void process_release (process_t **self_p)
{
    process_t *self = *self_p;
    if (self->sandbox) {
        const sandbox_process_t process = inside (self);
        struct pollfd polls = {.fd = self->fd, .events = POLLIN};
        while (poll (&polls, 1, -1) < 0 && errno == EINTR)
            continue;
        sandbox_link_release (self->sandbox, &process);
    } else {
        while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        close (self->fd);
    }
    free (self);
    *self_p = NULL;
}

void process_destroy (process_t **self_p)
{
    if (!*self_p)
        return;
    process_signal (*self_p, SIGKILL);
    process_release (self_p);
}

// poll() until the monotonic time; as poll() returns.
static int poll_until (struct pollfd *polls, nfds_t count, int64_t until_us)
{
    for (;;) {
        int64_t left_us = until_us == NEVER ? NEVER : until_us - clock_monotonic_us ();
        int left_ms = left_us <= 0                ? 0
                      : left_us > SECONDS (86400) ? 86400000
                                                  : (int) ((left_us + 999) / 1000);
        int ready = poll (polls, count, left_ms);
        if (ready > 0 || (ready == 0 && left_us <= SECONDS (86400)) || (ready < 0 && errno != EINTR))
            return ready;
    }
}

static int64_t after (int64_t for_us)
{
    int64_t now_us = clock_monotonic_us ();
    return for_us > NEVER - now_us ? NEVER : now_us + for_us;
}

fault_t process_wait (process_t *self, int64_t for_us, process_end_t *end)
{
    struct pollfd polls = {.fd = self->fd, .events = POLLIN};
    int ready = poll_until (&polls, 1, after (for_us));
    if (ready == 0)
        return TIMEOUT;
    const sandbox_process_t process = inside (self);
    if (ready > 0 && self->sandbox)
        return sandbox_link_status (self->sandbox, &process, &end->status, &end->signal);
    siginfo_t info = {.si_pid = 0};
    if (ready < 0 || waitid (P_PIDFD, (id_t) self->fd, &info, WEXITED | WNOWAIT) != 0)
        return BROKEN;
    bool by_itself = info.si_code == CLD_EXITED;
    end->signal = by_itself ? 0 : info.si_status;
    end->status = by_itself ? info.si_status : 128 + info.si_status;
    return OK;
}

fault_t process_pipe (turn_t *turn, int *read_end, int *write_end)
{
    int ends[2];
    if (pipe2 (ends, O_CLOEXEC) != 0)
        return turn_fail (turn, fault_from_errno (errno), "cannot make a pipe: %s", strerror (errno));
    *read_end = ends[0];
    *write_end = ends[1];
    return OK;
}
