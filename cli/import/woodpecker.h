/* woodpecker.h - the parts of the translator of Woodpecker's pipelines.
 *
 * A workflow of Woodpecker is one job here. Its steps share a workspace, each in an image of its own: where all have the same it is the job's
 * container, else each is a step `uses: docker://image`. A plugin is its image with its settings as PLUGIN_ variables, as it is there. */

#ifndef OPENCICD_CLI_IMPORT_WOODPECKER_H
#define OPENCICD_CLI_IMPORT_WOODPECKER_H

#include "cli/import/import.h"
#include "workflow/yaml/yaml.h"

typedef struct {
    import_t *import;
    arena_t *arena;
    const node_t *root;
    import_job_t *job;
    const node_t *matrix;
    const char *image; // Of all steps; NULL: they differ
    bool plugins;
} woodpecker_t;

typedef struct {
    const char *name;
    const node_t *node;
    bool done;
} woodpecker_step_t;

extern const import_variable_t woodpecker_variables[];

// ---- woodpecker_when.c ----

// The condition of a `when`; NULL: always. What is not understood is false, with a comment. `step`: may it name the matrix?
const char *woodpecker_when (woodpecker_t *self, const node_t *when, bool step, draft_t *notes);

// ---- woodpecker_steps.c ----

void woodpecker_steps (woodpecker_t *self, const node_t *steps);
void woodpecker_services (woodpecker_t *self, const node_t *services);
const char *woodpecker_json (woodpecker_t *self, const node_t *node);
// ${NAME} of the matrix and of Woodpecker's own variables; others are left.
const char *woodpecker_text (woodpecker_t *self, const node_t *node);

#endif
