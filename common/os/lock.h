/* lock.h - locks a folder for one process at a time.
 *
 * A file that stays locked while its holder lives; the kernel releases it however the holder ends. Only between processes: within
 * one process it excludes nobody. */

#ifndef OPENCICD_LOCK_H
#define OPENCICD_LOCK_H

#include "common/base/turn.h"

#include <sys/types.h>

// Creates the file and locks it until *fd is closed. CONFLICT, naming the holder, if another process has it.
MUST_USE fault_t lock_take (int *fd, turn_t *turn, const char *path);
pid_t lock_holder (const char *path); // The holder; 0 if no other process has it

#endif
