/* lint_files.c - which files `opencicd lint` checks: those named, those of a folder, or the repository's workflows. */

#include "cli/lint/lint.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 1000 // Of one folder
#define UPWARD    64   // How many parent folders are searched for the repository's root

static const char *const folders[] = {".github/workflows", ".opencicd/workflows"};

static void add_path (paths_t *self, const char *path)
{
    self->paths = arena_grow (self->arena, self->paths, self->count, &self->capacity, sizeof (char *));
    self->paths[self->count++] = path;
}

static int by_name (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static bool is_yaml (const char *name)
{
    const char *dot = strrchr (name, '.');
    return dot && dot != name && (strcmp (dot, ".yml") == 0 || strcmp (dot, ".yaml") == 0);
}

static void add_folder (paths_t *self, const char *folder)
{
    size_t first = self->count;
    DIR *dir = opendir (folder);
    for (struct dirent *entry; dir && self->count < FILES_MAX && (entry = readdir (dir));)
        if (is_yaml (entry->d_name))
            add_path (self, arena_printf (self->arena, "%s/%s", folder, entry->d_name));
    if (dir)
        closedir (dir);
    if (self->count > first) // readdir's order differs between machines; reports must not
        qsort (self->paths + first, self->count - first, sizeof (char *), by_name);
}

// "" or "../../": where the repository begins; here, where there is none.
static const char *root (arena_t *arena)
{
    const char *up = "";
    for (int i = 0; i < UPWARD; i++, up = arena_printf (arena, "../%s", up))
        if (access (arena_printf (arena, "%s.git", up), F_OK) == 0)
            return up;
    return "";
}

static bool is_folder (const char *path)
{
    struct stat info;
    return stat (path, &info) == 0 && S_ISDIR (info.st_mode);
}

paths_t lint_files (arena_t *arena, args_t args)
{
    paths_t paths = {.arena = arena};
    if (args.count == 0) {
        const char *up = root (arena);
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
            add_folder (&paths, arena_printf (arena, "%s%s", up, folders[i]));
    }
    for (size_t i = 0; i < args.count; i++)
        if (is_folder (args.items[i]))
            add_folder (&paths, args.items[i]);
        else
            add_path (&paths, args.items[i]);
    return paths;
}
