/* hash_files.c - see hash_files.h. A file that cannot be read fails the whole: a cache key must not be half right. */

#include "agent/engine/folder/hash_files.h"

#include "agent/engine/folder/glob.h"
#include "common/os/rooted.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PIECE (16 << 10)

fault_t hash_file (int root, const char *path, sha256_t *into, sha256_t *also)
{
    char piece[PIECE];
    int fd = rooted_open_plain (root, path);
    if (fd < 0)
        return fault_from_errno (errno);
    ssize_t got;
    while ((got = read (fd, piece, sizeof (piece))) > 0) {
        sha256_add (into, piece, (size_t) got);
        if (also)
            sha256_add (also, piece, (size_t) got);
    }
    fault_t fault = got < 0 ? fault_from_errno (errno) : OK;
    close (fd);
    return fault;
}

// All patterns, line by line. BAD_INPUT where there are too many.
static fault_t split (arena_t *arena, const char *const *patterns, size_t count, const char **lines,
                      size_t *line_count)
{
    *line_count = 0;
    for (size_t i = 0; i < count; i++)
        for (const char *at = patterns[i]; *at;) {
            size_t size = strcspn (at, "\r\n");
            if (size && *line_count == GLOB_PATTERNS)
                return BAD_INPUT;
            if (size)
                lines[(*line_count)++] = arena_strndup (arena, at, size);
            at += size + strspn (at + size, "\r\n");
        }
    return OK;
}

static fault_t hash_all (const glob_result_t *found, const glob_query_t *query, sha256_t *all, size_t *count)
{
    const glob_stop_t *stop = query->stop;
    const char *workspace = query->base;
    size_t size = strlen (workspace);
    fault_t fault = OK;
    for (size_t i = 0; i < found->count && !fault; i++) {
        const char *path = found->items[i].path;
        sha256_t one;
        unsigned char sum[SHA256_SUM];
        if (strncmp (path, workspace, size) != 0 || path[size] != '/')
            continue;
        if (stop && stop->asked (stop->self))
            return UNAVAILABLE;
        sha256_init (&one);
        fault = hash_file (query->root, path, &one, NULL);
        sha256_sum (&one, sum);
        sha256_add (all, sum, sizeof (sum));
        ++*count;
    }
    return fault;
}

fault_t hash_files (arena_t *arena, int root, const char *workspace, const char *const *patterns,
                    size_t count, const glob_stop_t *stop, const char **out)
{
    const char *lines[GLOB_PATTERNS], *error;
    size_t hashed = 0;
    glob_query_t query = {
        .root = root, .base = workspace, .patterns = lines, .flags = GLOB_HIDDEN, .stop = stop};
    glob_result_t found;
    sha256_t all;
    if (count && strncmp (patterns[0], "--", 2) == 0) {
        if (strcasecmp (patterns[0], "--follow-symbolic-links") != 0)
            return BAD_INPUT;
        query.flags |= GLOB_FOLLOW;
        patterns++;
        count--;
    }
    fault_t fault = split (arena, patterns, count, lines, &query.count);
    if (!fault)
        fault = glob_find (arena, &query, &found, &error);
    sha256_init (&all);
    if (!fault)
        fault = hash_all (&found, &query, &all, &hashed);
    *out = hashed ? sha256_hex (&all, arena) : "";
    return fault;
}
