/* sandbox.c - see sandbox.h. */

#include "common/os/sandbox.h"

#include "common/os/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sandbox {
    process_t *
        maker; // Ends once the first process, its child and then ours (CLONE_PARENT), is there; NULL afterwards
    sandbox_link_t *link;
};

static size_t length (const char *const *paths)
{
    size_t count = 0;
    while (paths && paths[count])
        count++;
    return count;
}

static void add_words (const char **words, size_t *count, arena_t *arena, char sign, const char *const *paths)
{
    for (; paths && *paths; paths++)
        words[(*count)++] = arena_printf (arena, "%c%s", sign, *paths);
}

static const char **program_arguments (arena_t *arena, const sandbox_spec_t *spec)
{
    size_t most = 3 + length (spec->hidden) + length (spec->shared) + length (spec->shown) +
                  length (spec->groups),
           count = 0;
    const char **words = arena_array (arena, most, sizeof (char *));
    words[count++] = spec->program;
    words[count++] = spec->folder;
    add_words (words, &count, arena, '-', spec->hidden);
    add_words (words, &count, arena, '+', spec->shared);
    add_words (words, &count, arena, '=', spec->shown);
    add_words (words, &count, arena, '@', spec->groups);
    return words;
}

fault_t sandbox_new (sandbox_t **out, turn_t *turn, const sandbox_spec_t *spec)
{
    int ends[2];
    process_t *maker;
    const char *path = getenv ("PATH"), *home = getenv ("HOME");
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return turn_fail (turn, fault_from_errno (errno), "cannot make a socket: %s", strerror (errno));
    const process_spec_t process = {
        .argv = program_arguments (turn->arena, spec),
        .environment =
            (const char *const[]){arena_printf (turn->arena, "PATH=%s", path ? path : "/usr/bin:/bin"),
                                  arena_printf (turn->arena, "HOME=%s", home ? home : ""), NULL},
        .folder = "/",
        .in = ends[1]};
    fault_t fault = process_start (&maker, turn, &process);
    close (ends[1]);
    if (fault) {
        close (ends[0]);
        return fault;
    }
    sandbox_t *self = calloc (1, sizeof (sandbox_t));
    if (!self)
        abort ();
    *self = (sandbox_t){maker, sandbox_link_new (ends[0])};
    *out = self;
    return OK;
}

void sandbox_destroy (sandbox_t **self_p)
{
    sandbox_t *self = *self_p;
    if (!self)
        return;
    process_destroy (&self->maker);
    sandbox_link_destroy (&self->link);
    free (self);
    *self_p = NULL;
}

fault_t sandbox_ready (sandbox_t *self, turn_t *turn)
{
    TRY (sandbox_link_ready (self->link, turn));
    if (self->maker)
        process_release (&self->maker);
    return OK;
}

sandbox_link_t *sandbox_link (const sandbox_t *self)
{
    return self->link;
}
