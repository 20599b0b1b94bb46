/* job_sandbox.c - see job_sandbox.h. */

#include "agent/engine/folder/job_sandbox.h"

#include "common/base/log.h"
#include "common/os/rooted.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job_sandbox {
    isolation_t isolation;
    workspace_t *folders;
    char *not_isolated;      // As job_sandbox_missing has it
    sandbox_maker_t *maker;  // NULL: jobs are not isolated
    sandbox_link_t *sandbox; // NULL: none could be made, or none is wanted
};

static size_t length (const char *const *list)
{
    size_t count = 0;
    while (list && list[count])
        count++;
    return count;
}

// `first`, unless it is NULL, then the list, from the file system's root: whoever makes sandboxes has another folder.
static const char *const *absolute (arena_t *arena, const char *first, const char *const *list)
{
    char here[PATH_MAX];
    size_t count = length (list), own = first ? 1 : 0;
    const char **all = arena_array (arena, count + own + 1, sizeof (char *));
    bool found = getcwd (here, sizeof (here));
    all[0] = first;
    for (size_t i = 0; i < count; i++)
        all[own + i] =
            list[i][0] == '/' ? list[i] : arena_printf (arena, "%s/%s", found ? here : "", list[i]);
    return all;
}

// `repository` is shown too, if it is not NULL.
static fault_t make (job_sandbox_t *self, turn_t *turn, const char *repository)
{
    if (!self->maker)
        return turn_fail (turn, NOT_FOUND, "opencicd-sandbox is not in this program's folder");
    return sandbox_make (self->maker, turn, repository, &self->sandbox);
}

static fault_t try (job_sandbox_t *self, turn_t *turn)
{
    TRY (make (self, turn, NULL));
    fault_t fault = sandbox_link_ready (self->sandbox, turn);
    sandbox_link_destroy (&self->sandbox);
    return fault;
}

static void open_maker (job_sandbox_t *self, arena_t *arena, const char *const *groups)
{
    const workspace_t *folders = self->folders;
    const char *const shared[] = {folders->workspace, folders->temp,  folders->commands,
                                  folders->actions,   folders->tools, NULL};
    sandbox_maker_destroy (&self->maker);
    if (!self->isolation.program)
        return;
    const sandbox_spec_t spec = {self->isolation.program,
                                 folders->sandbox,
                                 absolute (arena, folders->root, self->isolation.hidden),
                                 absolute (arena, NULL, shared),
                                 absolute (arena, NULL, self->isolation.shown),
                                 groups};
    self->maker = sandbox_maker_new (&spec);
}

static void give_up (job_sandbox_t *self, const char *why)
{
    if (self->isolation.mode == ISOLATE_ON) {
        log_error ("jobs cannot be isolated, so all of them will fail", "why", why, NULL);
        return;
    }
    log_warn ("jobs are not isolated from this machine, nor from each other", "why", why, NULL);
    self->isolation.mode = ISOLATE_OFF;
    self->not_isolated = strdup (why);
    sandbox_maker_destroy (&self->maker);
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
    if (isolation->mode == ISOLATE_OFF)
        self->not_isolated = strdup ("isolation is off");
    else
        open_maker (self, arena, NULL);
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
    open_maker (self, turn->arena, groups);
    return try (self, turn);
}

void job_sandbox_destroy (job_sandbox_t **self_p)
{
    if (!*self_p)
        return;
    job_sandbox_leave (*self_p);
    sandbox_maker_destroy (&(*self_p)->maker);
    free ((*self_p)->not_isolated);
    free (*self_p);
    *self_p = NULL;
}

const char *job_sandbox_missing (const job_sandbox_t *self)
{
    return self->not_isolated ? self->not_isolated : "";
}

void job_sandbox_prepare (job_sandbox_t *self)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    if (self->isolation.mode != ISOLATE_OFF && make (self, &turn, NULL) != OK)
        log_warn ("no sandbox can be made", "why", turn.detail, NULL);
    arena_destroy (&arena);
}

// ---- a repository in a folder of this machine

static bool is_below (const char *path, const char *folder)
{
    size_t size = strlen (folder);
    return strncmp (path, folder, size) == 0 && (path[size] == '/' || path[size] == 0);
}

static bool is_hidden (const job_sandbox_t *self, const char *path)
{
    char real[PATH_MAX];
    const char *const *hidden = self->isolation.hidden;
    bool found = is_below (path, self->folders->root);
    for (; hidden && *hidden && !found; hidden++)
        found = is_below (path, *hidden) || (realpath (*hidden, real) && is_below (path, real));
    return found;
}

// The folder, where the job could not see it though nobody hides it; else NULL. It has to be a repository: what is shown is what a clone
// would read.
static const char *unseen_folder (const job_sandbox_t *self, arena_t *arena, const char *repository)
{
    char real[PATH_MAX];
    struct stat status;
    if (repository[0] != '/' || rooted_stat (self->folders->view, repository, true, &status) == 0 ||
        !realpath (repository, real) || is_hidden (self, real))
        return NULL;
    bool found = stat (arena_printf (arena, "%s/HEAD", real), &status) == 0 ||
                 stat (arena_printf (arena, "%s/.git", real), &status) == 0;
    return found ? arena_strdup (arena, real) : NULL;
}

static fault_t wait_and_view (job_sandbox_t *self, turn_t *turn)
{
    TRY (sandbox_link_ready (self->sandbox, turn));
    self->folders->view = sandbox_link_root (self->sandbox);
    return OK;
}

fault_t job_sandbox_enter (job_sandbox_t *self, turn_t *turn, const char *repository)
{
    if (self->isolation.mode == ISOLATE_OFF)
        return OK;
    if (!self->sandbox)
        return turn_fail (turn, UNAVAILABLE, "there is no sandbox");
    TRY (wait_and_view (self, turn));
    const char *unseen = repository ? unseen_folder (self, turn->arena, repository) : NULL;
    if (!unseen)
        return OK;
    job_sandbox_leave (self);
    TRY (make (self, turn, unseen));
    return wait_and_view (self, turn);
}

sandbox_link_t *job_sandbox_link (const job_sandbox_t *self)
{
    return self->sandbox;
}

void job_sandbox_leave (job_sandbox_t *self)
{
    self->folders->view = ROOTED_OURS;
    sandbox_link_destroy (&self->sandbox);
}
