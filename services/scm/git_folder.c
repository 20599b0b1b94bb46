/* git_folder.c - see git_folder.h. */

#include "services/scm/git_folder.h"

#include "common/base/commit_id.h"
#include "services/scm/git_object.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL_FILE   4096 // HEAD, a loose ref, `.git` of a linked worktree
#define LINKS        5    // Refs that name another one
#define PACKED_LINE  8192 // Longer lines are of no ref that git would make
#define OBJECT_NAMES "objects"

// A plain file of at most SMALL_FILE bytes, without the newline at its end. NOT_FOUND.
static fault_t read_small (turn_t *turn, const char *path, const char **out)
{
    char text[SMALL_FILE];
    struct stat found;
    // O_NONBLOCK: a pipe of that name would never be opened
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == EACCES ? turn_fail (turn, INVALID, "%s cannot be read: %m", path) : NOT_FOUND;
    ssize_t size = fstat (fd, &found) == 0 && S_ISREG (found.st_mode) ? read (fd, text, sizeof text) : -1;
    close (fd);
    if (size < 0 || size == (ssize_t) sizeof text)
        return NOT_FOUND;
    *out =
        arena_strndup (turn->arena, text, strcspn (arena_strndup (turn->arena, text, (size_t) size), "\r\n"));
    return OK;
}

static bool is_there (const char *path, mode_t type)
{
    struct stat found;
    return stat (path, &found) == 0 && (found.st_mode & S_IFMT) == type;
}

static bool is_git_folder (arena_t *arena, const char *path)
{
    return is_there (arena_printf (arena, "%s/HEAD", path), S_IFREG) &&
           (is_there (arena_printf (arena, "%s/" OBJECT_NAMES, path), S_IFDIR) ||
            is_there (arena_printf (arena, "%s/commondir", path), S_IFREG));
}

static const char *relative_to (arena_t *arena, const char *folder, const char *path)
{
    return path[0] == '/' ? path : arena_printf (arena, "%s/%s", folder, path);
}

// `.git` is the repository, or a file "gitdir: /where/it/is".
static const char *find_git (turn_t *turn, const char *path)
{
    const char *inside = arena_printf (turn->arena, "%s/.git", path), *text;
    if (is_there (inside, S_IFDIR))
        return inside;
    if (read_small (turn, inside, &text) == OK && strncmp (text, "gitdir: ", 8) == 0)
        return relative_to (turn->arena, path, text + 8);
    return path;
}

fault_t git_folder_find (turn_t *turn, const char *path, git_folder_t *out)
{
    char real[PATH_MAX];
    const char *common;
    if (!is_there (path, S_IFDIR))
        return turn_fail (turn, NOT_FOUND, "there is no folder %s on this server", path);
    out->git = find_git (turn, path);
    turn->detail = NULL;
    if (!is_git_folder (turn->arena, out->git))
        return turn_fail (turn, INVALID, "%s is not a git repository", path);
    out->common = out->git;
    if (read_small (turn, arena_printf (turn->arena, "%s/commondir", out->git), &common) == OK)
        out->common = relative_to (turn->arena, out->git, common);
    turn->detail = NULL;
    if (!realpath (arena_printf (turn->arena, "%s/" OBJECT_NAMES, out->common), real))
        return turn_fail (turn, INVALID, "%s is not a git repository: it has no objects", path);
    out->objects = arena_strdup (turn->arena, real);
    return OK;
}

// "<hex> refs/heads/main", in order of names but for what other programs wrote; "^<hex>" after an annotated tag.
static fault_t find_packed (turn_t *turn, const git_folder_t *folder, const char *ref, const char **id)
{
    char line[PACKED_LINE];
    struct stat found;
    size_t length = strlen (ref);
    fault_t fault = NOT_FOUND;
    int fd = open (arena_printf (turn->arena, "%s/packed-refs", folder->common),
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    FILE *file = fd >= 0 ? fdopen (fd, "r") : NULL;
    if (!file)
        return NOT_FOUND;
    if (fstat (fd, &found) != 0 || !S_ISREG (found.st_mode) || found.st_size > GIT_PACKED_REFS_MAX)
        fault = turn_fail (turn, TOO_LARGE, "packed-refs has more than %d bytes", GIT_PACKED_REFS_MAX);
    while (fault == NOT_FOUND && fgets (line, sizeof line, file)) {
        size_t size = strcspn (line, " "), end = strcspn (line, "\n");
        if (end != size + 1 + length || memcmp (line + size + 1, ref, length) != 0)
            continue;
        *id = arena_strndup (turn->arena, line, size);
        fault = commit_id_is (*id) ? OK : NOT_FOUND;
        break;
    }
    fclose (file);
    return fault;
}

fault_t git_folder_ref (turn_t *turn, const git_folder_t *folder, const char *ref, const char **id)
{
    for (int i = 0; i < LINKS; i++) {
        const char *text;
        if (strncmp (ref, "refs/", 5) != 0 || !git_name_ok (ref))
            return NOT_FOUND;
        fault_t fault = read_small (turn, arena_printf (turn->arena, "%s/%s", folder->common, ref), &text);
        if (fault == NOT_FOUND)
            return find_packed (turn, folder, ref, id);
        if (fault != OK)
            return fault;
        if (commit_id_is (text)) {
            *id = text;
            return OK;
        }
        ref = git_head_read (turn->arena, text, strlen (text));
        if (!ref)
            return NOT_FOUND;
    }
    return NOT_FOUND;
}

fault_t git_folder_head (turn_t *turn, const git_folder_t *folder, const char **ref, const char **id)
{
    const char *text;
    fault_t fault = read_small (turn, arena_printf (turn->arena, "%s/HEAD", folder->git), &text);
    if (fault != OK)
        return turn_fail (turn, INVALID, "%s has no HEAD", folder->git);
    *ref = git_head_read (turn->arena, text, strlen (text));
    *id = "";
    if (!*ref && commit_id_is (text))
        *id = text;
    if (!*ref)
        *ref = "";
    return OK;
}
