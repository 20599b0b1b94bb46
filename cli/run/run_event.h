/* run_event.h - the event that `opencicd run` reports: from its flags, and where they say nothing, from the working tree. */

#ifndef OPENCICD_CLI_RUN_RUN_EVENT_H
#define OPENCICD_CLI_RUN_RUN_EVENT_H

#include "cli/command/command.h"
#include "cli/files/working_tree.h"
#include "workflow/expression/value.h"

typedef struct {
    const char *name;       // "push"
    const char *ref;        // --ref, in full; NULL: that of the branch
    const value_t *payload; // As it was given, with the inputs
} run_event_t;

// `workflow`: the file to run, NULL for all; without --event it decides which event. BAD_INPUT if a flag is wrong.
MUST_USE fault_t run_event_read (const cli_t *cli, const working_tree_t *tree, const char *workflow,
                                 run_event_t *out);
// The ref of the commit: a pull request's is its merge. NULL: that of the branch.
const char *run_event_ref (arena_t *arena, const run_event_t *self);
// The body of POST /projects/.../events.
const char *run_event_body (const cli_t *cli, const run_event_t *self, const snapshot_t *snapshot,
                            const char *workflow);

// The workflow files of the tree, from its root, by name.
MUST_USE fault_t workflow_files (turn_t *turn, const working_tree_t *tree, args_t *out);
// The one of that path or name; NULL where there is none.
const char *workflow_file_named (const args_t *files, const char *name);
// Does it react to this event? True if it cannot be read: then the server says why.
bool workflow_file_takes (turn_t *turn, const working_tree_t *tree, const char *path, const char *event);

#endif
