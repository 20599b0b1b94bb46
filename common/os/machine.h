/* machine.h - this machine's processor, in the words of GitHub's `runner.arch`. */

#ifndef OPENCICD_MACHINE_H
#define OPENCICD_MACHINE_H

#include "common/base/arena.h"

const char *machine_arch (arena_t *arena); // "X64", "ARM64", "ARM" or "X86"; of others what `uname -m` says

#endif
