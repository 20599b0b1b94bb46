/* main.c - opencicd-inside SOCKET UID GID [FOLDER ...]: the first process of a job's container.
 *
 * It is linked statically, because an image may have no library at all, and mounted into the container. It connects to the agent's socket
 * and starts there what the agent asks for, as the first process of a sandbox does (agent/sandbox/serve.h): a step costs no exec of the
 * engine's, gets the agent's own pipes, and outlives a restart of an engine that lets its containers live.
 *
 * When the agent closes the socket, or was killed, it ends, and the kernel ends all others of the container with it. Before that the
 * files that root made in the agent's folders are given to the agent's user, who could not remove them otherwise. */

#include "agent/sandbox/serve.h"
#include "common/os/fd_message.h"
#include "common/os/give.h"
#include "common/os/sandbox_call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int join (const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    snprintf (address.sun_path, sizeof (address.sun_path), "%s", path);
    if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof (address)) == 0)
        return fd;
    fprintf (stderr, "opencicd-inside: %s: %s\n", path, strerror (errno));
    return -1;
}

static bool introduce (int socket)
{
    const int fds[] = {pidfd_open (getpid (), 0), open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    bool good = fds[0] >= 0 && fds[1] >= 0;
    sandbox_answer_t answer = {.error = good ? 0 : errno, .pid = getpid ()};
    if (!good)
        snprintf (answer.text, sizeof (answer.text), "the engine does not let a container's process open %s",
                  fds[0] < 0 ? "a pidfd" : "its root");
    good = fd_message_send (socket, &answer, sizeof (answer), fds, good ? 2 : 0) && good;
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close (fds[i]);
    return good;
}

// As the first process it would not be ended by signals that it does not handle; the engine stops a container by SIGTERM.
static void end_by_signal (int number)
{
    _exit (128 + number);
}

int main (int argc, char **argv)
{
    if (argc < 4) {
        fprintf (stderr, "usage: opencicd-inside SOCKET UID GID [FOLDER ...]\n");
        return 2;
    }
    const give_t to = {(uid_t) strtoul (argv[2], NULL, 10), (gid_t) strtoul (argv[3], NULL, 10)};
    const struct sigaction ends = {.sa_handler = end_by_signal};
    sigaction (SIGTERM, &ends, NULL);
    sigaction (SIGINT, &ends, NULL);
    prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0,
           0); // Where it is not the first process (docker_options.c: --init)
    int socket = *argv[1] ? join (argv[1]) : -1;
    if (*argv[1] && (socket < 0 || !introduce (socket)))
        return 1;
    if (socket >= 0)
        serve (socket);
    serve_kill_all ();
    for (int i = 4; i < argc && to.user != 0; i++)
        give_folder (argv[i], &to);
    return 0;
}
