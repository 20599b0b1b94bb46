/* pin_store.h - what tags and branches of actions are locked to, project by project. The only writer of `action_pins`. */

#ifndef OPENCICD_SCHEDULER_PIN_STORE_H
#define OPENCICD_SCHEDULER_PIN_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define PINS_MAX 2000 // Of one project

// What a job's actions are locked by.
typedef struct {
    const char *project_id;
    uint32_t attempt;
    const char *
        workflow; // The file that its steps are in: "./.github/workflows/ci.yml", or another repository's; "" for none
    const char *lock; // What run_pins.h made of the run's lock file; "" where there is none
} pin_job_t;

MUST_USE fault_t pin_store_job (db_t *db, turn_t *turn, const char *job, pin_job_t *out); // NOT_FOUND
// NOT_FOUND without words where it is not locked.
MUST_USE fault_t pin_store_find (db_t *db, turn_t *turn, const char *project, const char *reference,
                                 action_pin_t *out);
MUST_USE fault_t pin_store_page (db_t *db, turn_t *turn, const char *project, const char *after, size_t limit,
                                 action_pin_items_t *out);
MUST_USE fault_t pin_store_count (db_t *db, turn_t *turn, const char *project, int64_t *count);
MUST_USE fault_t pin_store_add (db_t *db, turn_t *turn, const char *project, const action_pin_t *pin);
MUST_USE fault_t pin_store_set (db_t *db, turn_t *turn, const char *project, const action_pin_t *pin);
MUST_USE fault_t pin_store_remove_all (db_t *db, turn_t *turn, const char *project);

#endif
