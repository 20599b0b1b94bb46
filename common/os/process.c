/* process.c - see process.h.
 *
 * The end is seen through a pidfd and read with WNOWAIT: the child stays a zombie, and its number taken, until destroy. */

#include "common/os/process.h"
#include "common/base/clock.h"
#include "common/os/process_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
    pid_t pid;
    int fd; // pidfd
};

static int add_stream (posix_spawn_file_actions_t *actions, int from, int to)
{
    if (from == 0)
        return posix_spawn_file_actions_addopen (actions, to, "/dev/null", to == 0 ? O_RDONLY : O_WRONLY, 0);
    return posix_spawn_file_actions_adddup2 (actions, from == PROCESS_OURS ? to : from, to);
}

static int add_actions (posix_spawn_file_actions_t *actions, const process_spec_t *spec)
{
    int given[3] = {spec->in, spec->out, spec->err};
    int error = 0;
    for (int i = 0; i < 3 && !error; i++)
        error = add_stream (actions, given[i], i);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np (actions, 3);
    if (!error && spec->folder)
        error = posix_spawn_file_actions_addchdir_np (actions, spec->folder);
    return error;
}

static int add_attributes (posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset (&all);
    sigemptyset (&none);
    int error = posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                                          POSIX_SPAWN_SETSIGMASK);
    if (!error)
        error = posix_spawnattr_setpgroup (attributes, 0);
    if (!error)
        error = posix_spawnattr_setsigdefault (attributes, &all);
    return error ? error : posix_spawnattr_setsigmask (attributes, &none);
}

static int spawn (const process_spec_t *spec, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init (&actions) != 0 || posix_spawnattr_init (&attributes) != 0)
        abort ();
    int error = add_actions (&actions, spec);
    if (!error)
        error = add_attributes (&attributes);
    char *const *environment = spec->environment ? (char *const *) spec->environment : environ;
    if (!error)
        error =
            posix_spawnp (pid, spec->argv[0], &actions, &attributes, (char *const *) spec->argv, environment);
    posix_spawn_file_actions_destroy (&actions);
    posix_spawnattr_destroy (&attributes);
    return error;
}

static fault_t start (process_t **out, turn_t *turn, const process_spec_t *spec)
{
    pid_t pid = 0;
    int error = spawn (spec, &pid);
    if (error == ENOENT && spec->folder && access (spec->folder, X_OK) != 0)
        return turn_fail (turn, NOT_FOUND, "cannot start %s in the folder %s: %s", spec->argv[0],
                          spec->folder, strerror (error));
    if (error)
        return turn_fail (turn, fault_from_errno (error), "cannot start %s: %s", spec->argv[0],
                          strerror (error));
    int fd = pidfd_open (pid, 0);
    if (fd < 0) { // Without it its end would go unnoticed
        error = errno;
        kill (-pid, SIGKILL);
        waitpid (pid, NULL, 0);
        return turn_fail (turn, fault_from_errno (error), "cannot watch %s: %s", spec->argv[0],
                          strerror (error));
    }
    *out = calloc (1, sizeof (process_t));
    if (!*out)
        abort ();
    **out = (process_t){.pid = pid, .fd = fd};
    return OK;
}

fault_t process_start (process_t **out, turn_t *turn, const process_spec_t *spec)
{
    *out = NULL;
    if (!process_gate_enter ())
        return turn_fail (turn, UNAVAILABLE, "cannot start %s: the processes of this program are paused",
                          spec->argv[0]);
    fault_t fault = start (out, turn, spec);
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

void process_signal (process_t *self, int number)
{
    kill (-self->pid, number);
}

void process_release (process_t **self_p)
{
    process_t *self = *self_p;
    while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close (self->fd);
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
