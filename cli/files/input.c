/* input.c - see input.h. */

#include "cli/files/input.h"

#include "common/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
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

// What is typed at a terminal is not shown.
static fault_t read_terminal (turn_t *turn, const char *name, const char **out, size_t *size)
{
    struct termios before, hidden;
    bool hides = tcgetattr (STDIN_FILENO, &before) == 0;
    hidden = before;
    hidden.c_lflag &= ~(tcflag_t) ECHO;
    fprintf (stderr, "Value of %s (it is not shown; end it with Enter and Ctrl-D): ", name);
    if (hides)
        tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
    fault_t fault = input_read (turn, "-", out, size);
    if (hides)
        tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
    fprintf (stderr, "\n");
    return fault;
}

fault_t input_value (turn_t *turn, const char *name, const char **out)
{
    const char *text;
    size_t size;
    TRY (isatty (STDIN_FILENO) ? read_terminal (turn, name, &text, &size)
                               : input_read (turn, "-", &text, &size));
    if (size > 0 && text[size - 1] == '\n')
        size -= size > 1 && text[size - 2] == '\r' ? 2 : 1;
    *out = arena_strndup (turn->arena, text, size);
    if (memchr (text, 0, size) || !utf8_valid (text, size))
        return turn_fail (turn, INVALID,
                          "standard input: is not text; encode it (base64), and decode it in the job");
    return OK;
}
