/* request.h - one scm_fetch from its arrival to its answer.
 *
 *     a folder         -> READING -> DONE
 *     elsewhere        -> UPDATING (its mirror) -> READING -> [FETCHING: what the mirror lacks] -> DONE
 *     ... with a sha   -> READING first: a commit that is there already needs no update
 *
 * The handler is run again when it is done. If the caller stops waiting, the work continues and its result is dropped. */

#ifndef OPENCICD_SCM_REQUEST_H
#define OPENCICD_SCM_REQUEST_H

#include "services/scm/mirror.h"
#include "services/scm/tree.h"

#define REQUESTS_MAX 256 // At once; past it OVERLOADED

typedef enum { UPDATING, READING, FETCHING, DONE } scm_stage_t;

typedef struct scm_request scm_request_t;
struct scm_request {
    work_item_t task; // First
    scm_request_t *next;
    scm_t *scm;
    uint64_t number;
    const char *id; // Of the turn; with its deadline it tells which one that is
    int64_t deadline_us;
    scm_stage_t stage;
    mirror_t *mirror;     // NULL for a folder
    uint64_t update;      // That it waits for
    bool updated, filled; // It has seen an update; missing objects were fetched
    bool absent;          // The remote has no such ref: no update brings it
    arena_t *arena;
    turn_t turn;
    scm_fetch_t ask;
    address_t address;
    tree_reading_t reading;
    scm_tree_t tree;
    fault_t fault;
};

// The one of this turn; NULL where there is none yet.
scm_request_t *request_of (scm_t *scm, const turn_t *turn, const scm_fetch_t *ask);
// `access` NULL: of no forge.
MUST_USE fault_t request_begin (scm_t *scm, turn_t *turn, const scm_fetch_t *ask, const address_t *address,
                                const mirror_access_t *access);
const char *request_topic (arena_t *arena, const scm_request_t *self);
void request_free (scm_t *scm, scm_request_t *self); // Only where it is DONE
// Called when an update of the mirror has ended.
void requests_updated (scm_t *scm, turn_t *turn, mirror_t *mirror);
void requests_sweep (scm_t *scm, int64_t now_us); // Frees those that no turn waits for any more
void requests_destroy (scm_t *scm);

#endif
