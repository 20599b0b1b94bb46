/* handlers_project.c - projects: registered, listed, forgotten. */

#include "common/id.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/note.h"
#include "services/scheduler/project_store.h"
#include "services/scheduler/schedule.h"
#include "services/scheduler/schedule_store.h"

#define PAGE_ROWS 50 // Where the caller names no limit

fault_t check_name (turn_t *turn, const char *what, const char *name, char kind)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (!*name || name[strspn (name, allowed)])
        return turn_fail (turn, INVALID, "name: a name of %s has letters, digits, . _ and - only", what);
    if (*name == '.' || id_is (name, kind))
        return turn_fail (turn, INVALID, "name: %s begins with a dot or looks like an id", name);
    return OK;
}

size_t page_limit (uint32_t asked)
{
    return asked == 0 ? PAGE_ROWS : asked > MAX_PAGE ? MAX_PAGE : asked;
}

fault_t filter_project (scheduler_t *self, turn_t *turn, const char *name, const char **id)
{
    project_row_t row;
    *id = "";
    if (!*name)
        return OK;
    TRY (project_store_find (self->db, turn, name, &row));
    *id = row.project.id;
    return OK;
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

HANDLER (project_add)
{
    scheduler_t *self = context;
    const project_add_t *ask = asked;
    project_t *project = answered;
    TRY (check_name (turn, "a project", ask->name, 'p'));
    TRY (name_is_free (self, turn, ask->name));
    scm_fetch_t fetch = {.url = ask->url, .ref = "", .sha = "", .before = ""};
    scm_tree_t tree;
    TRY (actor_call (turn, MSG_scm_fetch, &fetch, &tree));
    TRY (unit_write (self, turn));
    TRY (name_is_free (self, turn, ask->name));
    *project = (project_t){
        .id = id_new (turn->arena, 'p', turn->now_us),
        .name = ask->name,
        .url = ask->url,
        .default_branch = tree.default_branch,
        .created_at = turn->now_us,
    };
    TRY (project_store_add (self->db, turn, project));
    TRY (schedule_sync (self, turn, &(project_row_t){.project = *project, .schedules_sha = ""}, &tree));
    return note_project (self, turn, "project.added", project->id);
}

HANDLER (project_list)
{
    scheduler_t *self = context;
    const project_list_t *ask = asked;
    project_page_t *page = answered;
    size_t limit = page_limit (ask->limit);
    TRY (project_store_page (self->db, turn, ask->cursor, limit, &page->items));
    page->next = page->items.count == limit ? page->items.items[limit - 1].name : "";
    return OK;
}

HANDLER (project_show)
{
    scheduler_t *self = context;
    const project_show_t *ask = asked;
    project_row_t row;
    TRY (project_store_find (self->db, turn, ask->project, &row));
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
    TRY (project_store_remove (self->db, turn, row.project.id));
    self->prune_at = turn->now_us; // Its runs are removed bit by bit
    actor_tick_at (turn, turn->now_us);
    return note_project (self, turn, "project.removed", row.project.id);
}
