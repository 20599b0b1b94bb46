/* project_store.h - the projects. The only writer of `projects` and `removed_projects`. */

#ifndef OPENCICD_SCHEDULER_PROJECT_STORE_H
#define OPENCICD_SCHEDULER_PROJECT_STORE_H

#include "common/db.h"
#include "proto/messages.h"

typedef struct {
    project_t project;
    int64_t running;           // Jobs that have a lease
    const char *schedules_sha; // The commit that its schedules were read from
} project_row_t;

// By id or name: NOT_FOUND names what was asked for. The row without a name ("") is the home of jobs of no project.
MUST_USE fault_t project_store_find (db_t *db, turn_t *turn, const char *name, project_row_t *out);
MUST_USE fault_t project_store_home (db_t *db, turn_t *turn, project_row_t *out);
MUST_USE fault_t project_store_add (db_t *db, turn_t *turn, const project_t *project);
MUST_USE fault_t project_store_page (db_t *db, turn_t *turn, const char *after, size_t limit,
                                     project_items_t *out);
// Those whose address holds a text, without regard to case; the first LIKE_MAX of them.
#define LIKE_MAX 100
MUST_USE fault_t project_store_like (db_t *db, turn_t *turn, const char *text, project_items_t *out);
MUST_USE fault_t project_store_next_run (db_t *db, turn_t *turn, const char *id, int64_t *number);
MUST_USE fault_t project_store_add_running (db_t *db, turn_t *turn, const char *id, int64_t by);
MUST_USE fault_t project_store_set_branch (db_t *db, turn_t *turn, const char *id, const char *branch);
MUST_USE fault_t project_store_set_schedules_sha (db_t *db, turn_t *turn, const char *id, const char *sha);
MUST_USE fault_t project_store_active (db_t *db, turn_t *turn, const char *id,
                                       bool *active); // Has it runs under way?
MUST_USE fault_t project_store_remove (db_t *db, turn_t *turn, const char *id);
MUST_USE fault_t project_store_removed (db_t *db, turn_t *turn, const char **id); // One to clear; "" for none
MUST_USE fault_t project_store_cleared (db_t *db, turn_t *turn, const char *id);

#endif
