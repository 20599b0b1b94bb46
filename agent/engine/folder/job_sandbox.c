/* job_sandbox.c - see job_sandbox.h. */

#include "agent/engine/folder/job_sandbox.h"

#include "common/base/log.h"
#include "common/os/rooted.h"

#include <stdlib.h>

struct job_sandbox {
    isolation_t isolation;
    workspace_t *folders;
    const char *const *groups; // NULL: none
    sandbox_t *sandbox;        // NULL: none could be made, or none is wanted
};

static fault_t make (job_sandbox_t *self, turn_t *turn)
{
    if (!self->isolation.program)
        return turn_fail (turn, NOT_FOUND, "opencicd-sandbox is not in this program's folder");
    const workspace_t *folders = self->folders;
    const char *const shared[] = {folders->workspace, folders->temp,  folders->commands,
                                  folders->actions,   folders->tools, NULL};
    const char *const *more = self->isolation.hidden;
    size_t count = 0;
    while (more && more[count])
        count++;
    const char **hidden = arena_array (turn->arena, count + 2, sizeof (char *));
    hidden[0] = folders->root;
    for (size_t i = 0; i < count; i++)
        hidden[i + 1] = more[i];
    const sandbox_spec_t spec = {self->isolation.program, folders->sandbox, hidden, shared,
                                 self->isolation.shown,   self->groups};
    return sandbox_new (&self->sandbox, turn, &spec);
}

static fault_t try (job_sandbox_t *self, turn_t *turn)
{
    TRY (make (self, turn));
    fault_t fault = sandbox_ready (self->sandbox, turn);
    sandbox_destroy (&self->sandbox);
    return fault;
}

static void give_up (job_sandbox_t *self, const char *why)
{
    if (self->isolation.mode == ISOLATE_ON) {
        log_error ("jobs cannot be isolated, so all of them will fail", "why", why, NULL);
        return;
    }
    log_warn ("jobs are not isolated from this machine, nor from each other", "why", why, NULL);
    self->isolation.mode = ISOLATE_OFF;
}

job_sandbox_t *job_sandbox_new (const isolation_t *isolation, workspace_t *folders)
{
    job_sandbox_t *self = calloc (1, sizeof (job_sandbox_t));
    if (!self)
        abort ();
    *self = (job_sandbox_t){.isolation = *isolation, .folders = folders};
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    if (isolation->mode != ISOLATE_OFF && try (self, &turn) != OK)
        give_up (self, turn.detail);
    arena_destroy (&arena);
    return self;
}

fault_t job_sandbox_limit (job_sandbox_t *self, turn_t *turn, const char *const *groups)
{
    if (self->isolation.mode == ISOLATE_OFF)
        return turn_fail (
            turn, INVALID,
            "memory, cpus and processes can be limited only where jobs are isolated (--isolation)");
    self->groups = groups;
    return try (self, turn);
}

void job_sandbox_destroy (job_sandbox_t **self_p)
{
    if (!*self_p)
        return;
    job_sandbox_leave (*self_p);
    free (*self_p);
    *self_p = NULL;
}

void job_sandbox_prepare (job_sandbox_t *self)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    if (self->isolation.mode != ISOLATE_OFF && make (self, &turn) != OK)
        log_warn ("no sandbox can be made", "why", turn.detail, NULL);
    arena_destroy (&arena);
}

fault_t job_sandbox_enter (job_sandbox_t *self, turn_t *turn)
{
    if (self->isolation.mode == ISOLATE_OFF)
        return OK;
    if (!self->sandbox)
        return turn_fail (turn, UNAVAILABLE, "there is no sandbox");
    TRY (sandbox_ready (self->sandbox, turn));
    self->folders->view = sandbox_link_root (sandbox_link (self->sandbox));
    return OK;
}

sandbox_link_t *job_sandbox_link (const job_sandbox_t *self)
{
    return self->sandbox ? sandbox_link (self->sandbox) : NULL;
}

void job_sandbox_leave (job_sandbox_t *self)
{
    self->folders->view = ROOTED_OURS;
    sandbox_destroy (&self->sandbox);
}
