/* process_tree.c - see process_tree.h. The walk over /proc kills whatever descends from this process, until nothing is left. */

#include "common/os/process_tree.h"

#include "common/base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 65536 // Processes of the machine that one walk looks at
#define KILLED_MS     50    // For one that was killed, before the next walk

fault_t process_tree_adopt (int *ended)
{
    sigset_t child;
    sigemptyset (&child);
    sigaddset (&child, SIGCHLD);
    prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    pthread_sigmask (SIG_BLOCK, &child, NULL);
    *ended = signalfd (-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ended < 0 ? fault_from_errno (errno) : OK;
}

static bool is_one_of (pid_t pid, const pid_t *pids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

void process_tree_reap (int ended, const pid_t *leaders, size_t count)
{
    struct signalfd_siginfo seen;
    siginfo_t child = {.si_pid = 0};
    while (read (ended, &seen, sizeof (seen)) > 0)
        continue;
    while (waitid (P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 && child.si_pid > 0 &&
           !is_one_of (child.si_pid, leaders, count)) {
        waitpid (child.si_pid, NULL, WNOHANG);
        child.si_pid = 0;
    }
}

bool process_tree_left (void)
{
    pid_t pid;
    while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
        continue;
    return pid == 0;
}

typedef struct {
    pid_t pid, parent;
    char state; // "R", "S", "T" and so on, as ps shows it
} entry_t;

static bool read_process (const char *name, entry_t *out)
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
    out->state = end[2];
    out->parent = (pid_t) strtol (end + 4, NULL, 10);
    return true;
}

static size_t list_processes (entry_t *list)
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
static size_t mark_descendants (entry_t *list, size_t count, pid_t root)
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
    entry_t *list = calloc (PROCESSES_MAX, sizeof (entry_t));
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

// ---- pausing

#define STOP_WALKS 4 // At most in one call: what was stopped may have started others before

static bool is_spared (const process_tree_pause_t *pause, pid_t pid)
{
    for (size_t i = 0; i < pause->count; i++)
        if (pause->spared[i] == pid)
            return true;
    return false;
}

static bool is_stopped (const entry_t *entry)
{
    return entry->state == 'T' || entry->state == 't';
}

static void note_stopped (const entry_t *list, size_t count, process_tree_pause_t *pause)
{
    pause->begun = true;
    pause->count = 0;
    for (size_t i = 0; i < count && pause->count < PROCESS_TREE_SPARED; i++)
        if (list[i].parent < 0 && is_stopped (list + i))
            pause->spared[pause->count++] = list[i].pid;
}

// One that was stopped before and runs now was continued by another: it goes on with the others.
static void spare_no_more (process_tree_pause_t *pause, pid_t pid)
{
    for (size_t i = 0; i < pause->count; i++)
        if (pause->spared[i] == pid)
            pause->spared[i] = pause->spared[--pause->count];
}

static size_t stop_all (const entry_t *list, size_t count, process_tree_pause_t *pause)
{
    size_t stopped = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].parent < 0 && !is_stopped (list + i) && list[i].state != 'Z' &&
            kill (list[i].pid, SIGSTOP) == 0) {
            stopped++;
            if (pause)
                spare_no_more (pause, list[i].pid);
        }
    return stopped;
}

static entry_t *new_list (void)
{
    entry_t *list = calloc (PROCESSES_MAX, sizeof (entry_t));
    if (!list)
        abort ();
    return list;
}

void process_tree_note (pid_t root, process_tree_pause_t *pause)
{
    entry_t *list = new_list ();
    size_t count = list_processes (list);
    mark_descendants (list, count, root);
    note_stopped (list, count, pause);
    free (list);
}

bool process_tree_pause (pid_t root, process_tree_pause_t *pause)
{
    entry_t *list = new_list ();
    size_t left = 1;
    for (int i = 0; i < STOP_WALKS && left > 0; i++) {
        size_t count = list_processes (list);
        mark_descendants (list, count, root);
        if (!pause->begun)
            note_stopped (list, count, pause);
        left = stop_all (list, count, pause);
    }
    free (list);
    return left == 0;
}

void process_tree_resume (pid_t root, process_tree_pause_t *pause)
{
    entry_t *list = new_list ();
    size_t count = list_processes (list);
    mark_descendants (list, count, root);
    for (size_t i = 0; i < count; i++)
        if (list[i].parent < 0 && !is_spared (pause, list[i].pid))
            kill (list[i].pid, SIGCONT);
    free (list);
    pause->begun = false;
}

// ---- ending

static void mark_roots (entry_t *list, size_t count, const pid_t *roots, size_t root_count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < root_count; k++)
            if (list[i].pid == roots[k])
                list[i].parent = -1;
    mark_descendants (list, count, -1); // Of those alone
}

// Those roots and what is below them; without roots what is below `root`.
static size_t stop_and_kill (pid_t root, const pid_t *roots, size_t root_count, bool (*may) (void *context),
                             void *context)
{
    entry_t *list = new_list ();
    size_t count = 0, left = 1, killed = 0;
    for (int i = 0; i < STOP_WALKS && left > 0; i++) {
        count = list_processes (list);
        if (roots)
            mark_roots (list, count, roots, root_count);
        else
            mark_descendants (list, count, root);
        left = stop_all (list, count, NULL);
    }
    if (may && !may (context))
        count = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].parent < 0 && list[i].state != 'Z' && kill (list[i].pid, SIGKILL) == 0)
            killed++;
    free (list);
    return killed;
}

size_t process_tree_kill_these (const pid_t *roots, size_t root_count)
{
    return stop_and_kill (0, roots, root_count, NULL, NULL);
}

size_t process_tree_kill_below (pid_t root, bool (*may) (void *context), void *context)
{
    return stop_and_kill (root, NULL, 0, may, context);
}

static void wait_for_end (pid_t pid)
{
    struct pollfd end = {.fd = pidfd_open (pid, 0), .events = POLLIN};
    if (end.fd < 0)
        return;
    poll (&end, 1, KILLED_MS);
    close (end.fd);
}

void process_tree_kill (void)
{
    int64_t until = clock_monotonic_us () + MILLISECONDS (PROCESS_TREE_WAIT_MS);
    while (process_tree_left () && clock_monotonic_us () < until) {
        pid_t killed = kill_descendants ();
        if (killed)
            wait_for_end (killed);
    }
}
