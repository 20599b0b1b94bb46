/* callable.c - see callable.h. */

#include "services/scheduler/run/callable.h"

#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/run/pins.h"
#include "services/scheduler/store/project_store.h"
#include "workflow/model/action_ref.h"
#include "workflow/plan/context.h"

#include <strings.h>

static void add (turn_t *turn, planned_files_t *files, const file_text_items_t *found, const char *before,
                 const char *after)
{
    planned_file_t *all = arena_array (turn->arena, files->count + found->count + 1, sizeof *all);
    if (files->count > 0)
        memcpy (all, files->items, files->count * sizeof *all);
    files->items = all;
    for (size_t i = 0; i < found->count; i++) {
        const file_text_t *file = &found->items[i];
        all[files->count++] = (planned_file_t){
            arena_printf (turn->arena, "%s/%s%s", before, file->path, after),
            arena_copy (turn->arena, file->text.data, file->text.size), file->text.size, NULL, NULL};
    }
}

planned_files_t callable_new (turn_t *turn, const scm_tree_t *tree)
{
    planned_files_t files = {0};
    add (turn, &files, &tree->files, ".", "");
    return files;
}

// The project whose repository is "owner/repo"; its url is "" where there is none.
static fault_t find_project (scheduler_t *self, turn_t *turn, const char *repository, project_t *out)
{
    project_items_t projects;
    TRY (project_store_like (self->db, turn, repository, &projects));
    *out = (project_t){.url = ""};
    for (size_t i = 0; i < projects.count; i++) {
        const project_t *project = &projects.items[i];
        if (strcasecmp (context_repository (turn->arena, project->url, project->name), repository) == 0)
            *out = *project;
    }
    return OK;
}

// What one look for a repository is about.
typedef struct {
    scheduler_t *self;
    turn_t *turn;
    const project_t *project; // Whose workflow calls
    planned_files_t *files;
    action_ref_t ref;
    planned_repository_t *found;
} fetch_t;

static void found (fetch_t *self, const file_text_items_t *files, const char *url, const char *commit)
{
    arena_t *arena = self->turn->arena;
    const char *key = self->found->key, *at = strrchr (key, '@');
    self->found->reason = arena_printf (arena, "%s has no such file at commit %.12s", url, commit);
    self->found->url = url;
    self->found->sha = commit;
    add (self->turn, self->files, files, arena_strndup (arena, key, (size_t) (at - key)), at);
}

