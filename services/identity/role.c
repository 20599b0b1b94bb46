/* role.c - roles of people in projects and everywhere, and groups of people: given, listed, taken away.
 *
 * Those of a project are its maintainers' to give, those of all projects and groups an administrator's. A subject is a text: it may be of
 * somebody who has not signed in yet. A change holds with the next look at a caller's credential; a gateway keeps one for TOKENS_SECONDS. */

#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/identity/inside.h"
#include "services/identity/role_store.h"

#include <string.h>

#define ROLES_SHOWN   50   // Of one page, unless more are asked for
#define ROLES_A_PLACE 2000 // Of one project, or everywhere
#define GROUPS_MOST   1000
#define NAME_LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

typedef struct {
    const char *what, *subject, *project, *role, *by;
} role_record_t;

static void log_role (void *service, void *data)
{
    const role_record_t *record = data;
    (void) service;
    log_info (record->what, "subject", record->subject, "project", record->project, "role", record->role,
              "by", record->by, NULL);
}

static void record_role (turn_t *turn, const char *what, const char *subject, const char *project,
                         const char *role)
{
    role_record_t *record = arena_alloc (turn->arena, sizeof (*record));
    *record = (role_record_t){what, subject, project, role, turn->caller.subject ? turn->caller.subject : ""};
    actor_after (turn, log_role, record);
}

// Whose roles may be seen and given there? *out is its id, "" for all projects.
static fault_t check_place (turn_t *turn, const char *project, const char **out)
{
    rights_place_t place;
    *out = "";
    if (!is_given (project))
        return caller_may_everywhere (&turn->caller, ROLE_ADMIN)
                   ? OK
                   : turn_fail (turn, FORBIDDEN, "only an ADMIN sees and gives roles in all projects");
    TRY (identity_project (turn, project, &place));
    *out = place.project;
    return rights_in_project (turn, &place, ROLE_MAINTAINER, "project", project);
}

bool identity_is_name (const char *name)
{
    return *name && *name != '.' && !name[strspn (name, NAME_LETTERS)];
}

static fault_t check_subject (identity_t *self, turn_t *turn, const char *subject)
{
    bool is = true;
    if (!is_given (subject) || identity_has_control (subject))
        return turn_fail (turn, INVALID, "subject: is not the name of a person or a group");
    if (strncmp (subject, GROUP_PREFIX, strlen (GROUP_PREFIX)) == 0)
        TRY (role_store_group_is (self->db, turn, subject + strlen (GROUP_PREFIX), &is));
    return is ? OK : turn_fail (turn, INVALID, "subject: there is no %s", subject);
}

static fault_t check_role (turn_t *turn, const char *name, bool everywhere, role_t *out)
{
    *out = role_from_name (name);
    if (role_is_of_project (*out) || (everywhere && *out == ROLE_ADMIN))
        return OK;
    return turn_fail (turn, INVALID, "role: must be one of VIEWER, DEVELOPER, MAINTAINER%s",
                      everywhere ? ", ADMIN" : "");
}

static fault_t check_role_room (identity_t *self, turn_t *turn, const char *subject, const char *project)
{
    int64_t of_subject, of_project;
    TRY (role_store_count (self->db, turn, subject, project, &of_subject, &of_project));
    if (of_subject >= GRANTS_MOST)
        return turn_fail (turn, CONFLICT, "%s has roles in %d projects already: give it one in all", subject,
                          GRANTS_MOST);
    return of_project < ROLES_A_PLACE
               ? OK
               : turn_fail (turn, CONFLICT, "there are %d roles already: use groups", ROLES_A_PLACE);
}

HANDLER (role_set)
{
    identity_t *self = context;
    const role_set_t *ask = asked;
    role_row_t *row = answered;
    const char *project;
    role_t role;
    TRY (check_place (turn, ask->project, &project));
    TRY (check_role (turn, ask->role, !*project, &role));
    TRY (check_subject (self, turn, ask->subject));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (check_role_room (self, turn, ask->subject, project));
    *row = (role_row_t){.subject = ask->subject,
                        .project_id = project,
                        .project = ask->project ? ask->project : "",
                        .role = role_name (role),
                        .granted_at = turn->now_us,
                        .granted_by = turn->caller.subject ? turn->caller.subject : ""};
    record_role (turn, "a role was given", ask->subject, project, row->role);
    return role_store_put (self->db, turn, row);
}

