/* callable.c - see callable.h. */

#include "services/scheduler/run/callable.h"

#include "common/base/commit_id.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/store/project_store.h"
#include "workflow/plan/context.h"

#include <strings.h>

#define REPOSITORIES 50 // That one run calls files of

static void add (turn_t *turn, planned_files_t *files, const scm_tree_t *tree, const char *before,
                 const char *behind)
{
    planned_file_t *all = arena_array (turn->arena, files->count + tree->files.count + 1, sizeof *all);
    if (files->count > 0)
        memcpy (all, files->items, files->count * sizeof *all);
    files->items = all;
    for (size_t i = 0; i < tree->files.count; i++) {
        const file_text_t *file = &tree->files.items[i];
        all[files->count++] = (planned_file_t){
            arena_printf (turn->arena, "%s/%s%s", before, file->path, behind),
            arena_copy (turn->arena, file->text.data, file->text.size), file->text.size, NULL, NULL};
    }
}

planned_files_t callable_new (turn_t *turn, const scm_tree_t *tree)
{
    planned_files_t files = {0};
    add (turn, &files, tree, ".", "");
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

static fault_t fetch (scheduler_t *self, turn_t *turn, const char *repository, const char *ref,
                      planned_files_t *files)
{
    project_t project;
    scm_tree_t tree;
    TRY (find_project (self, turn, repository, &project));
    if (!*project.url)
        return OK;
    bool commit = commit_id_is (ref);
    scm_fetch_t ask = {.url = project.url,
                       .ref = commit ? "" : ref,
                       .sha = commit ? ref : "",
                       .before = "",
                       .trusted = project.trusted};
    fault_t fault = actor_call (turn, MSG_scm_fetch, &ask, &tree);
    if (fault == NOT_FOUND) { // It has no such branch, tag or commit
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    add (turn, files, &tree, repository, arena_printf (turn->arena, "@%s", ref));
    return OK;
}

fault_t callable_complete (scheduler_t *self, turn_t *turn, const plan_t *plan, planned_files_t *files)
{
    const char *repository, *ref, *path = planner_file_name (plan);
    TRY (files_read_for (self, turn, files, path));
    strs_t tried = {arena_array (turn->arena, REPOSITORIES, sizeof (char *)), 0};
    while (tried.count < REPOSITORIES && planner_missing (turn, plan, files, &tried, &repository, &ref)) {
        tried.items[tried.count++] = arena_printf (turn->arena, "%s@%s", repository, ref);
        TRY (fetch (self, turn, repository, ref, files));
        TRY (files_read_for (self, turn, files, path));
    }
    return OK;
}