// A tag before a branch of its name, as GitHub has it.
static fault_t fetch_project (fetch_t *self, const project_t *project)
{
    static const char *const prefixes[] = {"refs/tags/", "refs/heads/"};
    const char *ref = self->ref.ref;
    bool named = self->ref.is_commit || strncmp (ref, "refs/", 5) == 0;
    fault_t fault = NOT_FOUND;
    scm_tree_t tree;
    for (size_t i = 0; i < (named ? 1 : 2) && fault == NOT_FOUND; i++) {
        const char *full = named ? ref : arena_printf (self->turn->arena, "%s%s", prefixes[i], ref);
        scm_fetch_t ask = {.url = project->url,
                           .ref = self->ref.is_commit ? "" : full,
                           .sha = self->ref.is_commit ? ref : "",
                           .before = "",
                           .trial = "",
                           .trusted = project->trusted};
        self->turn->detail = NULL;
        fault = actor_call (self->turn, MSG_scm_fetch, &ask, &tree);
    }
    if (fault == NOT_FOUND) {
        self->found->reason = arena_printf (
            self->turn->arena, "the project %s has no branch, tag or commit %s", project->name, ref);
        self->turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    found (self, &tree.files, project->url, tree.sha);
    return OK;
}

static fault_t read_lock (fetch_t *self, const char **commit)
{
    action_pin_t pin;
    *commit = "";
    if (self->ref.is_commit)
        return OK;
    fault_t fault = pin_store_find (self->self->db, self->turn, self->project->id, self->ref.key, &pin);
    if (fault == OK)
        *commit = pin.commit;
    return fault == NOT_FOUND ? OK : fault;
}

static bool is_refusal (fault_t fault)
{
    return fault == NOT_FOUND || fault == FORBIDDEN || fault == INVALID || fault == TOO_LARGE;
}

static fault_t fetch_source (fetch_t *self)
{
    turn_t *turn = self->turn;
    planned_repository_t *repository = self->found;
    const char *locked;
    scm_called_files_t files;
    TRY (read_lock (self, &locked));
    const scm_called_t ask = {.repository = self->ref.repository,
                              .site = self->ref.site,
                              .ref = self->ref.ref,
                              .commit = locked,
                              .url = self->project->url,
                              .name =
                                  context_repository (turn->arena, self->project->url, self->project->name),
                              .trusted = self->project->trusted};
    fault_t fault = actor_call (turn, MSG_scm_called, &ask, &files);
    if (is_refusal (fault)) {
        repository->reason = arena_printf (turn->arena, "no project here is %s, and %s", self->ref.repository,
                                           turn->detail ? turn->detail : fault_text (fault));
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    if (!self->ref.is_commit)
        repository->reference = self->ref.key;
    if (*locked && !same (locked, files.sha)) {
        repository->sha = files.sha;
        repository->locked = locked;
        repository->reason = pins_moved (turn->arena, self->project->name, self->ref.key, locked, files.sha);
        return OK;
    }
    found (self, &files.files, files.url, files.sha);
    return OK;
}

static fault_t fetch (scheduler_t *self, turn_t *turn, const project_t *project, const char *key,
                      planned_files_t *files)
{
    fetch_t fetch = {.self = self, .turn = turn, .project = project, .files = files};
    project_t other = {.url = ""};
    const char *error = NULL;
    fetch.found = &files->repositories[files->repository_count++];
    *fetch.found =
        (planned_repository_t){.key = key, .reason = "", .url = "", .sha = "", .reference = "", .locked = ""};
    if (action_ref_parse (turn->arena, key, &fetch.ref, &error) != OK) {
        fetch.found->reason = error;
        return OK;
    }
    if (!*fetch.ref.site)
        TRY (find_project (self, turn, fetch.ref.repository, &other));
    return *other.url ? fetch_project (&fetch, &other) : fetch_source (&fetch);
}

fault_t callable_complete (scheduler_t *self, turn_t *turn, const project_t *project, const plan_t *plan,
                           planned_files_t *files)
{
    const char *repository, *ref, *path = planner_file_name (plan);
    TRY (files_read_for (self, turn, files, path));
    if (!files->repositories)
        files->repositories = arena_array (turn->arena, PLANNED_REPOSITORIES, sizeof *files->repositories);
    while (files->repository_count < PLANNED_REPOSITORIES &&
           planner_missing (turn, plan, files, &repository, &ref)) {
        const char *key = arena_printf (turn->arena, "%s@%s", repository, ref);
        TRY (fetch (self, turn, project, key, files));
        TRY (files_read_for (self, turn, files, path));
    }
    return OK;
}

// ---- what they are locked to

fault_t callable_lock (scheduler_t *self, turn_t *turn, const project_t *project, const plan_t *plan,
                       planned_files_t *files)
{
    action_pin_t pin;
    for (size_t i = 0; i < files->repository_count; i++) {
        const planned_repository_t *at = &files->repositories[i];
        if (!*at->reference || !*at->sha || !planner_calls_repository (turn, plan, files, at))
            continue;
        fault_t fault = pins_record (self, turn, project->id, at->reference, at->sha, "", &pin);
        if (fault)
            return fault == TOO_LARGE ? INVALID : fault; // This workflow alone is refused
        // Between the look and this lock another run may have been first
        if (!*at->locked && !same (pin.commit, at->sha))
            return turn_fail (turn, INVALID, "%s: %s", planner_file_name (plan),
                              pins_moved (turn->arena, project->name, at->reference, pin.commit, at->sha));
    }
    return OK;
}

// ---- what a run remembers of them

const char *callable_text (turn_t *turn, const plan_t *plan, planned_files_t *files)
{
    const char *text = "";
    for (size_t i = 0; i < files->repository_count; i++) {
        const planned_repository_t *at = &files->repositories[i];
        if (*at->url && planner_calls_repository (turn, plan, files, at))
            text = arena_printf (turn->arena, "%s%s %s %s\n", text, at->key, at->sha, at->url);
    }
    return text;
}
