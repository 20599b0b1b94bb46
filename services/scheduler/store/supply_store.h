/* supply_store.h - what the agents for a job do, which is why it waits. Reads `agents`. */

#ifndef OPENCICD_SCHEDULER_SUPPLY_STORE_H
#define OPENCICD_SCHEDULER_SUPPLY_STORE_H

#include "services/scheduler/store/offered_store.h"

#define SUPPLY_SETS 9000 // Sets of labels that are looked at to say why a job waits

// How many agents there are of each set of labels.
typedef struct {
    const char *labels;
    int64_t all, online, draining, idle;
    int64_t resting, ready; // Of the idle ones: they did not take what was offered; they can be offered a job
} supply_set_t;

typedef struct {
    supply_set_t *items;
    size_t count;
} supply_t;

// What the agents do that a job could have: the first of these that is true of one of them, from the last to the first.
typedef enum {
    SUPPLY_NONE,    // There are none
    SUPPLY_OFFLINE, // All are
    SUPPLY_ENDING,  // Those that are online shut down, or were drained
    SUPPLY_BUSY,
    SUPPLY_RESTING, // Idle, but did not take what was offered
    SUPPLY_SILENT,  // Idle, but not asking for a job
    SUPPLY_READY,
} supply_state_t;

typedef struct {
    supply_state_t state;
    int64_t all;         // Counted where all are offline
    bool any;            // Where there are none: is there any agent?
    const char *missing; // Likewise: a label that no agent has, or NULL
} standing_t;

// It was asked for the agents of one set of labels.
typedef struct {
    const char *labels;
    const rows_t *rows; // NULL: it was not
} supply_of_t;

// What the agents for a job do, which asks for at most ASKED_LABELS; and the same of all sets of labels.
MUST_USE fault_t supply_store_of_later (db_t *db, turn_t *turn, int64_t now, const char *labels,
                                        supply_of_t *out);
void supply_store_read_of (const supply_of_t *asked, standing_t *out); // Without `any` and `missing`
MUST_USE fault_t supply_store_all_later (db_t *db, turn_t *turn, int64_t now, const rows_t **rows);
void supply_store_read_all (turn_t *turn, const rows_t *rows, supply_t *out); // Once it was waited for

#endif
