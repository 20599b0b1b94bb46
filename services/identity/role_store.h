/* role_store.h - tables `role_grants`, `people_groups`, `people_group_members` and `provided_members`. The only file that reads or writes them. */

#ifndef OPENCICD_ROLE_STORE_H
#define OPENCICD_ROLE_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define GROUP_PREFIX "group:"

// What a person was given, itself or by its groups: project_id and role, by project, at most `limit` rows.
MUST_USE fault_t role_store_of (db_t *db, turn_t *turn, const char *subject, size_t limit,
                                role_row_items_t *out);
typedef struct {
    const char *project; // Its id, "" for all projects; NULL for any
    const char *subject; // "" for any
    const char *cursor;
    size_t limit;
} role_filter_t;
// By subject and project, with the cursor of the next page.
MUST_USE fault_t role_store_page (db_t *db, turn_t *turn, const role_filter_t *filter, role_page_t *out);
// How many this subject has, but for the one of this project, and this project, but for the one of this subject.
MUST_USE fault_t role_store_count (db_t *db, turn_t *turn, const char *subject, const char *project,
                                   int64_t *of_subject, int64_t *of_project);
MUST_USE fault_t role_store_put (db_t *db, turn_t *turn, const role_row_t *row);
MUST_USE fault_t role_store_remove (db_t *db, turn_t *turn, const char *subject, const char *project,
                                    int64_t *removed);
// Is it somebody's who was given a role, or who is in a group, whether or not there is such an account?
MUST_USE fault_t role_store_names (db_t *db, turn_t *turn, const char *subject, bool *out);
MUST_USE fault_t role_store_remove_project (db_t *db, turn_t *turn, const char *project);

MUST_USE fault_t role_store_group_is (db_t *db, turn_t *turn, const char *name, bool *is);
MUST_USE fault_t role_store_group_count (db_t *db, turn_t *turn, int64_t *count);
MUST_USE fault_t role_store_groups (db_t *db, turn_t *turn, const char *after, size_t limit,
                                    people_group_items_t *out);
// All of it; without members it is removed, and its roles.
MUST_USE fault_t role_store_put_group (db_t *db, turn_t *turn, const people_group_t *group);
// Without members, where there is none of that name.
MUST_USE fault_t role_store_make_group (db_t *db, turn_t *turn, const people_group_t *group);

// ---- members whom a provider puts into groups, beside the others ----

// This subject is in these, as far as there are such groups, and by this provider in no others. *changed: it was not so before.
MUST_USE fault_t role_store_provide (db_t *db, turn_t *turn, const char *provider, const char *subject,
                                     const strs_t *groups, bool *changed);
MUST_USE fault_t role_store_unprovide (db_t *db, turn_t *turn, const char *provider,
                                       const char *subject); // "": of any
MUST_USE fault_t role_store_unprovide_others (db_t *db, turn_t *turn, const char *provider,
                                              const strs_t *groups); // In groups that are not among these

#endif
