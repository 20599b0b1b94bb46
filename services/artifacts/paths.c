/* paths.c - see paths.h. */

#include "services/artifacts/paths.h"

#include "common/sha256.h"
#include "services/artifacts/artifact_store.h"

#include <stdlib.h>
#include <string.h>

static bool has_control (const char *text)
{
    for (; *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

static bool is_dots (const char *text, size_t size)
{
    return (size == 1 && text[0] == '.') || (size == 2 && text[0] == '.' && text[1] == '.');
}

fault_t artifact_name_check (turn_t *turn, const char *name)
{
    if (name[0] == '\0' || is_dots (name, strlen (name)))
        return turn_fail (turn, INVALID, "name: \"%s\" is none", name);
    if (has_control (name))
        return turn_fail (turn, INVALID, "name: control characters are not allowed");
    size_t good = strcspn (name, "\\/:*?\"<>|");
    if (name[good])
        return turn_fail (turn, INVALID, "name: %c is not allowed in \"%s\"", name[good], name);
    return OK;
}

// What is wrong with a path; NULL for nothing.
static const char *path_fault (const char *path)
{
    if (has_control (path))
        return "it has control characters";
    if (strchr (path, '\\'))
        return "it has a backslash; segments are separated by /";
    if (path[0] == '/')
        return "it is not relative";
    for (const char *at = path;; at++) {
        size_t size = strcspn (at, "/");
        if (size == 0)
            return "it has an empty segment";
        if (is_dots (at, size))
            return "it has a . or .. segment";
        at += size;
        if (*at == '\0')
            return NULL;
    }
}

static int by_text (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static bool is_among (const char **sorted, size_t count, const char *path)
{
    return bsearch (&path, sorted, count, sizeof (*sorted), by_text) != NULL;
}

// Is a folder of this path a file of the artifact as well?
static bool is_under_file (arena_t *arena, const char **sorted, size_t count, const char *path)
{
    char *folder = arena_strdup (arena, path);
    for (char *slash = folder; (slash = strchr (slash, '/')); slash++) {
        *slash = '\0';
        bool found = is_among (sorted, count, folder);
        *slash = '/';
        if (found)
            return true;
    }
    return false;
}

static fault_t check_together (turn_t *turn, const artifact_file_items_t *files)
{
    const char **sorted = arena_array (turn->arena, files->count + 1, sizeof (*sorted));
    for (size_t i = 0; i < files->count; i++)
        sorted[i] = files->items[i].path;
    qsort (sorted, files->count, sizeof (*sorted), by_text);
    for (size_t i = 1; i < files->count; i++)
        if (strcmp (sorted[i - 1], sorted[i]) == 0)
            return turn_fail (turn, INVALID, "files: \"%s\" is there twice", sorted[i]);
    for (size_t i = 0; i < files->count; i++)
        if (is_under_file (turn->arena, sorted, files->count, sorted[i]))
            return turn_fail (turn, INVALID, "files: a folder of \"%s\" is a file as well", sorted[i]);
    return OK;
}

fault_t artifact_files_check (turn_t *turn, const artifact_file_items_t *files, int64_t *size)
{
    *size = 0;
    for (size_t i = 0; i < files->count; i++) {
        const artifact_file_t *file = &files->items[i];
        const char *wrong = path_fault (file->path);
        if (wrong)
            return turn_fail (turn, INVALID, "files[%zu].path: \"%s\": %s", i, file->path, wrong);
        if (file->size < 0)
            return turn_fail (turn, INVALID, "files[%zu].size: it is negative", i);
        if (file->sha256[0] && !sha256_is_hex (file->sha256))
            return turn_fail (turn, INVALID, "files[%zu].sha256: 64 hexadecimal digits in lower case", i);
        if (file->size > ARTIFACT_MAX - *size)
            return turn_fail (turn, TOO_LARGE, "an artifact has at most %lld bytes",
                              (long long) ARTIFACT_MAX);
        *size += file->size;
    }
    return check_together (turn, files);
}