HANDLER (role_drop)
{
    identity_t *self = context;
    const role_drop_t *ask = asked;
    const char *project;
    int64_t removed;
    (void) answered;
    TRY (check_place (turn, ask->project, &project));
    TRY (db_unit_write (self->db, turn));
    TRY (role_store_remove (self->db, turn, ask->subject, project, &removed));
    if (!removed)
        return turn_fail (turn, NOT_FOUND, "%s has no role there that was given", ask->subject);
    record_role (turn, "a role was taken away", ask->subject, project, "");
    return OK;
}

// The scheduler knows projects by name; of one that is gone there is none.
static fault_t name_projects (turn_t *turn, role_row_items_t *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        project_t project = {0};
        role_row_t *row = &rows->items[i];
        if (i > 0 && strcmp (row->project_id, row[-1].project_id) == 0) {
            row->project = row[-1].project;
            continue;
        }
        if (!*row->project_id)
            continue;
        fault_t fault =
            actor_call (turn, MSG_project_show, &(project_show_t){.project = row->project_id}, &project);
        if (fault != OK && fault != NOT_FOUND)
            return fault;
        row->project = fault == OK ? project.name : "";
        turn->detail = NULL;
    }
    return OK;
}

HANDLER (role_list)
{
    identity_t *self = context;
    const role_list_t *ask = asked;
    role_page_t *page = answered;
    const char *project;
    TRY (check_place (turn, ask->project, &project));
    const role_filter_t filter = {.project = *project || ask->everywhere ? project : NULL,
                                  .subject = is_given (ask->subject) ? ask->subject : "",
                                  .cursor = is_given (ask->cursor) ? ask->cursor : "",
                                  .limit = ask->limit ? ask->limit : ROLES_SHOWN};
    TRY (role_store_page (self->db, turn, &filter, page));
    return name_projects (turn, &page->items);
}

// ---- groups ----

HANDLER (group_list)
{
    identity_t *self = context;
    const group_list_t *ask = asked;
    group_page_t *page = answered;
    uint32_t limit = ask->limit ? ask->limit : ROLES_SHOWN;
    TRY (role_store_groups (self->db, turn, is_given (ask->cursor) ? ask->cursor : "", limit, &page->items));
    page->next = page->items.count == limit ? page->items.items[limit - 1].name : "";
    return OK;
}

static fault_t check_group (turn_t *turn, const group_set_t *ask)
{
    if (!identity_is_name (ask->group))
        return turn_fail (turn, INVALID, "group: a name has only letters, digits, . _ and -");
    for (size_t i = 0; i < ask->members.count; i++)
        if (!*ask->members.items[i] || strlen (ask->members.items[i]) > MAX_ID ||
            identity_has_control (ask->members.items[i]) ||
            strncmp (ask->members.items[i], GROUP_PREFIX, strlen (GROUP_PREFIX)) == 0)
            return turn_fail (turn, INVALID, "members: \"%s\" is not the name of a person",
                              ask->members.items[i]);
    return OK;
}

HANDLER (group_set)
{
    identity_t *self = context;
    const group_set_t *ask = asked;
    people_group_t *group = answered;
    bool there;
    int64_t count;
    TRY (check_group (turn, ask));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (role_store_group_is (self->db, turn, ask->group, &there));
    TRY (role_store_group_count (self->db, turn, &count));
    if (!there && ask->members.count == 0)
        return turn_fail (turn, NOT_FOUND, "there is no group %s", ask->group);
    if (!there && count >= GROUPS_MOST)
        return turn_fail (turn, CONFLICT, "there are %d groups already; remove some", GROUPS_MOST);
    *group = (people_group_t){.name = ask->group,
                              .members = ask->members,
                              .updated_at = turn->now_us,
                              .updated_by = turn->caller.subject ? turn->caller.subject : ""};
    record_role (turn, ask->members.count ? "a group was changed" : "a group was removed", ask->group, "",
                 "");
    return role_store_put_group (self->db, turn, group);
}

fault_t identity_make_group (identity_t *self, turn_t *turn, const char *name)
{
    bool there;
    int64_t count;
    const people_group_t group = {.name = name,
                                  .updated_at = turn->now_us,
                                  .updated_by = turn->caller.subject ? turn->caller.subject : ""};
    TRY (role_store_group_is (self->db, turn, name, &there));
    TRY (role_store_group_count (self->db, turn, &count));
    if (there)
        return OK;
    if (count >= GROUPS_MOST)
        return turn_fail (turn, CONFLICT, "there are %d groups already; remove some", GROUPS_MOST);
    record_role (turn, "a group was made", name, "", "");
    return role_store_make_group (self->db, turn, &group);
}
