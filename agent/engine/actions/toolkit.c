/* toolkit.c - see toolkit.h. */

#include "agent/engine/actions/toolkit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW (256 << 10) // Memory for a main file, which may be many megabytes in one line

// In what esbuild and ncc make of the toolkit, and of simple-git
static const char artifacts[] = "results.api.v1.ArtifactService", git[] = "allowUnsafeConfigEnvCount";
#define SIGN (sizeof (artifacts) - 1) // The longest

// Window by window; the end of one is kept for what begins in it.
static void look_through (int fd, char *window, toolkit_uses_t *out)
{
    size_t kept = 0, seen = 0;
    while (seen < TOOLKIT_FILE_MAX && !(out->artifacts && out->strict_git)) {
        ssize_t got = read (fd, window + kept, WINDOW - kept);
        if (got <= 0)
            return;
        size_t size = kept + (size_t) got;
        out->artifacts = out->artifacts || memmem (window, size, artifacts, sizeof (artifacts) - 1);
        out->strict_git = out->strict_git || memmem (window, size, git, sizeof (git) - 1);
        kept = size < SIGN - 1 ? size : SIGN - 1;
        memmove (window, window + size - kept, kept);
        seen += (size_t) got;
    }
}

toolkit_uses_t toolkit_uses (const char *main_file)
{
    struct stat info;
    toolkit_uses_t uses = {0};
    arena_t *arena = arena_new ();
    int fd = open (main_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // A pipe must not hold it up
    if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
        look_through (fd, arena_alloc (arena, WINDOW), &uses);
    if (fd >= 0)
        close (fd);
    arena_destroy (&arena);
    return uses;
}

const char *toolkit_output (arena_t *arena, const char *value, const char *server)
{
    size_t size = strlen (TOOLKIT_SERVER_URL), end = strlen (server);
    if (strncmp (value, TOOLKIT_SERVER_URL, size) != 0 || value[size] != '/')
        return value;
    while (end > 0 && server[end - 1] == '/')
        end--;
    return arena_printf (arena, "%.*s%s", (int) end, server, value + size);
}
