/* main.c - opencicd-sandbox FOLDER [-HIDDEN | +SHARED | =SHOWN | @CGROUP_PROCS ...]: makes sandboxes (common/os/sandbox.h), one for each
 * order on the socket that is its standard input, and ends with it.
 *
 * A sandbox's first process is a fork of this program in new namespaces: that takes a tenth of what it takes to start a program, and this
 * one is small, has one thread and holds nothing that a job might not see. Whatever goes wrong is the first message of that sandbox. */

#include "agent/sandbox/rights.h"
#include "agent/sandbox/serve.h"
#include "agent/sandbox/view.h"
#include "common/os/fd_message.h"
#include "common/os/sandbox_call.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUPS_MAX 8 // One for each controller, and to spare

typedef struct {
    const char *folder; // Each sandbox has one of its own below it
    view_t view;
    const char **also_shown;   // Where the order's goes, after those of all sandboxes
    const char *const *groups; // Files of control groups; ends with NULL
    uid_t uid;
    gid_t gid;
} maker_t;

static int refuse (int socket, int error, const char *what)
{
    sandbox_answer_t answer = {.error = error};
    snprintf (answer.text, sizeof (answer.text), "%s", what);
    fd_message_send (socket, &answer, sizeof (answer), NULL, 0);
    return 1;
}

// ---- the first process

static bool write_file (const char *path, const char *text)
{
    int fd = open (path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);
    if (fd >= 0)
        close (fd);
    return good;
}

// In a user namespace of our own we are who we were, and nobody else is there.
static bool keep_ids (const maker_t *self)
{
    char user[64], group[64];
    snprintf (user, sizeof (user), "%u %u 1", (unsigned) self->uid, (unsigned) self->uid);
    snprintf (group, sizeof (group), "%u %u 1", (unsigned) self->gid, (unsigned) self->gid);
    return write_file ("/proc/self/uid_map", user) && write_file ("/proc/self/setgroups", "deny") &&
           write_file ("/proc/self/gid_map", group);
}

static bool enter_groups (const int *groups, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (write (groups[i], "0", 1) != 1)
            return false;
    return true;
}

static int run_first (const maker_t *self, const int *groups, size_t group_count)
{
    const char *what;
    if (!enter_groups (groups, group_count))
        return refuse (SANDBOX_SOCKET, errno, "cannot enter a control group");
    if (close_range (SANDBOX_SOCKET + 1, ~0u, 0) != 0)
        return refuse (SANDBOX_SOCKET, errno, "cannot close descriptors");
    if (self->uid != 0 && !keep_ids (self))
        return refuse (SANDBOX_SOCKET, errno, "cannot set the ids of a user namespace");
    view_t view = self->view;
    char folder[PATH_MAX];
    if (snprintf (folder, sizeof (folder), "%s/XXXXXX", self->folder) >= (int) sizeof (folder) ||
        !mkdtemp (folder))
        return refuse (SANDBOX_SOCKET, errno, "cannot make a folder for it");
    view.folder = folder;
    int error = view_enter (&view, &what);
    if (error)
        return refuse (SANDBOX_SOCKET, error, what);
    // Both before the rights are gone: a pidfd of ourselves wants /proc, which is this namespace's own by now
    const int fds[] = {pidfd_open (getpid (), 0), open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    const sandbox_answer_t answer = {.pid = getpid ()};
    error = fds[0] < 0 || fds[1] < 0 ? errno : rights_give_up ();
    if (error)
        return refuse (SANDBOX_SOCKET, error, "cannot give up rights");
    if (!fd_message_send (SANDBOX_SOCKET, &answer, sizeof (answer), fds, 2))
        return 1;
    close (fds[0]);
    close (fds[1]);
    serve (SANDBOX_SOCKET);
    return 0;
}

// ---- orders

static void close_all (const int *fds, size_t count)
{
    while (count > 0)
        close (fds[--count]);
}

// Before the namespaces: in one of users the files would not be ours to open. False if one is missing.
static bool open_groups (const maker_t *self, int *fds, size_t *count)
{
    for (*count = 0; self->groups[*count]; ++*count)
        if (*count == GROUPS_MAX || (fds[*count] = open (self->groups[*count], O_WRONLY | O_CLOEXEC)) < 0)
            return false;
    return true;
}

static void handle_children (void (*how) (int))
{
    const struct sigaction action = {.sa_handler = how};
    sigaction (SIGCHLD, &action, NULL);
}

// Takes the socket.
static void make (maker_t *self, const sandbox_order_t *order, int socket)
{
    unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | (self->uid == 0 ? 0 : CLONE_NEWUSER);
    int groups[GROUPS_MAX];
    size_t count;
    *self->also_shown = *order->shown ? order->shown : NULL;
    bool opened = open_groups (self, groups, &count);
    if (!opened)
        refuse (socket, errno, "cannot enter a control group");
    long pid = opened ? syscall (SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL) : 0;
    if (opened && pid == 0) {
        handle_children (SIG_DFL); // It waits for its own
        // What is allocated lives as long as the process: no tool need look for it
        _exit (dup2 (socket, SANDBOX_SOCKET) == SANDBOX_SOCKET ? run_first (self, groups, count) : 1);
    }
    if (pid < 0)
        refuse (socket, errno, "cannot make namespaces");
    close_all (groups, count);
    close (socket);
}

static int serve_orders (maker_t *self)
{
    sandbox_order_t order;
    size_t count;
    int socket;
    handle_children (SIG_IGN); // The kernel buries what has ended
    while (fd_message_receive (SANDBOX_SOCKET, &order, sizeof (order), &socket, 1, &count))
        if (count == 1)
            make (self, &order, socket);
    return 0;
}

// False where a word has no sign. What it allocates lives as long as the process.
static bool read_words (maker_t *self, const char *const *words, size_t count)
{
    static const char signs[] = {SANDBOX_HIDDEN, SANDBOX_SHARED, SANDBOX_SHOWN, SANDBOX_GROUP};
    const char **lists[sizeof signs], **ends[sizeof signs];
    for (size_t i = 0; i < sizeof signs; i++)
        if (!(ends[i] = lists[i] = calloc (count + 2, sizeof (char *))))
            abort ();
    for (; *words; words++) {
        const char *sign = **words ? memchr (signs, **words, sizeof signs) : NULL;
        if (!sign)
            return false;
        *ends[sign - signs]++ = *words + 1;
    }
    self->view.hidden = lists[0];
    self->view.shared = lists[1];
    self->view.shown = lists[2];
    self->also_shown = ends[2];
    self->groups = lists[3];
    return true;
}

// ext4 without a journal takes no number of a file again that was given back within the last minute, and looks at each of them whenever
// it makes one in that part of the disk: milliseconds, where many sandboxes come and go. What is made in a folder with this flag begins in
// another part each time. Others have no such flag, and need none.
static void spread (const char *path)
{
    int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), flags = 0;
    if (fd >= 0 && ioctl (fd, FS_IOC_GETFLAGS, &flags) == 0) {
        flags |= FS_TOPDIR_FL;
        (void) !ioctl (fd, FS_IOC_SETFLAGS, &flags);
    }
    if (fd >= 0)
        close (fd);
}

int main (int argc, char **argv)
{
    maker_t self = {.uid = geteuid (), .gid = getegid ()};
    if (argc < 2 || !read_words (&self, (const char *const *) argv + 2, (size_t) argc))
        return 2;
    self.folder = argv[1];
    spread (self.folder);
    return serve_orders (&self);
}
