/* pty.c - see pty.h. */

#include "common/os/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME_SIZE 64

void pty_resize (int master, uint32_t columns, uint32_t rows)
{
    const struct winsize size = {.ws_col = (unsigned short) columns, .ws_row = (unsigned short) rows};
    (void) ioctl (master, TIOCSWINSZ, &size);
}

fault_t pty_open (turn_t *turn, uint32_t columns, uint32_t rows, int *master, int *tty)
{
    char name[NAME_SIZE];
    *tty = -1;
    *master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (*master >= 0 && grantpt (*master) == 0 && unlockpt (*master) == 0 &&
        ptsname_r (*master, name, sizeof name) == 0)
        *tty = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*tty >= 0) {
        pty_resize (*master, columns, rows);
        return OK;
    }
    int error = errno;
    if (*master >= 0)
        close (*master);
    *master = -1;
    return turn_fail (turn, fault_from_errno (error), "a terminal cannot be made: %s", strerror (error));
}
