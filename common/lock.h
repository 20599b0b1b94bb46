/* lock.h - one process at a time has this folder.
 *
 * A file that is locked while its holder lives; the kernel gives it back however the holder ends. Between processes only: within
 * one it does not hold anybody off. */

#ifndef OPENCICD_LOCK_H
#define OPENCICD_LOCK_H

#include "common/turn.h"

#include <sys/types.h>

// Makes the file and locks it until *fd is closed. CONFLICT where another process has it, naming that.
MUST_USE fault_t lock_take (int *fd, turn_t *turn, const char *path);
pid_t lock_holder (const char *path); // 0 where no other process has it

#endif
