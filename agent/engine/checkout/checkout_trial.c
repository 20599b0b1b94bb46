/* checkout_trial.c - the commit of a trial (`opencicd run --remote`): what it builds on comes from the repository, what is new from the server.
 *
 * The bundle is read by git as any other, so each commit that it builds on gets a name first: git takes a bundle only where those are reachable. */

#include "agent/engine/checkout/checkout.h"
#include "agent/engine/folder/workspace.h"
#include "common/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE (1 << 20) // Bytes that are asked for at once; more than a bundle's head has

// Waits for a server that is away. *got 0: there is nothing behind `offset`.
static fault_t read_piece (const checkout_t *self, turn_t *turn, int64_t offset, char *piece, size_t *got)
{
    const artifact_port_t *port = self->call->artifacts;
    builtin_retry_t retry = {.until_us = 0};
    fault_t fault;
    *got = 0;
    do
        fault = port->trial (port->self, turn, offset, piece, PIECE, got);
    while (builtin_retry (self->call, turn, fault, &retry));
    return fault == BAD_RANGE && offset > 0 ? OK : fault;
}

static fault_t copy_bundle (const checkout_t *self, turn_t *turn, int fd, char *piece, git_bundle_t *bundle)
{
    size_t got = PIECE;
    for (int64_t offset = 0; got == PIECE; offset += (int64_t) got) {
        TRY (read_piece (self, turn, offset, piece, &got));
        if (offset == 0)
            TRY (git_bundle_read (turn, piece, got, bundle));
        if (write (fd, piece, got) != (ssize_t) got)
            return turn_fail (turn, NO_SPACE, "it cannot be written: %s", strerror (errno));
    }
    return OK;
}

static bool download (const checkout_t *self, const char *path, git_bundle_t *bundle)
{
    turn_t turn;
    char *piece = malloc (PIECE);
    int fd = file_reset (path, 0600);
    turn_init (&turn, self->call->arena, "", clock_now_us (clock_system ()));
    fault_t fault = fd >= 0 && piece ? copy_bundle (self, &turn, fd, piece, bundle)
                                     : turn_fail (&turn, NO_SPACE, "%s: %s", path, strerror (errno));
    if (fd >= 0)
        close (fd);
    free (piece);
    return fault == OK || builtin_fail (self->call, "the commit of this trial cannot be fetched: %s",
                                        turn.detail ? turn.detail : fault_own_text (fault));
}

static bool fetch_bases (const checkout_t *self, const git_bundle_t *bundle)
{
    checkout_specs_t specs = {.count = 0};
    if (!self->depth)
        checkout_add (&specs, "+refs/heads/*:refs/remotes/origin/*");
    if (!self->depth || self->tags)
        checkout_add (&specs, "+refs/tags/*:refs/tags/*");
    for (size_t i = 0; i < bundle->base_count; i++)
        checkout_add (
            &specs, arena_printf (self->call->arena, "+%s:refs/remotes/trial/base-%zu", bundle->bases[i], i));
    return specs.count == 0 || checkout_fetch_specs (self, &specs);
}

bool checkout_trial (checkout_t *self)
{
    const builtin_call_t *call = self->call;
    git_bundle_t bundle = {.tip = ""};
    const char *path = arena_printf (call->arena, "%s/opencicd-trial.bundle", call->temp);
    if (!call->artifacts || !call->artifacts->trial)
        return builtin_fail (call, "the commit of this trial is on a server, and this run has none");
    if (!download (self, path, &bundle))
        return false;
    if (strcmp (bundle.tip, call->sha) != 0)
        return builtin_fail (call, "the server gave commit %s, not %s", bundle.tip, call->sha);
    const char *spec = arena_printf (call->arena, "+%s:refs/remotes/trial/head", bundle.ref);
    bool good = fetch_bases (self, &bundle) &&
                checkout_git (self, "fetch", "--quiet", "--no-tags", "--update-shallow", path, spec, NULL);
    unlink (path);
    self->commit = self->start = call->sha;
    self->ref = call->ref;
    return good;
}
