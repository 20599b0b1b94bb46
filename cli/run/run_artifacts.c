/* run_artifacts.c - see run_artifacts.h. A path of an artifact comes from a job: no part of it may lead out of the folder. */

#include "cli/run/run_artifacts.h"

#include "common/base/path.h"
#include "common/base/url.h"
#include "common/os/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool write_piece (void *fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write (*(int *) fd, bytes, size);
        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t) written : 0;
    }
    return true;
}

static fault_t get_file (const cli_t *cli, client_t *client, const char *artifact, const char *path,
                         const char *folder)
{
    turn_t *turn = cli->turn;
    const char *target = arena_printf (turn->arena, "%s/%s", folder, path);
    if (!path_is_inside (path))
        return turn_fail (turn, INVALID, "%s: not a path within an artifact", path);
    TRY (folder_make_open (turn,
                           arena_strndup (turn->arena, target, (size_t) (strrchr (target, '/') - target))));
    (void) unlink (target); // Never written through: it may be a link, or a file with another name elsewhere
    int fd = open (target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return turn_fail (turn, BROKEN, "%s: %s", target, strerror (errno));
    errno = 0; // BROKEN is the server's as well: only with an errno is it the file's
    fault_t fault = client_download (
        client, turn,
        arena_printf (turn->arena, "/artifacts/%s/files/%s", artifact, url_escape (turn->arena, path, "/")),
        NULL, write_piece, &fd);
    if (close (fd) != 0 && fault == OK)
        fault = BROKEN;
    return fault == BROKEN && errno ? turn_fail (turn, BROKEN, "%s: %s", target, strerror (errno)) : fault;
}

static fault_t get_artifact (const cli_t *cli, client_t *client, const value_t *listed, const char *folder)
{
    answer_t answer;
    const value_t *const *files;
    const char *id = value_get_text (listed, "id"), *name = value_get_text (listed, "name");
    if (!path_is_inside (name) || strchr (name, '/'))
        return turn_fail (cli->turn, INVALID, "%s: not a valid name for an artifact", name);
    TRY (client_ask (client, cli->turn, "GET", path_of (cli, "/artifacts/%s", id), NULL, &answer));
    const char *into = arena_printf (cli->turn->arena, "%s/%s", folder, name);
    TRY (folder_make_open (cli->turn, into));
    size_t count = items_of (answer.json, "files", &files);
    for (size_t i = 0; i < count; i++)
        TRY (get_file (cli, client, id, value_get_text (files[i], "path"), into));
    return OK;
}

fault_t run_artifacts_get (const cli_t *cli, client_t *client, const char *run, const char *folder)
{
    const char *cursor = "";
    do {
        answer_t answer;
        const value_t *const *items;
        const char *path = path_of (cli, "/runs/%s/artifacts", run);
        path = path_with (cli, path, "cursor", *cursor ? cursor : NULL);
        TRY (client_ask (client, cli->turn, "GET", path, NULL, &answer));
        size_t count = items_of (answer.json, "items", &items);
        for (size_t i = 0; i < count; i++)
            if (bool_of (items[i], "complete")) // A job that was cancelled may have left a part of one
                TRY (get_artifact (cli, client, items[i], folder));
        cursor = value_get_text (answer.json, "next");
    } while (*cursor);
    return OK;
}
