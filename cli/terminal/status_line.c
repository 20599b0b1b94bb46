/* status_line.c - see status_line.h. On standard error, and never ended, so that what is printed next takes its place. */

#include "cli/terminal/status_line.h"

#include "workflow/expression/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool drawn;

bool status_line_possible (void)
{
    return isatty (STDOUT_FILENO) && isatty (STDERR_FILENO);
}

void status_line_clear (void)
{
    if (!drawn)
        return;
    fputs ("\r\033[K", stderr);
    fflush (stderr);
    drawn = false;
}

void status_line_draw (const char *text)
{
    struct winsize window = {.ws_col = 80};
    (void) ioctl (STDERR_FILENO, TIOCGWINSZ, &window);
    size_t size = strlen (text), at = 0, used, columns = window.ws_col > 1 ? window.ws_col - 1U : 79;
    for (size_t count = 0; at < size && count < columns; count++, at += used)
        text_decode (text + at, size - at, &used);
    fflush (stdout);
    fprintf (stderr, "\r\033[K%.*s", (int) at, text);
    fflush (stderr);
    drawn = true;
}
