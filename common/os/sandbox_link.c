/* sandbox_link.c - see sandbox_link.h. */

#include "common/os/sandbox_link.h"

#include "common/os/fd_message.h"
#include "common/os/sandbox_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS 10000
#define CLEAR_MS 2000

struct sandbox_link {
    pthread_mutex_t lock; // One call at a time
    int socket;
    int first; // A pidfd of the sandbox's first process; -1 before it is ready
    int root;
    bool apart;
};

sandbox_link_t *sandbox_link_new (int socket)
{
    sandbox_link_t *self = calloc (1, sizeof (sandbox_link_t));
    if (!self)
        abort ();
    *self = (sandbox_link_t){.socket = socket, .first = -1, .root = -1};
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

sandbox_link_t *sandbox_link_new_apart (int socket)
{
    sandbox_link_t *self = sandbox_link_new (socket);
    self->apart = true;
    return self;
}

int sandbox_link_root (const sandbox_link_t *self)
{
    return self->root;
}

// ---- messages

static bool send_call (int socket, const sandbox_call_t *call, const int *fds, size_t count)
{
    return fd_message_send (socket, call, sizeof (*call), fds, count);
}

// What it sends is foreign: a job may have taken its first process over. All of `fds` with an answer without an error; none else.
static bool receive_answer (int socket, sandbox_answer_t *answer, int *fds, size_t count)
{
    size_t found;
    bool good = fd_message_receive (socket, answer, sizeof (*answer), fds, count, &found);
    answer->text[SANDBOX_TEXT - 1] = 0;
    if (good && found == count && !answer->error)
        return true;
    while (found > 0)
        close (fds[--found]);
    return good && answer->error;
}

// ---- calls

static const char *name_of (const sandbox_link_t *self)
{
    return self->apart ? "container" : "sandbox";
}

static fault_t ended (const sandbox_link_t *self, turn_t *turn)
{
    return turn_fail (turn, UNAVAILABLE, "the %s has ended", name_of (self));
}

static fault_t receive_first (sandbox_link_t *self, turn_t *turn)
{
    sandbox_answer_t answer;
    int fds[2];
    struct pollfd polls = {.fd = self->socket, .events = POLLIN};
    if (self->first >= 0)
        return OK;
    int ready = poll (&polls, 1, READY_MS);
    if (ready != 1 || !receive_answer (self->socket, &answer, fds, 2))
        return turn_fail (turn, UNAVAILABLE, "the %s %s", name_of (self),
                          ready == 1 ? "ended before it was made" : "was not made in time");
    if (answer.error)
        return turn_fail (turn, fault_from_errno (answer.error), "%s: %s", answer.text,
                          strerror (answer.error));
    self->first = fds[0];
    self->root = fds[1];
    return OK;
}

static void wait_until_made (sandbox_link_t *self)
{
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "", 0);
    (void) !receive_first (self, &turn); // If it was not made, there is nothing to end
    arena_destroy (&arena);
}

fault_t sandbox_link_ready (sandbox_link_t *self, turn_t *turn)
{
    pthread_mutex_lock (&self->lock);
    fault_t fault = receive_first (self, turn);
    if (!fault && !sandbox_link_lives (self))
        fault = ended (self, turn);
    pthread_mutex_unlock (&self->lock);
    return fault;
}

bool sandbox_link_lives (const sandbox_link_t *self)
{
    // A first process that ends closes its socket, then the kernel ends the others, and only then it has ended
    struct pollfd polls[] = {{self->first, POLLIN, 0}, {self->socket, 0, 0}};
    return self->first >= 0 && poll (polls, 2, 0) == 0;
}

static bool write_all (int fd, const char *text)
{
    size_t size = strlen (text) + 1;
    for (ssize_t wrote; size > 0; text += wrote, size -= (size_t) wrote)
        if ((wrote = write (fd, text, size)) <= 0)
            return false;
    return true;
}

static bool write_list (int fd, const char *const *list)
{
    for (; *list; list++)
        if (!write_all (fd, *list))
            return false;
    return true;
}

static uint32_t length (const char *const *list)
{
    uint32_t count = 0;
    while (list[count])
        count++;
    return count;
}

