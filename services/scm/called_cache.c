/* called_cache.c - see called_cache.h. Order of writes: a file of another name, then the rename, so that a file at its place is whole. */

#include "services/scm/called_cache.h"

#include "common/base/sha256.h"
#include "common/os/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".files"
#define SEEN   4096 // Entries that are looked at; there are a few more than CALLED_FILES at most

static const char *path_of (turn_t *turn, const char *folder, const char *url, const char *commit)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, url, strlen (url) + 1);
    sha256_add (&sum, commit, strlen (commit));
    return arena_printf (turn->arena, "%s/%s" SUFFIX, folder, sha256_hex (&sum, turn->arena));
}

static bool read_whole (int fd, char *data, size_t size)
{
    while (size > 0) {
        ssize_t got = read (fd, data, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        data += got;
        size -= (size_t) got;
    }
    return true;
}

static bool write_whole (int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write (fd, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        data += done;
        size -= (size_t) done;
    }
    return true;
}

fault_t called_cache_get (turn_t *turn, const char *folder, const char *url, const char *commit,
                          scm_called_files_t *out)
{
    struct stat status;
    fault_t fault = NOT_FOUND;
    const char *path = path_of (turn, folder, url, commit);
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NOT_FOUND;
    if (fstat (fd, &status) == 0 && status.st_size <= MESSAGE_MAX) {
        size_t size = (size_t) status.st_size;
        char *data = arena_alloc (turn->arena, size + 1);
        if (read_whole (fd, data, size) &&
            message_unpack (MESSAGE (scm_called_files), turn, data, size, out) == OK &&
            strcmp (out->sha, commit) == 0)
            fault = OK;
        turn->detail = NULL;
    }
    if (fault == OK)
        (void) futimens (fd, NULL); // It is the one used last
    close (fd);
    return fault;
}

// ---- what is too much goes

typedef struct {
    const char *path;
    struct timespec used;
    off_t size;
} entry_t;

static int by_use (const void *a, const void *b)
{
    const struct timespec *one = &((const entry_t *) a)->used, *two = &((const entry_t *) b)->used;
    if (one->tv_sec != two->tv_sec)
        return one->tv_sec > two->tv_sec ? -1 : 1;
    return one->tv_nsec > two->tv_nsec ? -1 : one->tv_nsec < two->tv_nsec;
}

static void prune (turn_t *turn, const char *folder)
{
    entry_t *entries = arena_array (turn->arena, SEEN, sizeof *entries);
    size_t count = 0;
    off_t bytes = 0;
    DIR *open = opendir (folder);
    for (struct dirent *at; open && count < SEEN && (at = readdir (open));) {
        struct stat status;
        const char *path = arena_printf (turn->arena, "%s/%s", folder, at->d_name);
        if (lstat (path, &status) == 0 && S_ISREG (status.st_mode))
            entries[count++] = (entry_t){path, status.st_mtim, status.st_size};
    }
    if (open)
        closedir (open);
    qsort (entries, count, sizeof *entries, by_use);
    for (size_t i = 0; i < count; i++) {
        bytes += entries[i].size;
        if (i >= CALLED_FILES || bytes > CALLED_BYTES)
            (void) unlink (entries[i].path);
    }
}

static fault_t write_file (turn_t *turn, const char *folder, const char *path, const buffer_t *packed)
{
    char *name = arena_printf (turn->arena, "%s/new-XXXXXX", folder);
    int fd = mkstemp (name);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", name);
    bool done = write_whole (fd, buffer_text (packed), buffer_size (packed));
    done = close (fd) == 0 && done && rename (name, path) == 0;
    fault_t fault = done ? OK : turn_fail (turn, fault_from_errno (errno), "%s: %m", path);
    if (!done)
        (void) unlink (name);
    return fault;
}

fault_t called_cache_put (turn_t *turn, const char *folder, const char *url, const scm_called_files_t *files)
{
    TRY (folder_make (turn, folder));
    buffer_t *packed = buffer_new (MESSAGE_MAX);
    fault_t fault = message_pack (MESSAGE (scm_called_files), files, packed);
    if (fault == OK)
        fault = write_file (turn, folder, path_of (turn, folder, url, files->sha), packed);
    buffer_destroy (&packed);
    if (fault == OK)
        prune (turn, folder);
    return fault;
}
