/* run_folder.c - see run_folder.h. */

#include "cli/files/run_folder.h"

#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "common/os/lock.h"
#include "workflow/plan/context.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define YOUNG_SECONDS 60 // It may not have taken its lock yet

const char *run_cache (arena_t *arena)
{
    const char *cache = getenv ("XDG_CACHE_HOME"), *home = getenv ("HOME");
    if (cache && cache[0] == '/')
        return arena_printf (arena, "%s/opencicd", cache);
    return home && home[0] == '/' ? arena_printf (arena, "%s/.cache/opencicd", home)
                                  : arena_printf (arena, "/tmp/opencicd-%d", (int) getuid ());
}

void run_folder_remove (const char *folder)
{
    if (folder_empty (folder) != OK || rmdir (folder) != 0)
        fprintf (stderr, "opencicd: %s cannot be removed completely\n", folder);
}

// By its server, or by an agent that outlived it: its jobs may still be in there.
static bool is_used (arena_t *arena, const char *folder)
{
    bool used = lock_holder (arena_printf (arena, "%s/up.lock", folder)) != 0;
    const char *agents = arena_printf (arena, "%s/agents", folder);
    DIR *list = opendir (agents);
    for (struct dirent *entry; list && !used && (entry = readdir (list));)
        used = entry->d_name[0] != '.' &&
               lock_holder (arena_printf (arena, "%s/%s/agent.lock", agents, entry->d_name)) != 0;
    if (list)
        closedir (list);
    return used;
}

// What runs that were killed have left.
static void sweep (arena_t *arena, const char *runs)
{
    DIR *list = opendir (runs);
    for (struct dirent *entry; list && (entry = readdir (list));) {
        struct stat info;
        const char *folder = arena_printf (arena, "%s/%s", runs, entry->d_name);
        if (entry->d_name[0] == '.' || lstat (folder, &info) != 0 || !S_ISDIR (info.st_mode) ||
            time (NULL) - info.st_mtime < YOUNG_SECONDS || is_used (arena, folder))
            continue;
        run_folder_remove (folder);
    }
    if (list)
        closedir (list);
}

fault_t run_folder_make (turn_t *turn, const char *root, const char **out)
{
    const char *runs = arena_printf (turn->arena, "%s/run", run_cache (turn->arena));
    TRY (folder_make (turn, runs));
    sweep (turn->arena, runs);
    *out = arena_printf (turn->arena, "%s/%.0f", runs, context_number (root));
    if (mkdir (*out, 0700) == 0) // Also the lock: of two runs at the same time one makes it
        return OK;
    char *other = arena_printf (turn->arena, "%s/XXXXXX", runs);
    *out = other;
    return mkdtemp (other) ? OK : turn_fail (turn, BROKEN, "%s: %s", runs, strerror (errno));
}
