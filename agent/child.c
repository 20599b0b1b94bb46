/* child.c - see child.h. The walk over /proc kills whatever descends from this process, until nothing is left. */

#include "agent/child.h"

#include "common/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 65536 // Processes of the machine that one walk looks at
#define CHILD_WAIT_MS 50    // For one that was killed, before the next walk

void child_become_reaper (void)
{
    prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static void set_attributes (posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset (&none);
    sigfillset (&all);
    posix_spawnattr_init (attributes);
    posix_spawnattr_setpgroup (attributes, 0);
    posix_spawnattr_setsigmask (attributes, &none);
    posix_spawnattr_setsigdefault (attributes, &all);
    posix_spawnattr_setflags (attributes,
                              POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static void set_files (posix_spawn_file_actions_t *files, const child_t *child)
{
    posix_spawn_file_actions_init (files);
    posix_spawn_file_actions_addopen (files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2 (files, child->out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2 (files, child->error < 0 ? child->out : child->error, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np (files, STDERR_FILENO + 1);
    if (child->folder)
        posix_spawn_file_actions_addchdir_np (files, child->folder);
}

fault_t child_start (const child_t *self, pid_t *pid, int *handle)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    set_attributes (&attributes);
    set_files (&files, self);
    int error = posix_spawn (pid, self->arguments[0], &files, &attributes, self->arguments, self->variables);
    posix_spawn_file_actions_destroy (&files);
    posix_spawnattr_destroy (&attributes);
    if (error) {
        errno = error;
        return fault_from_errno (error);
    }
    *handle = (int) syscall (SYS_pidfd_open, *pid, 0);
    if (*handle >= 0)
        return OK;
    kill (-*pid, SIGKILL);
    child_reap (*pid);
    return BROKEN;
}

int child_reap (pid_t pid)
{
    int status;
    while (waitpid (pid, &status, 0) < 0)
        if (errno != EINTR)
            return CHILD_LOST;
    return WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}

void children_reap_orphans (pid_t leader)
{
    siginfo_t ended = {.si_pid = 0};
    while (waitid (P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 &&
           ended.si_pid != leader) {
        waitpid (ended.si_pid, NULL, WNOHANG);
        ended.si_pid = 0;
    }
}

void child_signal (pid_t pid, int number)
{
    if (pid > 1)
        kill (-pid, number);
}

// Reaps what has ended; tells whether any child is left.
bool children_left (void)
{
    pid_t pid;
    while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
        continue;
    return pid == 0;
}

typedef struct {
    pid_t pid, parent;
} process_t;

static bool read_process (const char *name, process_t *out)
{
    char path[64], text[512];
    snprintf (path, sizeof (path), "/proc/%.20s/stat", name);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t size = read (fd, text, sizeof (text) - 1);
    close (fd);
    if (size <= 0)
        return false;
    text[size] = 0;
    const char *end = strrchr (text, ')'); // The program's name may hold anything
    if (!end || strlen (end) < 5)
        return false;
    out->pid = (pid_t) strtol (name, NULL, 10);
    out->parent = (pid_t) strtol (end + 4, NULL, 10);
    return true;
}

static size_t list_processes (process_t *list)
{
    size_t count = 0;
    DIR *folder = opendir ("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir (folder)) && count < PROCESSES_MAX)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && read_process (entry->d_name, list + count))
            count++;
    if (folder)
        closedir (folder);
    return count;
}

// Marks by a negative parent whatever descends from `root`; returns how many that are.
static size_t mark_descendants (process_t *list, size_t count, pid_t root)
{
    size_t marked = 0, before;
    do {
        before = marked;
        for (size_t i = 0; i < count; i++) {
            if (list[i].parent < 0)
                continue;
            bool mine = list[i].parent == root;
            for (size_t k = 0; k < count && !mine; k++)
                mine = list[k].parent < 0 && list[k].pid == list[i].parent;
            if (mine) {
                list[i].parent = -1;
                marked++;
            }
        }
    } while (marked > before);
    return marked;
}

// Returns one of those that were killed; 0 where there was none.
static pid_t kill_descendants (void)
{
    process_t *list = calloc (PROCESSES_MAX, sizeof (process_t));
    if (!list)
        abort ();
    pid_t one = 0;
    size_t count = list_processes (list);
    mark_descendants (list, count, getpid ());
    for (size_t i = 0; i < count; i++)
        if (list[i].parent < 0 && kill (list[i].pid, SIGKILL) == 0)
            one = list[i].pid;
    free (list);
    return one;
}

static void wait_for_end (pid_t pid)
{
    struct pollfd end = {.fd = (int) syscall (SYS_pidfd_open, pid, 0), .events = POLLIN};
    if (end.fd < 0)
        return;
    poll (&end, 1, CHILD_WAIT_MS);
    close (end.fd);
}

void children_kill (void)
{
    int64_t until = clock_monotonic_us () + MILLISECONDS (CHILDREN_WAIT_MS);
    while (children_left () && clock_monotonic_us () < until) {
        pid_t killed = kill_descendants ();
        if (killed)
            wait_for_end (killed);
    }
}
