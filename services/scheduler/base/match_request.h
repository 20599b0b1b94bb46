/* match_request.h - what changed in a unit of work that lets a job meet an agent (unit.h). */

#ifndef OPENCICD_SCHEDULER_MATCH_REQUEST_H
#define OPENCICD_SCHEDULER_MATCH_REQUEST_H

#include "services/scheduler/base/labels.h"

// The matcher left no pair of what was there before.
typedef struct {
    turn_t *turn; // That requested the matching; NULL: none did
    bool all;     // More than what is here may meet: all that wait and all that are idle are looked at
    bool missed;  // Nothing may meet, unless a matching before has missed it
    const char *labels[SETS_AT_ONCE]; // Of jobs that were queued
    size_t label_count;
    size_t jobs;                      // How many those are
    const char *agents[SETS_AT_ONCE]; // Ids of those that became able to take a job
    size_t agent_count;
} match_request_t;

#endif
