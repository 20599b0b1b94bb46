/* offer_store.h - what an agent is told of a job, gathered from the rows of its run, node and project. Reads only. */

#ifndef OPENCICD_SCHEDULER_OFFER_STORE_H
#define OPENCICD_SCHEDULER_OFFER_STORE_H

#include "services/scheduler/job_store.h"

typedef struct {
    const char *definition, *needs; // JSON, of its node
    const char *github, *inputs;    // JSON, of its run; inputs of the call where it is of a called workflow
    uint32_t run_attempt;
    const char *ref, *sha;
    const char *project, *repository;
} offer_parts_t;

MUST_USE fault_t offer_store_read (db_t *db, turn_t *turn, const job_t *job, offer_parts_t *out);

#endif
