/* spawn.c - see spawn.h. */

#include "common/os/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int add_stream (posix_spawn_file_actions_t *actions, int from, int to)
{
    if (from == 0)
        return posix_spawn_file_actions_addopen (actions, to, "/dev/null", to == 0 ? O_RDONLY : O_WRONLY, 0);
    return posix_spawn_file_actions_adddup2 (actions, from == SPAWN_OURS ? to : from, to);
}

// Is it a terminal, for a shell?
static bool has_terminal (const spawn_t *spec)
{
    return spec->streams[0] > 2 && isatty (spec->streams[0]);
}

// The first terminal that the leader of a session opens becomes its controlling one: so it is opened anew, through what the kernel shows of
// our descriptor.
static int add_terminal (posix_spawn_file_actions_t *actions, int terminal)
{
    char path[32];
    snprintf (path, sizeof path, "/proc/self/fd/%d", terminal);
    int error = posix_spawn_file_actions_addopen (actions, 0, path, O_RDWR, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2 (actions, 0, 1);
    return error ? error : posix_spawn_file_actions_adddup2 (actions, 0, 2);
}

static int add_actions (posix_spawn_file_actions_t *actions, const spawn_t *spec)
{
    int error = has_terminal (spec) ? add_terminal (actions, spec->streams[0]) : 0;
    for (int i = 0; i < 3 && !error && !has_terminal (spec); i++)
        error = add_stream (actions, spec->streams[i], i);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np (actions, 3);
    if (!error && spec->folder)
        error = posix_spawn_file_actions_addchdir_np (actions, spec->folder);
    return error;
}

static int add_attributes (posix_spawnattr_t *attributes, bool session)
{
    sigset_t all, none;
    sigfillset (&all);
    sigemptyset (&none);
    int error = posix_spawnattr_setflags (attributes, (session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) |
                                                          POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (!error && !session)
        error = posix_spawnattr_setpgroup (attributes, 0);
    if (!error)
        error = posix_spawnattr_setsigdefault (attributes, &all);
    return error ? error : posix_spawnattr_setsigmask (attributes, &none);
}

int spawn_start (const spawn_t *spec, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init (&actions) != 0 || posix_spawnattr_init (&attributes) != 0)
        abort ();
    int error = add_actions (&actions, spec);
    if (!error)
        error = add_attributes (&attributes, has_terminal (spec));
    char *const *environment = spec->environment ? (char *const *) spec->environment : environ;
    if (!error)
        error =
            posix_spawnp (pid, spec->argv[0], &actions, &attributes, (char *const *) spec->argv, environment);
    posix_spawn_file_actions_destroy (&actions);
    posix_spawnattr_destroy (&attributes);
    return error;
}
