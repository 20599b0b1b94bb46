/* schedule_store.h - the cron lines of projects' workflows, and when each is due. The only writer of `schedules`. */

#ifndef OPENCICD_SCHEDULER_SCHEDULE_STORE_H
#define OPENCICD_SCHEDULER_SCHEDULE_STORE_H

#include "common/db/db.h"

#define SCHEDULE_CRASHES 3   // Of the server while a schedule was due; then it is suspended
#define SCHEDULES_MAX    200 // Of one project; the rest of its lines is left out

typedef struct {
    const char *project_id;
    const char *cron;
    const char *timezone; // "" for UTC
    int64_t next_at;
    int64_t due_at; // A time that has come and has not led to runs yet; 0 for none
} schedule_row_t;

typedef struct {
    schedule_row_t *items;
    size_t count;
} schedule_rows_t;

MUST_USE fault_t schedule_store_of_project (db_t *db, turn_t *turn, const char *project,
                                            schedule_rows_t *out);
MUST_USE fault_t schedule_store_add (db_t *db, turn_t *turn, const schedule_row_t *row);
MUST_USE fault_t schedule_store_remove (db_t *db, turn_t *turn, const schedule_row_t *row);
MUST_USE fault_t schedule_store_remove_all (db_t *db, turn_t *turn, const char *project);
MUST_USE fault_t schedule_store_passed (db_t *db, turn_t *turn, schedule_rows_t *out); // next_at has come
MUST_USE fault_t schedule_store_due (db_t *db, turn_t *turn, int64_t asked_before, schedule_rows_t *out);
MUST_USE fault_t schedule_store_save (db_t *db, turn_t *turn, const schedule_row_t *row); // next_at, due_at
MUST_USE fault_t schedule_store_asked (db_t *db, turn_t *turn, const schedule_row_t *row);
// Its runs are made: *done is false where they had been, or it is not due any more.
MUST_USE fault_t schedule_store_done (db_t *db, turn_t *turn, const schedule_row_t *row, bool *done);
// At a start: a schedule whose event was requested but not made may have crashed the process. *suspended: some were suspended.
MUST_USE fault_t schedule_store_blame (db_t *db, turn_t *turn, bool *suspended);
MUST_USE fault_t schedule_store_lift (db_t *db, turn_t *turn,
                                      const schedule_row_t *row); // No longer suspended
MUST_USE fault_t schedule_store_suspended (db_t *db, turn_t *turn, const char *project, const char **lines);

#endif
