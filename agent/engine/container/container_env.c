/* container_env.c - see container_env.h. */

#include "agent/engine/container/container_env.h"

#include <string.h>
#include <unistd.h>

void container_env_take (environ_t *out, arena_t *arena, const value_t *list)
{
    environ_init (out, arena);
    for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->list.count; i++) {
        const char *text = value_to_text (arena, list->list.items[i]);
        size_t name = strcspn (text, "=");
        if (name > 0 && text[name])
            environ_set (out, arena_strndup (arena, text, name), text + name + 1);
    }
}

// The next of them that is there; NULL at the end.
static const char *next (arena_t *arena, const char **folders)
{
    while (**folders) {
        size_t size = strcspn (*folders, ":");
        const char *folder = arena_strndup (arena, *folders, size);
        *folders += size + ((*folders)[size] == ':');
        if (folder[0] == '/' && access (folder, F_OK) == 0)
            return folder;
    }
    return NULL;
}

static const char *target (arena_t *arena, unsigned i)
{
    return i ? arena_printf (arena, "/__e%u", i) : "/__e";
}

void container_mount_nodes (docker_spec_t *spec, const char *node_folders)
{
    const char *folder;
    for (unsigned i = 0; i < CONTAINER_NODES && (folder = next (spec->arena, &node_folders)); i++)
        docker_spec_mount (spec, folder, target (spec->arena, i), false);
}

const char *container_node_path (arena_t *arena, const char *node_folders, const char *path)
{
    const char *folder;
    for (unsigned i = 0; i < CONTAINER_NODES && (folder = next (arena, &node_folders)); i++) {
        size_t size = strlen (folder);
        if (strncmp (path, folder, size) == 0 && path[size] == '/')
            return arena_printf (arena, "%s%s", target (arena, i), path + size);
    }
    return path;
}
