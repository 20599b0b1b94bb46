/* payload.h - what the payload of an event says: its ref, the ref that filters apply to, the name of its run. Pure.
 *
 * Sources: GitHub's "Events that trigger workflows", which gives the ref of each event, and "Webhook events and payloads". */

#ifndef OPENCICD_WORKFLOW_PAYLOAD_H
#define OPENCICD_WORKFLOW_PAYLOAD_H

#include "workflow/expression/value.h"

#define PAYLOAD_TITLE 1000 // Bytes

// github.ref: "refs/pull/7/merge"; the default branch's where an event is about none; "" where the payload does not tell.
const char *payload_ref (arena_t *arena, const char *event, const value_t *payload);

// What to read from the repository: the ref that the event itself names, "" if it names none; and a commit in it, "" for
// the one that the ref is at.
typedef struct {
    const char *ref, *sha;
} payload_target_t;
#define PAYLOAD_TARGETS 3
// The first of these that the repository has is what the event is about: of a pull request its merge, where that is of the
// head that the payload names, then the head. Gives their number.
size_t payload_targets (arena_t *arena, const char *event, const value_t *payload,
                        payload_target_t out[PAYLOAD_TARGETS]);
// The head of a pull request, "" where the payload does not tell; and what it is compared with.
const char *payload_head (const char *event, const value_t *payload);
const char *payload_before (const char *event, const value_t *payload);
// Where a forge shows how a run ended, where that is not the run's own commit: the head of a pull request, also of one whose target runs, and
// the branch that it is in. Both "" where the payload names none.
payload_target_t payload_shown_at (arena_t *arena, const char *event, const value_t *payload);

// The ref that branch filters look at, where github.ref is `ref`: pull requests and merge groups are filtered by the branch that they
// go into, workflow_run by that of the run before it.
const char *payload_filter_ref (arena_t *arena, const char *event, const char *ref, const value_t *payload);

// The name of a run whose workflow has no run-name: the subject of a commit, the title of a pull request; "" for the workflow's.
const char *payload_title (arena_t *arena, const char *event, const value_t *payload);

// github.event.inputs of workflow_dispatch: all of `inputs`, as texts.
const value_t *payload_inputs (arena_t *arena, const value_t *inputs);

#endif
