/* spawn.h - the one way a process is started: by posix_spawn, the leader of a group of its own, with nothing but its three streams.
 *
 * Where its standard input is a terminal, that becomes its controlling one, and it the leader of a session: for shells (pty.h).
 * process.h is for whoever starts processes; this is what it and the first process of a sandbox have in common. */

#ifndef OPENCICD_SPAWN_H
#define OPENCICD_SPAWN_H

#include <sys/types.h>

#define SPAWN_OURS (-1) // This process's own stream

typedef struct {
    const char *const *argv;        // Ends with NULL; a name without a slash is looked up in our PATH
    const char *const *environment; // "NAME=value", ends with NULL; NULL: ours
    const char *folder;             // NULL: ours
    int streams[3];                 // Descriptors above 2; 0: /dev/null; SPAWN_OURS
} spawn_t;

int spawn_start (const spawn_t *spec, pid_t *pid); // 0, or why not: an errno

#endif
