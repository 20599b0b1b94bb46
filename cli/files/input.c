/* input.c - see input.h. */

#include "cli/files/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static fault_t read_all (turn_t *turn, int fd, const char *path, buffer_t *into)
{
    char chunk[65536];
    ssize_t size = 0;
    while (!buffer_full (into) && (size = read (fd, chunk, sizeof chunk)) != 0) {
        if (size < 0 && errno != EINTR)
            return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
        buffer_add (into, chunk, size > 0 ? (size_t) size : 0);
    }
    if (buffer_full (into))
        return turn_fail (turn, TOO_LARGE, "%s: more than %d bytes", path, INPUT_MAX);
    return OK;
}

fault_t input_read (turn_t *turn, const char *path, const char **out, size_t *size)
{
    bool standard = strcmp (path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    buffer_t *buffer = buffer_new (INPUT_MAX);
    fault_t fault = read_all (turn, fd, path, buffer);
    if (!standard)
        close (fd);
    *size = buffer_size (buffer);
    *out = arena_copy (turn->arena, buffer_text (buffer), *size);
    buffer_destroy (&buffer);
    return fault;
}

fault_t input_object (turn_t *turn, const char *path, const value_t **out)
{
    const char *text, *error;
    size_t size;
    fault_t fault = input_read (turn, path, &text, &size);
    if (fault != OK)
        return fault;
    if (value_from_json (turn->arena, text, size, out, &error) != OK)
        return turn_fail (turn, INVALID, "%s: %s", path, error);
    if ((*out)->kind != VALUE_OBJECT)
        return turn_fail (turn, INVALID, "%s: must be a JSON object", path);
    return OK;
}
