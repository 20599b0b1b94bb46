/* raw.c - see raw.h. */

#include "cli/terminal/raw.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool changed;

void raw_end (void)
{
    if (changed)
        (void) tcsetattr (STDIN_FILENO, TCSADRAIN, &before);
    changed = false;
}

bool raw_begin (void)
{
    struct termios raw;
    if (tcgetattr (STDIN_FILENO, &before) != 0)
        return false;
    raw = before;
    cfmakeraw (&raw);
    changed = tcsetattr (STDIN_FILENO, TCSADRAIN, &raw) == 0; // What was typed already counts
    if (changed)
        atexit (raw_end); // However the program ends, but for a signal that kills it
    return changed;
}

bool raw_size (uint32_t *columns, uint32_t *rows)
{
    struct winsize size;
    bool known =
        ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl (STDIN_FILENO, TIOCGWINSZ, &size) == 0;
    if (!known || size.ws_col == 0 || size.ws_row == 0)
        return false;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}
