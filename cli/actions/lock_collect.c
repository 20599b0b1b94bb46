/* lock_collect.c - which actions the workflows of a working tree use, at which commits, and what those use in turn.
 *
 * The same store as an agent's finds them (agent/engine/action_store.h), so that what is written is what will run. An action of the working
 * tree itself (./path, $/path) needs no entry; what it uses counts for the workflow. One that is not there yet is made by the job: what it
 * uses cannot be known. */

#include "agent/engine/actions/action_store.h"
#include "agent/engine/builtin/builtin.h"
#include "cli/actions/lock_file.h"
#include "cli/files/input.h"
#include "cli/files/run_folder.h"
#include "cli/lint/lint.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"
#include "workflow/model/action_lock.h"
#include "workflow/plan/load.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 10 // As an agent follows them

typedef struct {
    turn_t *turn;
    const lock_options_t *options;
    action_store_t *store;
    lock_file_t *lock;
    lock_names_t seen; // References whose action was read, with where its uses count
} collect_t;

static fault_t add_steps (collect_t *self, const step_t *steps, size_t count, const action_found_t *inside,
                          lock_names_t *uses, unsigned depth);

// ---- which commit

static fault_t look (void *self_, turn_t *turn, const char *key, const char *commit, pin_t *out)
{
    const collect_t *self = self_;
    (void) turn;
    const lock_action_t *known = lock_action (self->lock, key);
    if (!known && !self->options->update)
        known = lock_action (self->options->old, key);
    if (known)
        *out = (pin_t){PIN_FILE, known->commit};
    else
        *out = (pin_t){*commit ? PIN_RECORD : PIN_NONE, commit};
    return OK;
}

static lock_action_t *enter_action (collect_t *self, const action_ref_t *ref, const char *commit)
{
    lock_action_t *action = lock_action (self->lock, ref->key);
    if (action)
        return action;
    arena_t *arena = self->turn->arena;
    const lock_action_t *old = lock_action (self->options->old, ref->key);
    action = arena_alloc (arena, sizeof (lock_action_t));
    *action = (lock_action_t){.name = arena_printf (arena, "%s%s%s@%s", ref->site, *ref->site ? "/" : "",
                                                    ref->repository, ref->ref),
                              .key = ref->key,
                              .ref = ref->ref,
                              .commit = commit,
                              .owner_id = old ? old->owner_id : NULL,
                              .repo_id = old ? old->repo_id : NULL};
    lock_add_action (self->lock, action);
    return action;
}

// An agent has it itself, whatever is locked: a source that lacks it is no error.
static fault_t leave_builtin (collect_t *self, const action_ref_t *ref, fault_t fault, lock_names_t *uses)
{
    arena_t *arena = self->turn->arena;
    if (!builtin_find (ref->text, NULL, NULL))
        return fault;
    const lock_action_t *old = lock_action (self->options->old, ref->key);
    if (old)
        lock_names_add (arena, uses, enter_action (self, ref, old->commit)->name);
    else
        self->options->note (arena_printf (
            arena, "%s is left out: it is built into the agents, and no source has it", ref->text));
    self->turn->detail = NULL;
    return OK;
}

// ---- what is used

// Once for each place in which its uses count.
static bool is_new (collect_t *self, const char *uses, const lock_names_t *into)
{
    size_t before = self->seen.count;
    lock_names_add (self->turn->arena, &self->seen,
                    arena_printf (self->turn->arena, "%p %s", (const void *) into, uses));
    return self->seen.count > before;
}

static fault_t add_repository (collect_t *self, const action_ref_t *ref, const action_found_t *inside,
                               lock_names_t *uses, unsigned depth)
{
    action_found_t found;
    fault_t fault = action_store_resolve (self->store, self->turn, ref->text, inside, NULL, &found);
    if (fault)
        return leave_builtin (self, ref, fault, uses);
    lock_action_t *action = enter_action (self, ref, found.commit);
    lock_names_add (self->turn->arena, uses, action->name);
    if (self->lock->action_count > ACTION_LOCK_ENTRIES)
        return turn_fail (self->turn, TOO_LARGE, "the workflows use more than %d actions",
                          ACTION_LOCK_ENTRIES);
    if (!is_new (self, ref->text, &action->uses))
        return OK;
    return add_steps (self, found.action->steps, found.action->step_count, &found, &action->uses, depth);
}

