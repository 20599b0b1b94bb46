/* filter.h - does a workflow react to an event?
 *
 * Branch, tag and path filters with their -ignore forms, activity types and their defaults, [skip ci] and its
 * spellings. The glob syntax itself is pattern.h. Pure: changed paths come in as a list. */

#ifndef OPENCICD_WORKFLOW_FILTER_H
#define OPENCICD_WORKFLOW_FILTER_H

#include "workflow/model/model.h"

#define FILTER_PATHS 3000 // Changed paths that are looked at: a match after them does not count

typedef struct {
    const char *name;         // "push"
    const char *activity;     // "opened"; NULL where the event has none
    const char *ref;          // "refs/heads/main", "refs/tags/v1"; as payload_filter_ref tells
    const char *const *paths; // Changed files; NULL: unknown, path filters then match; none: they do not
    size_t path_count;
    const char *message;  // Head commit's or pull request's; for [skip ci]. NULL: none
    const char *workflow; // workflow_run: the name of the workflow that ran
    const char *cron;     // schedule: the line that is due; NULL: any
    const char *timezone; // schedule: that line's; "" for UTC, NULL: any
    size_t *
        steps; // That matching may still take (pattern.h), of all workflows together; past it what is not known matches. NULL: any
} filter_event_t;

// Tells whether it reacts; *reason (in the arena) says why not, "" where it does.
bool workflow_triggered (arena_t *arena, const workflow_t *workflow, const filter_event_t *event,
                         const char **reason);

// [skip ci], [ci skip], [no ci], [skip actions], [actions skip], or a last trailer "skip-checks: true".
bool filter_skips (arena_t *arena, const char *message);

#endif
