/* main.c - opencicd-sandbox FOLDER [-HIDDEN | +SHARED | =SHOWN ...]: makes a sandbox (common/os/sandbox.h) and is its first process.
 *
 * It has the socket on its standard input. It enters new namespaces, and its child, the first process in them, is not its child but its
 * maker's (CLONE_PARENT): so no process stays between the two. Whatever goes wrong is the first message. */

#include "agent/sandbox/rights.h"
#include "agent/sandbox/serve.h"
#include "agent/sandbox/view.h"
#include "common/os/fd_message.h"
#include "common/os/sandbox_call.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuse (int error, const char *what)
{
    sandbox_answer_t answer = {.error = error};
    snprintf (answer.text, sizeof (answer.text), "%s", what);
    fd_message_send (SANDBOX_SOCKET, &answer, sizeof (answer), NULL, 0);
    return 1;
}

static int run_first (const view_t *view)
{
    const char *what;
    int error = view_enter (view, &what);
    if (error)
        return refuse (error, what);
    // Both before the rights are gone: a pidfd of ourselves wants /proc, which is this namespace's own by now
    const int fds[] = {pidfd_open (getpid (), 0), open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const sandbox_answer_t answer = {.pid = getpid ()};
    error = fds[0] < 0 || fds[1] < 0 ? errno : rights_give_up ();
    if (error)
        return refuse (error, "cannot give up rights");
    if (!fd_message_send (SANDBOX_SOCKET, &answer, sizeof (answer), fds, 2))
        return 1;
    close (fds[0]);
    close (fds[1]);
    serve (SANDBOX_SOCKET);
    return 0;
}

static bool write_file (const char *path, const char *text)
{
    int fd = open (path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);
    if (fd >= 0)
        close (fd);
    return good;
}

// In a user namespace of our own we are who we were, and nobody else is there.
static bool keep_ids (uid_t uid, gid_t gid)
{
    char user[64], group[64];
    snprintf (user, sizeof (user), "%u %u 1", (unsigned) uid, (unsigned) uid);
    snprintf (group, sizeof (group), "%u %u 1", (unsigned) gid, (unsigned) gid);
    return write_file ("/proc/self/uid_map", user) && write_file ("/proc/self/setgroups", "deny") &&
           write_file ("/proc/self/gid_map", group);
}

int main (int argc, char **argv)
{
    uid_t uid = geteuid ();
    gid_t gid = getegid ();
    if (argc < 2)
        return 2;
    const char **lists[3]; // Hidden, shared, shown
    size_t counts[3] = {0};
    for (size_t i = 0; i < 3; i++)
        if (!(lists[i] = calloc ((size_t) argc, sizeof (char *))))
            abort ();
    for (size_t i = 2; argv[i]; i++) {
        size_t list = argv[i][0] == '-' ? 0 : argv[i][0] == '+' ? 1 : 2;
        lists[list][counts[list]++] = argv[i] + 1;
    }
    const view_t view = {argv[1], lists[0], lists[1], lists[2]};
    if (unshare (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (uid == 0 ? 0 : CLONE_NEWUSER)) != 0)
        return refuse (errno, "cannot make namespaces");
    if (uid != 0 && !keep_ids (uid, gid))
        return refuse (errno, "cannot set the ids of a user namespace");
    long pid = syscall (SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0)
        return refuse (errno, "cannot start the first process");
    _exit (pid > 0 ? 0
                   : run_first (
                         &view)); // What is allocated lives as long as the process: no tool need look for it
}
