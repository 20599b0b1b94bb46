/* stage.h - a scheduler with one run and a forge, both played, for tests of what a forge is to show. */

#ifndef OPENCICD_TEST_SCM_STAGE_H
#define OPENCICD_TEST_SCM_STAGE_H

#include "common/actor/actor.h"
#include "proto/messages.h"
#include "tests/http/peer.h"

#include <pthread.h>

#define SITE    "p01k9qz6f3xm4t0v8w2ya"
#define RUN_ID  "r01k9qz6f3xm4t0v8w2ya"
#define SHA     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PLANNED 40 // Answers of the forge

#define HANGS_UP 0
#define HOLDS    (-1)

typedef struct {
    int status; // HANGS_UP, HOLDS: until it is released
    const char *headers, *body;
} planned_t;

// What both the scheduler and the forge are played with.
typedef struct {
    pthread_mutex_t lock;
    int64_t events, gap; // How many events there are
    int64_t run_number;
    uint32_t run_state, run_result;
    fault_t fault; // Of run_show
    planned_t planned[PLANNED];
    int answered, plans, at_once, most_at_once;
    bool released;
    char posts[8000]; // "success open-cicd/CI (push)|"
    char others[2000];
} stage_t;

extern const actor_class_t stage_scheduler;                    // Its self is a stage_t
void stage_serve (void *stage, const peer_request_t *request); // The forge

#endif
