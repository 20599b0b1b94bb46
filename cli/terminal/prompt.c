/* prompt.c - see prompt.h. */

#include "cli/terminal/prompt.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool read_stdin (char *line, size_t size)
{
    bool read = fgets (line, (int) size, stdin) != NULL;
    return read && (strchr (line, '\n') || feof (stdin));
}

static bool read_hidden (char *line, size_t size)
{
    struct termios before, after;
    bool hides = tcgetattr (STDIN_FILENO, &before) == 0;
    after = before;
    after.c_lflag &= ~(tcflag_t) ECHO;
    if (hides)
        tcsetattr (STDIN_FILENO, TCSAFLUSH, &after);
    bool read = read_stdin (line, size);
    if (hides)
        tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
    fprintf (stderr, "\n");
    return read;
}

fault_t prompt_line (turn_t *turn, const char *question, bool hidden, const char **out)
{
    char line[PROMPT_MAX];
    bool terminal = isatty (STDIN_FILENO);
    if (terminal)
        fprintf (stderr, "%s: ", question);
    bool read = terminal && hidden ? read_hidden (line, sizeof (line)) : read_stdin (line, sizeof (line));
    if (!read)
        return turn_fail (turn, BAD_INPUT, "%s: a line of at most %d bytes is missing on standard input",
                          question, PROMPT_MAX - 1);
    *out = arena_strndup (turn->arena, line, strcspn (line, "\r\n"));
    memset (line, 0, sizeof (line));
    return OK;
}
