/* serve.c - see serve.h. */

#include "agent/sandbox/serve.h"

#include "agent/sandbox/freeze.h"
#include "common/os/fd_message.h"
#include "common/os/process_tree.h"
#include "common/os/sandbox_call.h"
#include "common/os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_FDS 4 // The command and three streams

typedef struct {
    int socket, children; // children: a signalfd
    pid_t leaders[SANDBOX_LEADERS];
    size_t count;
} server_state_t;

// ---- a command

// The next string; NULL where there is none.
static const char *next (const char **at, const char *end)
{
    const char *found = *at, *stop = memchr (found, 0, (size_t) (end - found));
    *at = stop ? stop + 1 : end;
    return stop ? found : NULL;
}

static const char **next_list (const char **at, const char *end, uint32_t count)
{
    if (count > SANDBOX_BYTES / sizeof (char *))
        return NULL;
    const char **list = calloc (count + 1, sizeof (char *));
    for (uint32_t i = 0; list && i < count; i++)
        if (!(list[i] = next (at, end))) {
            free (list);
            return NULL;
        }
    return list;
}

static int start_command (const char *bytes, size_t size, const int *streams, pid_t *pid)
{
    const char *at = bytes + sizeof (sandbox_command_t), *end = bytes + size;
    sandbox_command_t counts;
    memcpy (&counts, bytes, sizeof (counts));
    const char *folder = next (&at, end);
    const char **arguments = next_list (&at, end, counts.arguments);
    const char **variables = arguments ? next_list (&at, end, counts.variables) : NULL;
    const spawn_t command = {.argv = arguments,
                             .environment = variables,
                             .folder = folder && *folder ? folder : NULL,
                             .streams = {streams[0], streams[1], streams[2]}};
    int error = variables && counts.arguments > 0 ? spawn_start (&command, pid) : EINVAL;
    free (arguments);
    free (variables);
    return error;
}

static int start (const int *fds, pid_t *pid)
{
    struct stat status;
    if (fstat (fds[0], &status) != 0 || status.st_size < (off_t) sizeof (sandbox_command_t) ||
        status.st_size > SANDBOX_BYTES)
        return EINVAL;
    size_t size = (size_t) status.st_size;
    void *bytes = mmap (NULL, size, PROT_READ, MAP_PRIVATE, fds[0], 0);
    if (bytes == MAP_FAILED)
        return errno;
    int error = start_command (bytes, size, fds + 1, pid);
    munmap (bytes, size);
    return error;
}

// ---- processes

static bool is_leader (const server_state_t *self, pid_t pid)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->leaders[i] == pid)
            return true;
    return false;
}

// Up to the first leader, which stays until it is released, so that its number is nobody else's.
static void reap (const server_state_t *self)
{
    siginfo_t child = {.si_pid = 0};
    while (waitid (P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 && child.si_pid > 0 &&
           !is_leader (self, child.si_pid)) {
        waitpid (child.si_pid, NULL, WNOHANG);
        child.si_pid = 0;
    }
}

static void handle_start (server_state_t *self, const int *fds, size_t count)
{
    sandbox_answer_t answer = {.error = self->count == SANDBOX_LEADERS ? EAGAIN
                                        : count != START_FDS           ? EINVAL
                                                                       : 0};
    int pidfd = -1;
    pid_t pid = 0;
    if (!answer.error)
        answer.error = start (fds, &pid);
    if (!answer.error) {
        self->leaders[self->count++] = answer.pid = pid;
        pidfd = pidfd_open (pid, 0);
    }
    fd_message_send (self->socket, &answer, sizeof (answer), &pidfd, pidfd >= 0);
    if (pidfd >= 0)
        close (pidfd);
}

static void handle_status (const server_state_t *self, pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    sandbox_answer_t answer = {.pid = pid};
    if (!is_leader (self, pid) || waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != pid)
        answer.error = ESRCH;
    answer.signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    answer.status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
    fd_message_send (self->socket, &answer, sizeof (answer), NULL, 0);
}

static void handle_release (server_state_t *self, pid_t pid)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->leaders[i] == pid) {
            self->leaders[i] = self->leaders[--self->count];
            break;
        }
    reap (self);
}

// To the first process of a namespace -1 is everybody but itself. What is being started by one that is killed is killed in the next round.
// In a container with an init of its own, or with the machine's processes, we are not the first: there -1 would be others, too.
void serve_kill_all (void)
{
    if (getpid () != 1) {
        process_tree_kill ();
        return;
    }
    do
        kill (-1, SIGKILL);
    while (waitpid (-1, NULL, 0) > 0 || errno != ECHILD);
}

static void handle_clear (server_state_t *self)
{
    const sandbox_answer_t answer = {0};
    serve_kill_all ();
    self->count = 0;
    fd_message_send (self->socket, &answer, sizeof (answer), NULL, 0);
}

// A leader's number is nobody else's until it is released.
static void handle_signal (const server_state_t *self, const sandbox_call_t *call)
{
    if (is_leader (self, call->pid))
        kill (-call->pid, call->signal);
}

static bool handle (server_state_t *self)
{
    sandbox_call_t call;
    int fds[START_FDS];
    size_t count;
    bool good = fd_message_receive (self->socket, &call, sizeof (call), fds, START_FDS, &count);
    switch (good ? (sandbox_what_t) call.what : SANDBOX_NOTHING) {
    case SANDBOX_START: handle_start (self, fds, count); break;
    case SANDBOX_STATUS: handle_status (self, call.pid); break;
    case SANDBOX_RELEASE: handle_release (self, call.pid); break;
    case SANDBOX_CLEAR: handle_clear (self); break;
    case SANDBOX_SIGNAL: handle_signal (self, &call); break;
    case SANDBOX_GATE: freeze_at (count > 0 ? fds[0] : -1); break;
    case SANDBOX_NOTHING: break;
    }
    while (count > 0)
        close (fds[--count]);
    return good;
}

void serve (int socket)
{
    struct signalfd_siginfo ignored;
    sigset_t child;
    sigemptyset (&child);
    sigaddset (&child, SIGCHLD);
    sigprocmask (SIG_BLOCK, &child, NULL);
    server_state_t self = {.socket = socket, .children = signalfd (-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)};
    struct pollfd polls[] = {{socket, POLLIN, 0}, {self.children, POLLIN, 0}};
    for (;;) {
        if (poll (polls, 2, -1) < 0)
            continue;
        if (polls[1].revents) {
            while (read (self.children, &ignored, sizeof (ignored)) > 0)
                continue;
            reap (&self);
        }
        if (polls[0].revents && !handle (&self))
            return;
    }
}
