/* project.c - projects: registered, listed, removed; and what is read of their repositories. */

#include "common/base/id.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/rights.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/store/pin_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/schedule_store.h"
#include "services/scheduler/time/retention.h"
#include "services/scheduler/time/schedule.h"
#include "services/scheduler/time/sync.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"
#include "workflow/plan/context.h"

#define OF_FORGE_US MILLISECONDS (300)
#define PAGE_ROWS   50 // Default limit of a page

fault_t check_name (turn_t *turn, const char *what, const char *name, char kind)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (!*name || name[strspn (name, allowed)])
        return turn_fail (turn, INVALID, "name: a name of %s has only letters, digits, . _ and -", what);
    if (*name == '.' || id_is (name, kind))
        return turn_fail (turn, INVALID, "name: %s begins with a dot or looks like an id", name);
    return OK;
}

size_t page_limit (uint32_t asked)
{
    return asked == 0 ? PAGE_ROWS : asked > MAX_PAGE ? MAX_PAGE : asked;
}

static bool is_public (const project_t *project)
{
    return same (project->visibility, "public");
}

fault_t filter_project (scheduler_t *self, turn_t *turn, const char *name, const char **id)
{
    project_row_t row;
    *id = "";
    if (!*name)
        return OK;
    TRY (project_store_find (self->db, turn, name, &row));
    *id = row.project.id;
    return caller_may (&turn->caller, *id, is_public (&row.project), ROLE_VIEWER)
               ? OK
               : turn_fail (turn, NOT_FOUND, "there is no project %s", name);
}

// To whom only sees what is public, where it is cloned from, and how that goes, is not shown.
static void show (const turn_t *turn, project_t *project)
{
    role_t role = caller_role_in (&turn->caller, project->id);
    project->role = role_rank (role) >= role_rank (ROLE_VIEWER) ? role_name (role) : "";
    if (turn->caller.role != ROLE_SERVICE && !*project->role)
        project->url = project->state_reason = project->schedules_suspended = "";
}

static fault_t name_is_free (scheduler_t *self, turn_t *turn, const char *name)
{
    project_row_t row;
    fault_t fault = project_store_find (self->db, turn, name, &row);
    if (fault == NOT_FOUND) {
        turn->detail = NULL;
        return OK;
    }
    return fault ? fault
                 : turn_fail (turn, CONFLICT, "there is already a project %s: %s", name, row.project.url);
}

fault_t fetch_tree (turn_t *turn, const project_row_t *project, const scm_fetch_t *ask, scm_tree_t *tree)
{
    scm_fetch_t fetch = *ask;
    fetch.url = project->project.url;
    fetch.trusted = project->project.trusted;
    fetch.project = project->project.id;
    fault_t fault = actor_call (turn, MSG_scm_fetch, &fetch, tree);
    bool named = *ask->ref || *ask->sha || (ask->trial && *ask->trial);
    return fault == NOT_FOUND && named ? INVALID : fault; // The detail is kept
}

fault_t fetched (scheduler_t *self, turn_t *turn, project_row_t *project, const scm_tree_t *tree)
{
    if (project->project.state != project_ready || project->sync_at)
        TRY (sync_seen (self, turn, project, OK, NULL));
    return tree->is_tip ? schedule_sync (self, turn, project, tree) : OK;
}

// It exists at once; whether its repository can be read is found out afterwards (sync.h).
HANDLER (project_add)
{
    scheduler_t *self = context;
    const project_add_t *ask = asked;
    bool trusted = caller_may_everywhere (&turn->caller, ROLE_ADMIN);
    done_t done;
    TRY (check_name (turn, "a project", ask->name, 'p'));
    TRY (name_is_free (self, turn, ask->name));
    TRY (actor_call (turn, MSG_scm_check, &(scm_check_t){.url = ask->url, .trusted = trusted}, &done));
    TRY (unit_write (self, turn));
    TRY (name_is_free (self, turn, ask->name));
    project_row_t row = {
        .project =
            {
                .id = id_new (turn->arena, 'p', turn->now_us),
                .name = ask->name,
                .url = ask->url,
                .default_branch = "",
                .created_at = turn->now_us,
                .state = project_cloning,
                .state_reason = "",
                .trusted = trusted,
                .visibility = "private",
            },
        // Of a forge: scm, which asks for it, stores how it is fetched once it has our answer
        .sync_at = turn->now_us + (same (turn->caller.subject, "scm") ? OF_FORGE_US : 0),
    };
    TRY (project_store_add (self->db, turn, &row));
    actor_tick_at (turn, row.sync_at);
    show (turn, &row.project);
    *(project_t *) answered = row.project;
    return emit_project (self, turn, EVENT_project_added, row.project.id, "cloning");
}

