/* inside.h - what a world keeps for itself: the scheduler, and what the pretended services share with the test. */

#ifndef OPENCICD_TEST_SCHEDULER_INSIDE_H
#define OPENCICD_TEST_SCHEDULER_INSIDE_H

#include "common/actor/actor.h"
#include "common/base/job_token.h"
#include "tests/service/scheduler/world.h"

#include <pthread.h>

#define FILES 8

struct inside {
    char hash[65], subject[MAX_ID + 1]; // Of the token that was issued last for a hash
    char folder[256];
    const char *engine;
    bus_t *bus;
    db_t *db;
    scheduler_t *scheduler;
    actor_class_t class; // Its own, but for how a unit of work begins
    actor_t *actor, *scm, *logs, *artifacts, *identity;
    secret_key_t key;
    pthread_mutex_t lock; // Over what the pretended services share with the test
    char paths[FILES][64];
    char *texts[FILES];
    size_t files;
    char sha[48];
    char *fails;
    char called_sha[48], called_path[64]; // What scm_called finds
    char *called_text, *called_fails;
    char called_asked[512]; // The last: "SITE REPOSITORY REF COMMIT URL NAME"
    fault_t scm_fault;      // With those words; 0: INVALID
    bool trusted;           // The last fetch
    bool check_trusted;     // The last check of an address
    int fetches;
    bool refuses;          // Addresses
    bool holds_next;       // Request for a token or for an address to be checked: it waits to be let go
    char held[MAX_ID + 1]; // That one; "" for none
    bool seals_held;
    int seals_waiting;
    int seals, seals_named, revoked, forgotten;
    int audited, audit_asked; // Entries that were sent to the audit; how often some were
    char audit[256];          // The last one
    fault_t forget_fault;
    char forgotten_url[128];
    int purged_jobs, most_purged;
    char purged_run[MAX_ID + 1], purged_project[MAX_ID + 1];
    fault_t log_purge_fault, artifact_purge_fault;
    fault_t log_fault, identity_fault, excerpt_fault;
    const char *printed; // What every step printed: lines
    int excerpts;
    char issued[200];
    const char *variables; // JSON; NULL: none
    int values_purged;
    const environment_t *environment; // Of every project; NULL: one without rules
};

// Each with the world's inside.
extern const actor_class_t pretended_scm, pretended_logs, pretended_artifacts, pretended_identity;

#endif
