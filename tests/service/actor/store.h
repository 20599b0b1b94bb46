/* store.h - a pretended unit of work: numbers that are written, committed or undone, and rows of requests. For an actor_class_t whose
 * self begins with a store_t. */

#ifndef OPENCICD_TEST_ACTOR_STORE_H
#define OPENCICD_TEST_ACTOR_STORE_H

#include "common/actor/actor.h"

#include <stdatomic.h>

#define STORE_ROWS 64

typedef struct {
    char key[REQUEST_KEY];
    int64_t asked;
    bool kept;
    void *answer;
    size_t size;
} store_row_t;

typedef struct {
    atomic_int written, committed, undone, commits;
    atomic_int fail_commits;  // So many of the next ones fail NO_SPACE
    atomic_int doubt_commits; // So many of the next ones end without anybody hearing how
    atomic_bool doubt_rows;   // Only those with a row of a request
    atomic_bool doubt_holds;  // They took effect all the same
    atomic_bool
        doubt_rival; // They did not; another replica has done the same meanwhile, and given the id that ends with 9
    atomic_int fail_recalls; // So often it is not possible to look
    atomic_bool uncertain;   // As in a database on the network
    bool in_doubt;
    store_row_t rows[STORE_ROWS];
    atomic_int count;  // Of rows, those of the open unit of work included
    int kept;          // Committed ones
    store_row_t rival; // Its row, until the rollback
} store_t;

fault_t store_begin (void *self, turn_t *turn);
fault_t store_commit (void *self, turn_t *turn);
void store_rollback (void *self);
uint64_t store_writes (void *self);
bool store_in_doubt (void *self);
extern const request_memory_t store_requests;
void store_clear (store_t *self);

// Waits for *number to be at least that; the test fails after 15 s.
void until_at_least (atomic_int *number, int least);

// Asks with 30 s of patience.
fault_t ask_by (bus_client_t *client, wall_clock_t *clock, turn_t *turn, uint16_t number, const void *message,
                void *answer);

#endif
