/* hash_files.c - see hash_files.h. A file that cannot be read fails the whole: a cache key must not be half right. */

#include "agent/hash_files.h"

#include "agent/glob.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PIECE (16 << 10)

fault_t hash_file (const char *path, sha256_t *into)
{
    char piece[PIECE];
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_from_errno (errno);
    ssize_t got;
    while ((got = read (fd, piece, sizeof (piece))) > 0)
        sha256_add (into, piece, (size_t) got);
    fault_t fault = got < 0 ? fault_from_errno (errno) : OK;
    close (fd);
    return fault;
}

fault_t hash_files (arena_t *arena, const char *workspace, const char *const *patterns, size_t count,
                    const char **out)
{
    glob_result_t found;
    const char *error;
    fault_t fault = glob_find (arena, workspace, patterns, count, true, &found, &error);
    *out = "";
    if (fault || found.count == 0)
        return fault;
    sha256_t all;
    sha256_init (&all);
    for (size_t i = 0; i < found.count && !fault; i++) {
        sha256_t one;
        unsigned char sum[SHA256_SUM];
        sha256_init (&one);
        fault = hash_file (found.items[i].path, &one);
        sha256_sum (&one, sum);
        sha256_add (&all, sum, sizeof (sum));
    }
    *out = sha256_hex (&all, arena);
    return fault;
}
