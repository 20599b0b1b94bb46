/* The kernel's count of what it killed for lack of memory is read, and grows with each. */

#include "common/os/oom.h"

#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TEST (the_count_is_found_in_each_of_the_kernels_files)
{
    CHECK_INT (oom_count_in ("low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n"), 1);
    CHECK_INT (oom_count_in ("oom_kill_disable 0\nunder_oom 0\noom_kill 12\n"), 12);
    CHECK_INT (oom_count_in ("nr_free_pages 7\noom_kill 3\n"), 3);
    CHECK_INT (oom_count_in ("oom_kill_disable 1\n"), OOM_UNKNOWN);
    CHECK_INT (oom_count_in (""), OOM_UNKNOWN);
}

static bool put (const char *folder, const char *file, const char *text)
{
    char path[256];
    snprintf (path, sizeof path, "%s/%s", folder, file);
    int fd = open (path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);
    if (fd >= 0)
        close (fd);
    return good;
}

// False where this machine gives us no memory cgroup of our own.
static bool make_cgroup (char folder[128])
{
    static const char *const roots[][2] = {{"/sys/fs/cgroup", "memory.max"},
                                           {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}};
    for (size_t i = 0; i < 2; i++) {
        snprintf (folder, 128, "%s/opencicd-test-%d", roots[i][0], (int) getpid ());
        if (mkdir (folder, 0755) != 0)
            continue;
        if (put (folder, roots[i][1], "16777216"))
            return true;
        rmdir (folder);
    }
    return false;
}

// `tail` keeps what has no line end, until the kernel ends it.
static int fill_memory (const char *folder)
{
    char script[400];
    int status = 0;
    pid_t child;
    snprintf (script, sizeof script,
              "echo $$ >%s/cgroup.procs || exit 3; echo 0 >%s/memory.swap.max;"
              " head -c 200000000 /dev/zero | tail >/dev/null",
              folder, folder);
    char *arguments[] = {"sh", "-c", script, NULL};
    CHECK_INT (posix_spawn (&child, "/bin/sh", NULL, NULL, arguments, environ), 0);
    CHECK_INT (waitpid (child, &status, 0), child);
    return status;
}

TEST (the_count_grows_when_the_kernel_kills)
{
    char folder[128];
    if (!make_cgroup (folder))
        return; // Nobody may: the files are read all the same, above
    int64_t before = oom_kills ();
    int status = fill_memory (folder);
    while (rmdir (folder) != 0 && access (folder, F_OK) == 0)
        ;
    bool killed = WIFSIGNALED (status) || WEXITSTATUS (status) == 128 + SIGKILL;
    if (killed) // Else it has swap, or may not enter
        CHECK (before != OOM_UNKNOWN && oom_kills () > before);
}
