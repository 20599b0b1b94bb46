/* places.h - in which project a job is, and whether that is public, for services that do not know: asked of the scheduler, and remembered.
 *
 * A job stays in its project; whether a project is public is asked again after PLACES_SECONDS. Asked only for callers that have not the role
 * everywhere. In an actor's thread alone. */

#ifndef OPENCICD_PLACES_H
#define OPENCICD_PLACES_H

#include "proto/rights.h"

#define PLACES_KEPT    128
#define PLACES_SECONDS 3

typedef struct {
    struct {
        char key[MAX_NAME + 1]; // A job, or a project by id or name
        char project[MAX_ID + 1];
        bool is_public;
        int64_t until_us; // Of a project; a job has no end
    } kept[PLACES_KEPT];
    size_t next; // Where the next one is kept
} places_t;

// May the caller do this with what is in this job, or in this project ("" for none; by id or name)? LATER while the scheduler is asked.
MUST_USE fault_t places_check_job (places_t *self, turn_t *turn, const right_t *right, const char *job);
MUST_USE fault_t places_check_project (places_t *self, turn_t *turn, const right_t *right,
                                       const char *project);
// The same for a thing of the project, of which `what` and `name` are said where it may not be seen.
MUST_USE fault_t places_check_thing (places_t *self, turn_t *turn, const right_t *right, const char *project,
                                     const char *what, const char *name);

#endif