// Within the repository of a remote action, `inside`; else in the working tree.
static fault_t add_local (collect_t *self, const action_ref_t *ref, const action_found_t *inside,
                          lock_names_t *uses, unsigned depth)
{
    action_found_t found;
    bool remote = ref->kind == USES_SELF && inside && inside->ref.kind != USES_WORKSPACE;
    const char *text = remote ? ref->text : arena_printf (self->turn->arena, "./%s", ref->path);
    if (!is_new (self, text, uses))
        return OK;
    fault_t fault = action_store_resolve (self->store, self->turn, text, inside, NULL, &found);
    if (fault == NOT_FOUND && !remote) {
        self->options->note (arena_printf (
            self->turn->arena, "%s is not in the working tree: what it uses is not locked", text));
        self->turn->detail = NULL;
        return OK;
    }
    return fault ? fault
                 : add_steps (self, found.action->steps, found.action->step_count, &found, uses, depth);
}

static fault_t add_uses (collect_t *self, const char *text, const action_found_t *inside, lock_names_t *uses,
                         unsigned depth)
{
    action_ref_t ref;
    const char *error;
    if (action_ref_parse (self->turn->arena, text, &ref, &error) != OK)
        return turn_fail (self->turn, INVALID, "%s", error);
    if (ref.kind == USES_IMAGE)
        return OK;
    if (depth > DEPTH_MAX)
        return turn_fail (self->turn, TOO_LARGE, "%s: actions use one another more than %d deep", text,
                          DEPTH_MAX);
    return ref.kind == USES_REPOSITORY ? add_repository (self, &ref, inside, uses, depth + 1)
                                       : add_local (self, &ref, inside, uses, depth + 1);
}

static fault_t add_steps (collect_t *self, const step_t *steps, size_t count, const action_found_t *inside,
                          lock_names_t *uses, unsigned depth)
{
    for (size_t i = 0; i < count; i++) {
        TRY (add_steps (self, steps[i].members, steps[i].member_count, inside, uses, depth));
        if (steps[i].kind == STEP_USES)
            TRY (add_uses (self, steps[i].uses.text, inside, uses, depth));
    }
    return OK;
}

// ---- the files

static fault_t add_workflow (collect_t *self, const char *path, const char *name)
{
    turn_t *turn = self->turn;
    const char *text;
    size_t size;
    findings_t findings;
    const workflow_t *workflow;
    TRY (input_read (turn, path, &text, &size));
    findings_init (&findings, turn->arena, path);
    if (workflow_load (turn->arena, path, text, size, &findings, &workflow) != OK)
        return turn_fail (turn, INVALID, "%s is not valid: see `opencicd lint %s`", path, path);
    lock_names_t *uses = &lock_add_workflow (self->lock, name)->uses;
    for (size_t i = 0; i < workflow->job_count; i++) {
        fault_t fault =
            add_steps (self, workflow->jobs[i].steps, workflow->jobs[i].step_count, NULL, uses, 0);
        if (fault)
            return turn_fail (turn, fault, "%s: job %s: %s", path, workflow->jobs[i].key.text,
                              turn->detail ? turn->detail : fault_text (fault));
    }
    return OK;
}

static fault_t add_workflows (collect_t *self, const working_tree_t *tree)
{
    static const char *const folders[] = {".github/workflows", ".opencicd/workflows"};
    arena_t *arena = self->turn->arena;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *folder = arena_printf (arena, "%s/%s", tree->root, folders[i]);
        if (access (folder, F_OK) != 0)
            continue;
        paths_t paths = lint_files (arena, (args_t){.items = &folder, .count = 1});
        for (size_t k = 0; k < paths.count; k++)
            TRY (add_workflow (self, paths.paths[k], paths.paths[k] + strlen (tree->root) + 1));
    }
    return OK;
}

fault_t lock_collect (turn_t *turn, const working_tree_t *tree, const lock_options_t *options,
                      lock_file_t *out)
{
    arena_t *arena = turn->arena;
    char *folder = arena_printf (arena, "%s/lock-XXXXXX", run_cache (arena));
    *out = (lock_file_t){.arena = arena};
    TRY (folder_make (turn, run_cache (arena)));
    if (!mkdtemp (folder))
        return turn_fail (turn, BROKEN, "%s: %m", folder);
    collect_t self = {.turn = turn, .options = options, .lock = out};
    const action_settings_t settings = {.cache = arena_printf (arena, "%s/actions", run_cache (arena)),
                                        .sources = options->sources,
                                        .git_config = options->git_config};
    const action_pins_t pins = {.self = &self, .look = look};
    const action_store_options_t store = {.settings = &settings,
                                          .folder = folder,
                                          .workspace = tree->root,
                                          .repository = tree->remote,
                                          .name = tree->repository,
                                          .sha = "",
                                          .pins = &pins,
                                          .accept_command = ""};
    self.store = action_store_new (&store);
    fault_t fault = add_workflows (&self, tree);
    const char *why = turn->detail;
    action_store_destroy (&self.store);
    run_folder_remove (folder);
    turn->detail = why;
    lock_sort (out);
    return fault;
}