// A message would be too small for it: it goes as a file in memory. -1 with errno.
static int write_command (const spawn_t *spec)
{
    const char *const *variables = spec->environment ? spec->environment : (const char *const *) environ;
    const sandbox_command_t counts = {length (spec->argv), length (variables)};
    int fd = memfd_create ("opencicd-command", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    if (write (fd, &counts, sizeof (counts)) != sizeof (counts) ||
        !write_all (fd, spec->folder ? spec->folder : "") || !write_list (fd, spec->argv) ||
        !write_list (fd, variables)) {
        close (fd);
        return -1;
    }
    return fd;
}

// What the kernel calls it here: its number in our namespace. 0: it is gone.
static pid_t outer_pid (int pidfd)
{
    char path[64], text[512], *found;
    snprintf (path, sizeof (path), "/proc/self/fdinfo/%d", pidfd);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read (fd, text, sizeof (text) - 1);
    if (fd >= 0)
        close (fd);
    text[size > 0 ? size : 0] = 0;
    found = strstr (text, "\nPid:");
    long pid = found ? strtol (found + 5, NULL, 10) : 0;
    return pid > 0 ? (pid_t) pid : 0;
}

// 0 is /dev/null, as for every process.
static int stream_of (const spawn_t *spec, int i, int null)
{
    return spec->streams[i] == SPAWN_OURS ? i : spec->streams[i] == 0 ? null : spec->streams[i];
}

static fault_t call_start (sandbox_link_t *self, turn_t *turn, const int *fds, sandbox_process_t *out,
                           int *error)
{
    sandbox_answer_t answer;
    const sandbox_call_t call = {.what = SANDBOX_START};
    pthread_mutex_lock (&self->lock);
    fault_t fault = receive_first (self, turn);
    if (!fault &&
        (!send_call (self->socket, &call, fds, 4) || !receive_answer (self->socket, &answer, &out->fd, 1)))
        fault = ended (self, turn);
    pthread_mutex_unlock (&self->lock);
    if (!fault) {
        *error = answer.error;
        out->inner = answer.pid;
    }
    return fault;
}

fault_t sandbox_link_start (sandbox_link_t *self, turn_t *turn, const spawn_t *spec, sandbox_process_t *out,
                            int *error)
{
    int command = write_command (spec), null = open ("/dev/null", O_RDWR | O_CLOEXEC);
    const int fds[4] = {command, stream_of (spec, 0, null), stream_of (spec, 1, null),
                        stream_of (spec, 2, null)};
    *out = (sandbox_process_t){.fd = -1};
    *error = 0;
    fault_t fault = command < 0 || null < 0
                        ? turn_fail (turn, fault_from_errno (errno), "no command: %s", strerror (errno))
                        : call_start (self, turn, fds, out, error);
    if (command >= 0)
        close (command);
    if (null >= 0)
        close (null);
    if (fault || *error)
        return fault;
    out->pid = self->apart ? 0 : outer_pid (out->fd);
    if (out->pid > 0 || self->apart)
        return OK;
    close (out->fd);
    return ended (self, turn);
}

void sandbox_link_signal (sandbox_link_t *self, const sandbox_process_t *process, int number)
{
    const sandbox_call_t call = {.what = SANDBOX_SIGNAL, .pid = process->inner, .signal = number};
    if (!self->apart) {
        kill (-process->pid, number);
        return;
    }
    pthread_mutex_lock (&self->lock);
    (void) send_call (self->socket, &call, NULL, 0); // If the container has ended, so has the process
    pthread_mutex_unlock (&self->lock);
}

void sandbox_link_gate (sandbox_link_t *self, int page)
{
    const sandbox_call_t call = {.what = SANDBOX_GATE};
    pthread_mutex_lock (&self->lock);
    (void) send_call (self->socket, &call, &page, 1);
    pthread_mutex_unlock (&self->lock);
}

// Where the sandbox ended with it, it was killed.
fault_t sandbox_link_status (sandbox_link_t *self, const sandbox_process_t *process, int *status, int *signal)
{
    sandbox_answer_t answer;
    const sandbox_call_t call = {.what = SANDBOX_STATUS, .pid = process->inner};
    pthread_mutex_lock (&self->lock);
    bool good = send_call (self->socket, &call, NULL, 0) && receive_answer (self->socket, &answer, NULL, 0);
    pthread_mutex_unlock (&self->lock);
    *signal = good ? answer.signal : SIGKILL;
    *status = good ? answer.status : 128 + SIGKILL;
    return good && answer.error ? BROKEN : OK;
}

void sandbox_link_release (sandbox_link_t *self, const sandbox_process_t *process)
{
    const sandbox_call_t call = {.what = SANDBOX_RELEASE, .pid = process->inner};
    pthread_mutex_lock (&self->lock);
    (void) send_call (self->socket, &call, NULL, 0); // If the sandbox has ended, so has the process
    pthread_mutex_unlock (&self->lock);
    close (process->fd);
}

bool sandbox_link_clear (sandbox_link_t *self)
{
    sandbox_answer_t answer;
    const sandbox_call_t call = {.what = SANDBOX_CLEAR};
    pthread_mutex_lock (&self->lock);
    struct pollfd polls[] = {{self->socket, POLLIN, 0}, {self->first, POLLIN, 0}};
    bool good = self->first >= 0 && send_call (self->socket, &call, NULL, 0) &&
                poll (polls, 2, CLEAR_MS) > 0 && receive_answer (self->socket, &answer, NULL, 0) &&
                !answer.error;
    pthread_mutex_unlock (&self->lock);
    return good;
}

// Where its first process does not do what it is asked to (it may be stopped), the kernel does, before the pidfd says that this one has
// ended. One that is still being made would go on with it, in folders that the caller wants back: it is waited for.
void sandbox_link_destroy (sandbox_link_t **self_p)
{
    sandbox_link_t *self = *self_p;
    if (!self)
        return;
    if (!self->apart)
        wait_until_made (self);
    if (self->first >= 0 && !sandbox_link_clear (self) && !self->apart) {
        struct pollfd polls = {.fd = self->first, .events = POLLIN};
        pidfd_send_signal (self->first, SIGKILL, NULL, 0);
        while (poll (&polls, 1, -1) < 0 && errno == EINTR)
            continue;
    }
    close (self->socket);
    if (self->first >= 0) {
        close (self->first);
        close (self->root);
    }
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}
