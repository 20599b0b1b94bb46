/* paths.c - see paths.h. */

#include "services/artifacts/paths.h"

#include "common/base/path.h"
#include "common/base/sha256.h"
#include "services/artifacts/upload_store.h"

#include <stdlib.h>
#include <string.h>

static bool has_control (const char *text)
{
    for (; *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

fault_t artifact_name_check (turn_t *turn, const char *name)
{
    if (name[0] == '\0' || path_is_dots (name, strlen (name)))
        return turn_fail (turn, INVALID, "name: \"%s\" is not a name", name);
    if (has_control (name))
        return turn_fail (turn, INVALID, "name: control characters are not allowed");
    size_t good = strcspn (name, "\\/:*?\"<>|");
    if (name[good])
        return turn_fail (turn, INVALID, "name: %c is not allowed in \"%s\"", name[good], name);
    return OK;
}

// What is wrong with a path; NULL if nothing is.
static const char *path_fault (const char *path)
{
    if (has_control (path))
        return "it has control characters";
    if (strchr (path, '\\'))
        return "it has a backslash; segments are separated by /";
    if (path[0] == '/')
        return "it is not relative";
    size_t count = 0;
    for (const char *at = path;; at++) {
        if (++count > PATH_SEGMENTS)
            return "it has more than 100 segments";
        size_t size = strcspn (at, "/");
        if (size == 0)
            return "it has an empty segment";
        if (path_is_dots (at, size))
            return "it has a . or .. segment";
        at += size;
        if (*at == '\0')
            return NULL;
    }
}

// A separator counts as the least of all characters (paths have no control characters), so that what is in a folder comes right
// after the folder's own name: "a", "a/b", "a-b".
static int weight (char c)
{
    return c == '/' ? 1 : (unsigned char) c;
}

static int by_path (const void *a, const void *b)
{
    const char *s = (*(const artifact_file_t *const *) a)->path;
    const char *t = (*(const artifact_file_t *const *) b)->path;
    while (*s && *s == *t)
        s++, t++;
    return weight (*s) - weight (*t);
}

static bool is_folder_of (const char *folder, const char *path)
{
    size_t size = strlen (folder);
    return strncmp (folder, path, size) == 0 && path[size] == '/';
}

// Each against its neighbour alone: where a file is a folder as well, what is in that folder follows it without a gap.
static fault_t check_together (turn_t *turn, const artifact_file_items_t *files)
{
    const artifact_file_t **sorted = arena_array (turn->arena, files->count + 1, sizeof (*sorted));
    for (size_t i = 0; i < files->count; i++)
        sorted[i] = &files->items[i];
    qsort (sorted, files->count, sizeof (*sorted), by_path);
    for (size_t i = 1; i < files->count; i++) {
        const char *before = sorted[i - 1]->path, *path = sorted[i]->path;
        if (strcmp (before, path) == 0)
            return turn_fail (turn, INVALID, "files[%td].path: \"%s\" is in the list twice",
                              sorted[i] - files->items, path);
        if (is_folder_of (before, path))
            return turn_fail (turn, INVALID, "files[%td].path: \"%s\": its folder \"%s\" is a file as well",
                              sorted[i] - files->items, path, before);
    }
    return OK;
}

static fault_t check_file (turn_t *turn, size_t index, const artifact_file_t *file)
{
    const char *wrong = path_fault (file->path);
    if (wrong)
        return turn_fail (turn, INVALID, "files[%zu].path: \"%s\": %s", index, file->path, wrong);
    if (file->size < 0)
        return turn_fail (turn, INVALID, "files[%zu].size: \"%s\": it is negative", index, file->path);
    if (file->sha256[0] && !sha256_is_hex (file->sha256))
        return turn_fail (turn, INVALID, "files[%zu].sha256: \"%s\": 64 hexadecimal digits in lower case",
                          index, file->path);
    return OK;
}

fault_t file_list_check (turn_t *turn, const artifact_file_items_t *files, int64_t *size)
{
    *size = 0;
    for (size_t i = 0; i < files->count; i++) {
        TRY (check_file (turn, i, &files->items[i]));
        if (files->items[i].size > UPLOAD_MAX - *size)
            return turn_fail (turn, TOO_LARGE, "files[%zu].size: \"%s\": all files have more than %lld bytes",
                              i, files->items[i].path, (long long) UPLOAD_MAX);
        *size += files->items[i].size;
    }
    return check_together (turn, files);
}
