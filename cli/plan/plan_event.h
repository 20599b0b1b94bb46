/* plan_event.h - the event that `opencicd plan` assumes, from its flags and a payload as forges send it. */

#ifndef OPENCICD_CLI_PLAN_PLAN_EVENT_H
#define OPENCICD_CLI_PLAN_PLAN_EVENT_H

#include "cli/command/command.h"
#include "workflow/plan/filter.h"

typedef struct {
    filter_event_t happened;
    const value_t *github; // The context
    const value_t *inputs;
    const char *title; // Of a run without run-name; "" for the workflow's name
} plan_event_t;

// For a run of `workflow`, read from `path`. BAD_INPUT if a flag is wrong.
MUST_USE fault_t plan_event_read (const cli_t *cli, const workflow_t *workflow, const char *path,
                                  plan_event_t *out);

// The value of flags NAME=VALUE; BAD_INPUT names a malformed one.
MUST_USE fault_t pairs_of (const cli_t *cli, const char *flag, const value_t **out);

#endif
