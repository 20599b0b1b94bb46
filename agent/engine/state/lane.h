/* lane.h - one sequence of steps, and all those of a job. lanes.h says what guards them; step/background.h starts and collects them. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_LANE_H
#define OPENCICD_AGENT_ENGINE_STATE_LANE_H

#include "agent/engine/state/handler.h"
#include "common/base/fault.h"
#include "workflow/expression/value.h"

#include <pthread.h>
#include <sys/types.h>

#define BACKGROUND_MAX 10 // Steps that run in the background at once, as GitHub has it

typedef struct lane {
    value_t *env;                        // The workflow's, the job's, and what GITHUB_ENV added
    const char *added_path;              // What GITHUB_PATH added, with colons
    char last_byte;                      // Of its log
    uint32_t last_row;                   // The row that wrote it
    pid_t leader;                        // The process group that it waits for; 0: none
    int wake;                            // An eventfd that ends its wait; -1: it is the only lane
    struct background_steps *background; // NULL: the job's own
} lane_t;

typedef enum { LANE_QUEUED, LANE_RUNNING, LANE_ENDED, LANE_TAKEN } lane_progress_t;

typedef struct change {
    const char *name, *value; // As lane_note has them
    struct change *next;
} lane_change_t;

typedef struct background_steps {
    lane_t lane;
    step_run_t *run;
    void (*go_on) (step_run_t *run); // Runs it to its end
    lane_progress_t progress;
    const char *log_path;
    int log; // What it prints
    lane_change_t *changes, **last_change;
    result_t outcome, conclusion;
    bool cancelled; // A `cancel` step named it
    struct background_steps *next;
} background_steps_t;

typedef struct lanes {
    pthread_mutex_t lock;    // Of the job: see lanes.h
    pthread_mutex_t builtin; // Taken without `lock`: one builtin at a time runs beside the other lanes
    pthread_cond_t queued;
    pthread_t threads[BACKGROUND_MAX];
    size_t thread_count, idle;
    background_steps_t *first, **last; // In their order
    bool closing;
} lanes_t;

#endif
