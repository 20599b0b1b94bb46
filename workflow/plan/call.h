/* call.h - workflows that call workflows (`jobs.<id>.uses`): how a call names a file, and whether all calls of a run can work.
 *
 * Source: GitHub's "Reuse workflows" and "Reusing workflow configurations". Pure: whoever asks finds the files. */

#ifndef OPENCICD_WORKFLOW_CALL_H
#define OPENCICD_WORKFLOW_CALL_H

#include "workflow/plan/plan.h"

#define CALL_DEPTH 10 // Workflows that call one another in a row, the run's own included
#define CALL_FILES 50 // Different workflows that one run calls

// The name of a called file within a run: "./.github/workflows/x.yml", or "[https://host/]owner/repo/.github/workflows/x.yml@ref". `from` is the calling
// file's name, "" for the run's own workflow: what a file of another repository calls by "./" or "$/" is of that repository, at that ref.
const char *call_name (arena_t *arena, const char *from, const char *uses);

// The repository and the ref of such a name: "[https://host/]owner/repo", "ref". False for a local one, and one that is none.
bool call_repository (arena_t *arena, const char *name, const char **repository, const char **ref);

// Finds a called workflow by its name. NULL where there is none, or it is not well formed: *reason, one sentence, goes into the
// finding; where it is NULL the file is somewhere else, and nothing can be said about the call.
typedef struct {
    void *self;
    const workflow_t *(*find) (void *self, const char *name, const char **reason);
} call_finder_t;

// Are all files there and made to be called, in no circle, not too deep, not too many; are inputs and secrets known and complete, and
// permissions not raised? INVALID with findings, each in the file that calls.
MUST_USE fault_t calls_check (arena_t *arena, const workflow_t *root, const call_finder_t *finder,
                              findings_t *findings);

// What the calling job's `outputs` are: workflow_call.outputs, evaluated. context->jobs: the called workflow's finished jobs.
MUST_USE fault_t call_outputs (arena_t *arena, const workflow_t *workflow, const plan_context_t *context,
                               findings_t *findings, const value_t **out);

#endif
