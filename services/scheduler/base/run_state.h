/* run_state.h - states of a run's parts that the stores keep and the engine moves, and who claims a concurrency group. */

#ifndef OPENCICD_SCHEDULER_RUN_STATE_H
#define OPENCICD_SCHEDULER_RUN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { NODE_PENDING, NODE_RUNNING, NODE_FINISHED } node_state_t;
typedef enum { CANCEL_NO, CANCEL_SOFT, CANCEL_HARD } stop_level_t;

#define GROUP_WAITING 100 // That wait for one group; past it the newest is cancelled

typedef struct {
    const char *owner; // A run or a job
    bool held;
    int64_t since;
} claimant_t;

typedef struct {
    claimant_t *items; // The holder first, then those that wait, in order
    size_t count;
} claimants_t;

#endif
