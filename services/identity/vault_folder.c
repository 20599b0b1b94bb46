/* vault_folder.c - secrets as files, one each: FOLDER/NAME of all projects, FOLDER/PROJECT/NAME, FOLDER/PROJECT/ENVIRONMENT/NAME.
 *
 * So Kubernetes mounts a Secret: its keys are files, by way of links whose names begin with a dot. Files are read when a job begins: what a
 * mount renews needs no restart. */

#include "common/base/utf8.h"
#include "common/os/file.h"
#include "services/identity/vault.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A name that leads nowhere else.
static bool is_plain (const char *name)
{
    return *name && *name != '.' && !strchr (name, '/');
}

static fault_t read_one (turn_t *turn, const char *folder, const char *name, value_t *out)
{
    const char *path = arena_printf (turn->arena, "%s/%s", folder, name), *text;
    struct stat info;
    if (stat (path, &info) != 0 || !S_ISREG (info.st_mode)) // A project's folder, or gone meanwhile
        return OK;
    TRY (file_read_plain (turn, path, VAULT_BYTES + 2, &text));
    size_t size = strlen (text);
    if (size > 0 && text[size - 1] == '\n')
        size--;
    if (!utf8_valid (text, size))
        return turn_fail (turn, INVALID, "%s: is not text", path);
    fault_t fault = vault_add (turn, name, text, size, out);
    return fault ? turn_fail (turn, fault, "%s: %s", folder, turn->detail) : OK;
}

static fault_t read_all (turn_t *turn, const char *folder, value_t *out)
{
    fault_t fault = OK;
    const struct dirent *entry;
    DIR *list = opendir (folder);
    if (!list)
        return errno == ENOENT || errno == ENOTDIR
                   ? OK
                   : turn_fail (turn, INVALID, "secrets_folder: %s: %s", folder, strerror (errno));
    while (!fault && (entry = readdir (list)))
        if (is_plain (entry->d_name))
            fault = read_one (turn, folder, entry->d_name, out);
    closedir (list);
    return fault == TOO_LARGE ? INVALID : fault;
}

fault_t vault_folder_read (turn_t *turn, const vault_settings_t *settings, const char *project,
                           const char *environment, value_t *out)
{
    const char *folder = settings->secrets_folder;
    if ((*project && !is_plain (project)) || (*environment && !is_plain (environment)))
        return OK;
    if (*project)
        folder = arena_printf (turn->arena, "%s/%s", folder, project);
    if (*environment)
        folder = arena_printf (turn->arena, "%s/%s", folder, environment);
    return read_all (turn, folder, out);
}
