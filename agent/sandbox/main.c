/* main.c - opencicd-sandbox FOLDER [-HIDDEN | +SHARED | =SHOWN | @CGROUP_PROCS ...]: makes a sandbox (common/os/sandbox.h) and is its first process.
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
    static const char signs[] = "-+=@"; // Hidden, shared, shown, groups
    const char **lists[sizeof signs - 1];
    size_t counts[sizeof signs - 1] = {0};
    for (size_t i = 0; signs[i]; i++)
        if (!(lists[i] = calloc ((size_t) argc, sizeof (char *))))
            abort ();
    for (size_t i = 2; argv[i]; i++) {
        const char *sign = argv[i][0] ? strchr (signs, argv[i][0]) : NULL;
        if (!sign)
            return 2;
        lists[sign - signs][counts[sign - signs]++] = argv[i] + 1;
    }
    const view_t view = {argv[1], lists[0], lists[1], lists[2]};
    // Before the namespaces: in one of users the files would not be ours to write
    for (const char **group = lists[3]; *group; group++)
        if (!write_file (*group, "0"))
            return refuse (errno, "cannot enter a control group");
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
