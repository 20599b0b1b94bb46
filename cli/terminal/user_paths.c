/* user_paths.c - see user_paths.h. */

#include "cli/terminal/user_paths.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORKSPACE "/workspace/"
#define PATH_ENDS " \t\r\n:;,'\"`()[]{}<>|\033"

// How long "/N/workspace/" is at the beginning of the text; 0: that is not there.
static size_t workspace_size (const char *text, size_t size)
{
    size_t digits = 1;
    if (size == 0 || *text != '/')
        return 0;
    while (digits < size && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    bool there = digits > 1 && size - digits >= strlen (WORKSPACE) &&
                 memcmp (text + digits, WORKSPACE, strlen (WORKSPACE)) == 0;
    return there ? digits + strlen (WORKSPACE) : 0;
}

static size_t path_size (const char *text, size_t size)
{
    size_t at = 0;
    while (at < size && text[at] && !strchr (PATH_ENDS, text[at]))
        at++;
    return at;
}

// What only the job has made does not exist in the user's tree: its path stays, so that it can be found.
static bool is_here (const user_paths_t *self, const char *path, size_t size)
{
    char whole[PATH_MAX];
    int length = snprintf (whole, sizeof whole, "%s/%.*s", self->root, (int) size, path);
    return size > 0 && size < PATH_MAX && length < PATH_MAX && access (whole, F_OK) == 0;
}

void user_paths_add (const user_paths_t *self, const char *line, size_t size, buffer_t *into)
{
    size_t before = self->workspaces ? strlen (self->workspaces) : 0;
    const char *end = line + size, *found;
    while (before && (found = memmem (line, (size_t) (end - line), self->workspaces, before))) {
        const char *at = found + before;
        size_t inside = workspace_size (at, (size_t) (end - at));
        size_t path = inside ? path_size (at + inside, (size_t) (end - at) - inside) : 0;
        bool here = is_here (self, at + inside, path);
        buffer_add (into, line, (size_t) ((here ? found : at) - line));
        if (here)
            buffer_puts (into, self->prefix);
        line = here ? at + inside : at;
    }
    buffer_add (into, line, (size_t) (end - line));
}
