/* oom.c - see oom.h. */

#include "common/os/oom.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (32 << 10) // /proc/vmstat has a quarter of it

int64_t oom_count_in (const char *text)
{
    static const char key[] = "oom_kill ";
    for (const char *line = text; line; line = strchr (line, '\n')) {
        line += *line == '\n';
        if (strncmp (line, key, sizeof key - 1) == 0)
            return strtoll (line + sizeof key - 1, NULL, 10);
    }
    return OOM_UNKNOWN;
}

static bool read_text (const char *path, char text[TEXT_MAX])
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    for (ssize_t got = 1; fd >= 0 && got > 0 && size<TEXT_MAX - 1; size += got> 0 ? (size_t) got : 0)
        got = read (fd, text + size, TEXT_MAX - 1 - size);
    text[size] = 0;
    if (fd >= 0)
        close (fd);
    return fd >= 0;
}

static const struct {
    const char *controller, *root, *file;
} versions[] = {{"0::", "/sys/fs/cgroup", "memory.events"},
                {":memory:", "/sys/fs/cgroup/memory", "memory.oom_control"}};
#define VERSIONS (sizeof versions / sizeof *versions)

// By /proc/self/cgroup, in which a line names a controller and the path of our cgroup; "" without one.
static void cgroup_file (const char *lines, size_t version, char file[PATH_MAX])
{
    const char *at = strstr (lines, versions[version].controller);
    file[0] = 0;
    if (!at)
        return;
    at += strlen (versions[version].controller);
    if (snprintf (file, PATH_MAX, "%s%.*s/%s", versions[version].root, (int) strcspn (at, "\n"), at,
                  versions[version].file) >= PATH_MAX)
        file[0] = 0;
}

static int64_t of_cgroup (char text[TEXT_MAX])
{
    char files[VERSIONS][PATH_MAX];
    int64_t count = OOM_UNKNOWN;
    read_text ("/proc/self/cgroup", text);
    for (size_t i = 0; i < VERSIONS; i++)
        cgroup_file (text, i, files[i]);
    for (size_t i = 0; i < VERSIONS && count == OOM_UNKNOWN; i++)
        if (*files[i] && read_text (files[i], text))
            count = oom_count_in (text);
    return count;
}

int64_t oom_kills (void)
{
    char text[TEXT_MAX];
    read_text ("/proc/vmstat", text);
    int64_t all = oom_count_in (text), own = of_cgroup (text);
    if (all == OOM_UNKNOWN || own == OOM_UNKNOWN)
        return all == OOM_UNKNOWN ? own : all;
    return all + own;
}
