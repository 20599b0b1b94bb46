/* machine.c - see machine.h. */

#include "common/os/machine.h"

#include <string.h>
#include <sys/utsname.h>

const char *machine_arch (arena_t *arena)
{
    static const char *const table[][2] = {
        {"x86_64", "X64"}, {"aarch64", "ARM64"}, {"armv7l", "ARM"}, {"i686", "X86"}};
    struct utsname machine;
    uname (&machine);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp (machine.machine, table[i][0]) == 0)
            return table[i][1];
    return arena_strdup (arena, machine.machine);
}
