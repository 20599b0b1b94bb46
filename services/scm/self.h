/* self.h - what the files of this service share. All of it but what readers.h and work.h lock is the actor's thread's. */

#ifndef OPENCICD_SCM_SELF_H
#define OPENCICD_SCM_SELF_H

#include "common/actor/background.h"
#include "common/base/secret_box.h"
#include "proto/places.h"
#include "services/scm/mirror.h"
#include "services/scm/readers.h"
#include "services/scm/request.h"
#include "services/scm/scm.h"
#include "services/scm/work.h"

struct scm {
    db_t *db; // First, for db_unit.h; NULL: it knows no forge
    places_t places;
    secret_box_t box;      // Of credentials
    char *public_url;      // Of this server, without a slash at its end
    background_t *forging; // Threads that call forges
    int64_t tidy_at;       // When old deliveries are removed next
    bool resealed;         // Nothing is left that an older key sealed
    bool compared;         // The refs of all projects have been asked for since the start
    char *folder;          // Of mirrors
    char *git_config, *folders, *real_folders, *sources;
    address_policy_t policy;
    scm_options_t options;
    int stop; // eventfd: readable when what runs is to end
    bool stopping;
    work_t *fetching; // Over networks; few of one host
    work_t *reading;  // From disks
    readers_t *readers;
    trials_t trials;
    background_t *bundles; // Threads that put and read bundles
    background_t *calls;   // Threads that find what workflows of other repositories call
    work_item_t sweep;
    bool sweeping, sweep_found; // It is under way; it left readers open
    uint64_t sweep_began,
        swept; // The last request when it began; up to which one there is nothing left to close
    mirror_t *mirrors;
    size_t mirror_count;
    scm_request_t *requests;
    size_t request_count;
    uint64_t last_request;
};

// ---- rights.c ----
MUST_USE fault_t scm_may (void *self, turn_t *turn, uint16_t ask_number, const void *ask);

#endif
