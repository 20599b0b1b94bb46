/* wanted.h - what a forge is to show of a run: one status for the workflow, and one for each of its jobs. Pure.
 *
 *     open-cicd/CI (push)              the workflow: always there, whatever its jobs are called; what branch rules should require
 *     open-cicd/CI / build (push)      a job
 *
 * The names have no number of a run, so that the next run replaces what the last one said; the event keeps a push and a pull request of one
 * commit apart. */

#ifndef OPENCICD_SCM_WANTED_H
#define OPENCICD_SCM_WANTED_H

#include "proto/messages.h"
#include "services/scm/forges/status_shape.h"

#define WANTED_JOBS \
    200 // Of one run that have a status of their own, the first ones: a token may make a few thousand calls in an hour

typedef struct {
    const char *context, *description, *url, *job_id; // job_id "": the workflow's
    forge_state_t state;
} wanted_t;

typedef struct {
    wanted_t *items;
    size_t count;
} wanted_items_t;

// `server` is this server's address, without a slash at its end. with_jobs false: the workflow's alone.
wanted_items_t wanted_of_run (arena_t *arena, const run_t *run, const char *server, bool with_jobs);
const char *wanted_context (arena_t *arena, const char *workflow, const char *job,
                            const char *event); // job "": none

#endif
