/* offer_store.h - the contents of an offer, from the rows of the job's run, node and project. Reads only. */

#ifndef OPENCICD_SCHEDULER_OFFER_STORE_H
#define OPENCICD_SCHEDULER_OFFER_STORE_H

#include "services/scheduler/store/job_store.h"

typedef struct {
    const char *definition, *needs; // JSON, of its node
    const char *github, *inputs;    // JSON, of its run; inputs of the call where it is of a called workflow
    const char *secrets;            // JSON, of that call: an agent alone may see them
    const char *vars;               // JSON, of its run; "" where an older version made it
    bool called;                    // It is of a called workflow
    bool debug;                     // The run's attempt is one for debugging
    uint32_t run_attempt;
    uint32_t hold_minutes; // It is held if it fails; 0: it is not
    const char *ref, *sha;
    const char *project, *repository;
    const char *workflow;      // The file that has the job, by its name in the run
    const char *url, *url_sha; // Of its repository and commit, where it is another repository's; else ""
} offer_parts_t;

MUST_USE fault_t offer_store_read_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows);
// Of that, once it was waited for. NOT_FOUND where the run was removed.
MUST_USE fault_t offer_store_found (turn_t *turn, const rows_t *rows, const char *job, offer_parts_t *out);

#endif
