/* orphans.c - a walk over /proc, again until it finds nobody, because a process may have started another meanwhile. What has given up its
 * environment is found below one that has not; only what has also left its parents escapes. */

#include "agent/engine/process/orphans.h"

#include "common/base/id.h"
#include "common/os/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVIRONMENT_MAX (256 << 10) // Bytes of one process's environment that are read
#define WALKS           10          // At most
#define FOUND_MAX       4096        // In one walk

const char *tracking_id (arena_t *arena, const char *work_dir)
{
    return arena_printf (arena, "opencicd_%.16s", secret_hash (arena, work_dir));
}

static bool carries (const char *text, size_t size, const char *wanted)
{
    for (size_t at = 0; at < size; at += strlen (text + at) + 1)
        if (strcmp (text + at, wanted) == 0)
            return true;
    return false;
}

static bool is_orphan (const char *number, const char *wanted, char *text)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/%.20s/environ", number);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t size = 0;
    ssize_t got;
    while (size < ENVIRONMENT_MAX && (got = read (fd, text + size, ENVIRONMENT_MAX - size)) > 0)
        size += (size_t) got;
    close (fd);
    text[size] = 0;
    return carries (text, size, wanted);
}

static size_t walk (const char *wanted, char *text)
{
    pid_t found[FOUND_MAX];
    size_t count = 0;
    DIR *folder = opendir ("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir (folder)) && count < FOUND_MAX) {
        long pid = strtol (entry->d_name, NULL, 10);
        if (pid > 1 && pid != getpid () && is_orphan (entry->d_name, wanted, text))
            found[count++] = (pid_t) pid;
    }
    if (folder)
        closedir (folder);
    return count ? process_tree_kill_these (found, count) : 0;
}

static size_t kill_all (const char *variable, const char *tracking)
{
    char wanted[128];
    char *text = malloc (ENVIRONMENT_MAX + 1);
    if (!text)
        abort ();
    snprintf (wanted, sizeof wanted, "%s=%s", variable, tracking);
    size_t all = 0, killed = 1;
    for (int i = 0; i < WALKS && killed > 0; i++)
        all += killed = walk (wanted, text);
    free (text);
    return all;
}

size_t orphans_kill (const char *tracking)
{
    return kill_all ("RUNNER_TRACKING_ID", tracking);
}

size_t orphans_kill_of_hooks (const char *tracking)
{
    return kill_all (HOOK_VARIABLE, tracking);
}
