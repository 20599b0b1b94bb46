/* sandbox.c - see sandbox.h. */

#include "common/os/sandbox.h"

#include "common/os/fd_message.h"
#include "common/os/process.h"
#include "common/os/sandbox_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sandbox_maker {
    arena_t *arena;
    const char **arguments; // Of the program
    process_t *process;     // NULL: not started
    int socket;
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
    words[count++] = arena_strdup (arena, spec->program);
    words[count++] = arena_strdup (arena, spec->folder);
    add_words (words, &count, arena, SANDBOX_HIDDEN, spec->hidden);
    add_words (words, &count, arena, SANDBOX_SHARED, spec->shared);
    add_words (words, &count, arena, SANDBOX_SHOWN, spec->shown);
    add_words (words, &count, arena, SANDBOX_GROUP, spec->groups);
    return words;
}

sandbox_maker_t *sandbox_maker_new (const sandbox_spec_t *spec)
{
    sandbox_maker_t *self = calloc (1, sizeof (sandbox_maker_t));
    if (!self)
        abort ();
    *self = (sandbox_maker_t){.arena = arena_new (), .socket = -1};
    self->arguments = program_arguments (self->arena, spec);
    return self;
}

static void stop (sandbox_maker_t *self)
{
    process_destroy (&self->process);
    if (self->socket >= 0)
        close (self->socket);
    self->socket = -1;
}

void sandbox_maker_destroy (sandbox_maker_t **self_p)
{
    if (!*self_p)
        return;
    stop (*self_p);
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

static fault_t socket_failed (turn_t *turn)
{
    return turn_fail (turn, fault_from_errno (errno), "cannot make a socket: %s", strerror (errno));
}

static fault_t start (sandbox_maker_t *self, turn_t *turn)
{
    int ends[2];
    const char *path = getenv ("PATH"), *home = getenv ("HOME");
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return socket_failed (turn);
    const process_spec_t process = {
        .argv = self->arguments,
        .environment =
            (const char *const[]){arena_printf (turn->arena, "PATH=%s", path ? path : "/usr/bin:/bin"),
                                  arena_printf (turn->arena, "HOME=%s", home ? home : ""), NULL},
        .folder = "/",
        .in = ends[1]};
    fault_t fault = process_start (&self->process, turn, &process);
    close (ends[1]);
    if (fault)
        close (ends[0]);
    else
        self->socket = ends[0];
    return fault;
}

// ---- a sandbox

// One that has ended, because somebody killed it, is started again.
static fault_t send_order (sandbox_maker_t *self, turn_t *turn, const sandbox_order_t *order, int socket)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!self->process)
            TRY (start (self, turn));
        if (fd_message_send (self->socket, order, sizeof (*order), &socket, 1))
            return OK;
        stop (self);
    }
    return turn_fail (turn, UNAVAILABLE, "%s ends as soon as it is started", self->arguments[0]);
}

fault_t sandbox_make (sandbox_maker_t *self, turn_t *turn, const char *shown, sandbox_link_t **out)
{
    int ends[2];
    sandbox_order_t order = {.shown = ""};
    if (shown && snprintf (order.shown, sizeof (order.shown), "%s", shown) >= (int) sizeof (order.shown))
        return turn_fail (turn, INVALID, "the path %.60s... is too long", shown);
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return socket_failed (turn);
    fault_t fault = send_order (self, turn, &order, ends[1]);
    close (ends[1]);
    if (fault)
        close (ends[0]);
    else
        *out = sandbox_link_new (ends[0]);
    return fault;
}
