/* door.c - see door.h. */

#include "agent/engine/container/door.h"

#include "common/os/folder.h"
#include "common/os/process_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static fault_t fail (turn_t *turn, const char *path)
{
    return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
}

static bool is_same (const char *path, const struct stat *program)
{
    struct stat status;
    return stat (path, &status) == 0 && status.st_size == program->st_size &&
           status.st_mtim.tv_sec == program->st_mtim.tv_sec;
}

static bool copy_bytes (int from, int to, off_t size)
{
    for (ssize_t sent; size > 0; size -= sent)
        if ((sent = sendfile (to, from, NULL, (size_t) size)) <= 0)
            return false;
    return true;
}

// A copy in the work folder: where the agent is in a container itself, that is what it shares with the engine's machine.
static fault_t copy_program (turn_t *turn, const char *program, const char *path)
{
    struct stat status;
    int from = open (program, O_RDONLY | O_CLOEXEC);
    if (from < 0 || fstat (from, &status) != 0) {
        fault_t fault = fail (turn, program);
        if (from >= 0)
            close (from);
        return fault;
    }
    bool good = is_same (path, &status);
    if (!good) {
        (void) unlink (path);
        int to = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
        const struct timespec times[] = {status.st_atim, status.st_mtim};
        good = to >= 0 && copy_bytes (from, to, status.st_size) && fchmod (to, 0755) == 0 &&
               futimens (to, times) == 0;
        if (to >= 0)
            close (to);
    }
    fault_t fault = good ? OK : fail (turn, path);
    close (from);
    return fault;
}

// By way of the folder's descriptor: the path may be longer than an address of a socket.
static fault_t listen_in (door_t *self, turn_t *turn)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int folder = open (self->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    self->listener = folder < 0 ? -1 : socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf (address.sun_path, sizeof (address.sun_path), "/proc/self/fd/%d/socket", folder);
    bool good = self->listener >= 0 &&
                bind (self->listener, (struct sockaddr *) &address, sizeof (address)) == 0 &&
                fchmodat (folder, "socket", 0666, 0) == 0 && listen (self->listener, 1) == 0;
    fault_t fault = good ? OK : fail (turn, self->folder);
    if (folder >= 0)
        close (folder);
    return fault;
}

static void empty (const char *folder)
{
    char path[4096];
    static const char *const names[] = {"socket", "opencicd-inside"};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++) {
        snprintf (path, sizeof (path), "%s/%s", folder, names[i]);
        (void) unlink (path);
    }
    (void) rmdir (folder);
}

fault_t door_open (door_t *self, turn_t *turn, const char *parent, const char *program, unsigned number)
{
    const char *copy = arena_printf (turn->arena, "%s/opencicd-inside", parent);
    *self = (door_t){.folder = arena_printf (turn->arena, "%s/%u", parent, number), .listener = -1};
    if (!program)
        return turn_fail (turn, NOT_FOUND, "opencicd-inside is not in this program's folder");
    TRY (folder_make (turn, parent));
    TRY (copy_program (turn, program, copy));
    empty (self->folder);
    if (mkdir (self->folder, 0755) != 0 ||
        link (copy, arena_printf (turn->arena, "%s/opencicd-inside", self->folder)) != 0)
        return fail (turn, self->folder);
    return listen_in (self, turn);
}

// The kernel's word, not the container's.
static give_t user_of (int fd)
{
    struct ucred peer = {.uid = geteuid (), .gid = getegid ()};
    socklen_t size = sizeof (peer);
    (void) getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    return (give_t){peer.uid, peer.gid};
}

fault_t door_wait (const door_t *self, turn_t *turn, int stop, int ms, sandbox_link_t **out, give_t *user)
{
    struct pollfd polls[] = {{self->listener, POLLIN, 0}, {stop, POLLIN, 0}};
    int ready;
    while ((ready = poll (polls, 2, ms)) < 0 && errno == EINTR)
        continue;
    int fd = ready > 0 && polls[0].revents ? accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (fd < 0)
        return turn_fail (turn, UNAVAILABLE,
                          ready > 0 ? "stopped" : "the container was started, and has not reached the agent");
    *user = user_of (fd);
    *out = sandbox_link_new_apart (fd);
    fault_t fault = sandbox_link_ready (*out, turn);
    if (fault)
        sandbox_link_destroy (out);
    else if (process_gate_page () >= 0)
        sandbox_link_gate (*out, process_gate_page ());
    return fault;
}

void door_close (door_t *self)
{
    if (self->listener >= 0)
        close (self->listener);
    self->listener = -1;
    if (self->folder)
        empty (self->folder);
}