HANDLER (project_sync)
{
    scheduler_t *self = context;
    const project_sync_t *ask = asked;
    project_row_t row;
    scm_tree_t tree;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (project_store_find (self->db, turn, ask->project, &row));
    if (row.sync_at == 0) // A trigger was first
        return OK;
    fault_t fault = fetch_tree (turn, &row, &(scm_fetch_t){.ref = "", .sha = "", .before = ""}, &tree);
    if (fault == LATER)
        return LATER;
    const char *detail = turn->detail;
    turn->detail = NULL;
    if (fault == OK) { // Before anything is written: large files take a while
        planned_files_t files = callable_new (turn, &tree);
        TRY (files_read (self, turn, &files));
    }
    TRY (unit_write (self, turn));
    TRY (project_store_find (self->db, turn, ask->project, &row));
    return fault == OK ? fetched (self, turn, &row, &tree) : sync_seen (self, turn, &row, fault, detail);
}

HANDLER (project_list)
{
    scheduler_t *self = context;
    const project_list_t *ask = asked;
    project_page_t *page = answered;
    size_t limit = page_limit (ask->limit);
    TRY (project_store_page (self->db, turn, rights_scope (turn), ask->cursor, limit, &page->items));
    for (size_t i = 0; i < page->items.count; i++)
        show (turn, &page->items.items[i]);
    page->next = page->items.count == limit ? page->items.items[limit - 1].name : "";
    return OK;
}

HANDLER (project_show)
{
    scheduler_t *self = context;
    const project_show_t *ask = asked;
    project_row_t row;
    TRY (project_store_find (self->db, turn, ask->project, &row));
    TRY (schedule_store_suspended (self->db, turn, row.project.id, &row.project.schedules_suspended));
    row.project.repository = context_repository (turn->arena, row.project.url, row.project.name);
    row.project.repository_id = arena_printf (turn->arena, "%.0f", context_number (row.project.id));
    show (turn, &row.project);
    *(project_t *) answered = row.project;
    return OK;
}

// What it shows changes at once: every read asks for it.
HANDLER (project_set)
{
    scheduler_t *self = context;
    const project_set_t *ask = asked;
    project_row_t row;
    if (*ask->visibility && !same (ask->visibility, "public") && !same (ask->visibility, "private"))
        return turn_fail (turn, INVALID, "visibility: must be private or public");
    TRY (unit_write (self, turn));
    TRY (project_store_find (self->db, turn, ask->project, &row));
    if (*ask->visibility && !same (ask->visibility, row.project.visibility)) {
        row.project.visibility = ask->visibility;
        TRY (project_store_set_visibility (self->db, turn, row.project.id, ask->visibility));
        TRY (emit_project (self, turn, EVENT_project_visibility, row.project.id,
                           is_public (&row.project) ? "public" : "private"));
    }
    show (turn, &row.project);
    *(project_t *) answered = row.project;
    return OK;
}

HANDLER (project_remove)
{
    scheduler_t *self = context;
    const project_remove_t *ask = asked;
    (void) answered;
    project_row_t row;
    TRY (unit_write (self, turn));
    TRY (project_store_find (self->db, turn, ask->project, &row));
    bool active;
    TRY (project_store_active (self->db, turn, row.project.id, &active));
    if (active)
        return turn_fail (turn, CONFLICT, "the project %s has runs that have not ended: cancel them first",
                          row.project.name);
    TRY (schedule_store_remove_all (self->db, turn, row.project.id));
    TRY (pin_store_remove_all (self->db, turn, row.project.id));
    TRY (project_store_remove (self->db, turn, row.project.id));
    retention_soon (self, turn); // Its runs are removed step by step
    return emit_project (self, turn, EVENT_project_removed, row.project.id, "");
}
