/* project_store.h - the projects. The only writer of `projects` and `removed_projects`. */

#ifndef OPENCICD_SCHEDULER_PROJECT_STORE_H
#define OPENCICD_SCHEDULER_PROJECT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    project_t project;
    int64_t running;           // Jobs that have a lease
    const char *schedules_sha; // The commit that its schedules were read from
    int64_t failures;          // To read its repository, in a row
    int64_t sync_at;           // When its repository is looked at again; 0: not by itself
} project_row_t;

// An address is returned without the user or password that an older version accepted in it.
// By id or name: NOT_FOUND names what was asked for. The row without a name ("") is the home of jobs of no project.
MUST_USE fault_t project_store_find (db_t *db, turn_t *turn, const char *name, project_row_t *out);
MUST_USE fault_t project_store_home_later (db_t *db, turn_t *turn, const rows_t **rows);
MUST_USE fault_t project_store_read_home (turn_t *turn, const rows_t *rows, project_row_t *out);
MUST_USE fault_t project_store_add (db_t *db, turn_t *turn, const project_row_t *row);
// Its state, state_reason, failures and sync_at.
MUST_USE fault_t project_store_set_state (db_t *db, turn_t *turn, const project_row_t *row);
// The ids of those whose repository is to be looked at, the first SYNCS_AT_ONCE.
#define SYNCS_AT_ONCE 64
MUST_USE fault_t project_store_due (db_t *db, turn_t *turn, strs_t *ids);
MUST_USE fault_t project_store_asked (db_t *db, turn_t *turn, const char *id, int64_t again_at);
// `scope`: of rights_scope(); NULL for all.
MUST_USE fault_t project_store_page (db_t *db, turn_t *turn, const char *scope, const char *after,
                                     size_t limit, project_items_t *out);
MUST_USE fault_t project_store_set_visibility (db_t *db, turn_t *turn, const char *id,
                                               const char *visibility);
// Those whose address holds a text, without regard to case; the first LIKE_MAX of them.
#define LIKE_MAX 100
MUST_USE fault_t project_store_like (db_t *db, turn_t *turn, const char *text, project_items_t *out);
// Those of that name, or whose address has it as its last part, not registered after `until`; the first NAMED_MAX of them.
#define NAMED_MAX 1000
MUST_USE fault_t project_store_named (db_t *db, turn_t *turn, const char *name, int64_t until,
                                      project_items_t *out);
// The next run's number, without those that this unit of work has taken (unit.h).
MUST_USE fault_t project_store_next_number (db_t *db, turn_t *turn, const char *id, int64_t *number);
// So many more jobs with a lease, and so many more runs.
MUST_USE fault_t project_store_count (db_t *db, turn_t *turn, const char *id, int64_t running, int64_t runs);
MUST_USE fault_t project_store_set_branch (db_t *db, turn_t *turn, const char *id, const char *branch);
MUST_USE fault_t project_store_set_schedules_sha (db_t *db, turn_t *turn, const char *id, const char *sha);
MUST_USE fault_t project_store_active (db_t *db, turn_t *turn, const char *id,
                                       bool *active); // Has it runs under way?
// The one after that, by id, and how many runs it had so far; NULL: the home, which is the first. *id is NULL after the last.
MUST_USE fault_t project_store_after (db_t *db, turn_t *turn, const char *after, const char **id,
                                      int64_t *runs);
MUST_USE fault_t project_store_remove (db_t *db, turn_t *turn, const char *id);
// A removed one; "" for the id if there is none. By its id, or (NULL) the one that is due first.
typedef struct {
    const char *id, *url;
    bool trusted;
    int64_t due_at;
} removed_project_t;
MUST_USE fault_t project_store_removed (db_t *db, turn_t *turn, const char *id, removed_project_t *out);
MUST_USE fault_t project_store_removed_asked (db_t *db, turn_t *turn, const char *id, int64_t again_at);
MUST_USE fault_t project_store_has_url (db_t *db, turn_t *turn, const char *url, bool trusted, bool *has);
MUST_USE fault_t project_store_cleared (db_t *db, turn_t *turn, const char *id);

#endif
