/* cgroup_place.c - see cgroup_place.h. */

#include "common/os/cgroup_place.h"

#include "common/base/turn.h"
#include "common/os/file.h"

#include <string.h>

#define TEXT_MAX (1 << 20) // Machines with many containers have thousands of mounts

static const char *read_text (arena_t *arena, const char *path)
{
    const char *text;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    return file_read (&turn, path, TEXT_MAX, &text) == OK ? text : "";
}

void cgroup_texts_read (cgroup_texts_t *self, arena_t *arena)
{
    *self =
        (cgroup_texts_t){read_text (arena, "/proc/self/mountinfo"), read_text (arena, "/proc/self/cgroup")};
}

// Is `word` one of those that commas separate?
static bool has_word (const char *list, const char *word)
{
    size_t size = strlen (word);
    for (const char *at = list; at; at = strchr (at, ',')) {
        at += *at == ',';
        if (strncmp (at, word, size) == 0 && (at[size] == ',' || at[size] == 0))
            return true;
    }
    return false;
}

// The path after "ID:CONTROLLERS:" in its line of /proc/self/cgroup; the line of version 2 is "0::PATH".
static const char *own_path (arena_t *arena, const char *lines, const char *controller)
{
    for (const char *line = lines; *line; line += strcspn (line, "\n"), line += *line == '\n') {
        char *text = arena_strndup (arena, line, strcspn (line, "\n"));
        char *names = strchr (text, ':'), *path = names ? strchr (names + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        if (controller ? has_word (names + 1, controller) : strcmp (text, "0:") == 0)
            return path;
    }
    return NULL;
}

typedef struct {
    char *root, *point, *type, *options;
} mount_line_t;

// "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPER_OPTIONS"; the fields are cut out of `text`.
static bool read_line (char *text, mount_line_t *out)
{
    enum { ROOT = 3, POINT, LAST = POINT };
    char *rest = strstr (text, " - "), *fields[LAST + 1] = {0}, *save = NULL;
    if (!rest)
        return false;
    *rest = 0;
    char *word = strtok_r (text, " ", &save);
    for (size_t i = 0; i <= LAST && word; i++, word = strtok_r (NULL, " ", &save))
        fields[i] = word;
    out->root = fields[ROOT];
    out->point = fields[POINT];
    out->type = strtok_r (rest + 3, " ", &save);
    out->options = strtok_r (NULL, " ", &save) ? strtok_r (NULL, " ", &save) : NULL;
    return out->point && out->options;
}

// What is mounted is the tree below `root` (a container sees its own group so), and `path` is from the hierarchy's root.
static const char *join (arena_t *arena, const mount_line_t *mount, const char *path)
{
    size_t size = strcmp (mount->root, "/") == 0 ? 0 : strlen (mount->root);
    bool inside = strncmp (path, mount->root, size) == 0 && (path[size] == '/' || path[size] == 0);
    const char *below = inside ? path + size : "";
    return arena_printf (arena, "%s%s", mount->point, strcmp (below, "/") == 0 ? "" : below);
}

const char *cgroup_place (arena_t *arena, const cgroup_texts_t *texts, const char *controller)
{
    const char *path = own_path (arena, texts->own, controller);
    mount_line_t mount;
    for (const char *line = texts->mounts; path && *line; line += strcspn (line, "\n"), line += *line == '\n')
        if (read_line (arena_strndup (arena, line, strcspn (line, "\n")), &mount) &&
            strcmp (mount.type, controller ? "cgroup" : "cgroup2") == 0 &&
            (!controller || has_word (mount.options, controller)))
            return join (arena, &mount, path);
    return NULL;
}
