/* pty.h - a terminal for a process that somebody uses from afar. */

#ifndef OPENCICD_PTY_H
#define OPENCICD_PTY_H

#include "common/base/turn.h"

#include <stdint.h>

// *master: what is printed is read from it, and what is typed written to it; it does not block. *tty: what the process gets as its three
// streams (process.h); to be closed once it was started.
MUST_USE fault_t pty_open (turn_t *turn, uint32_t columns, uint32_t rows, int *master, int *tty);
void pty_resize (int master, uint32_t columns, uint32_t rows); // Its foreground processes get SIGWINCH

#endif
