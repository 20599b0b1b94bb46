/* model_read.h - nodes that the schema has accepted, to the parts of a model. Shared by job.c and model.c.
 *
 * The schema may have found errors: these functions take any tree and leave out what is not of the wanted kind. */

#ifndef OPENCICD_WORKFLOW_MODEL_READ_H
#define OPENCICD_WORKFLOW_MODEL_READ_H

#include "workflow/model/job.h"
#include "workflow/model/model.h"

text_t read_text (arena_t *arena, const node_t *node); // NULL node: text NULL
text_t read_key (arena_t *arena, const node_t *map, const char *key);
texts_t read_texts (arena_t *arena, const node_t *node); // One scalar is a list of one
pairs_t read_pairs (arena_t *arena, const node_t *node);
bool read_bool (const node_t *map, const char *key);

concurrency_t read_concurrency (arena_t *arena, const node_t *node);
defaults_t read_defaults (arena_t *arena, const node_t *node, const defaults_t *outer);

// A job as a file or a definition has it; `workflow` gives what it inherits.
void read_job (arena_t *arena, const node_t *node, const workflow_t *workflow, findings_t *findings,
               job_t *out);
// Finds what the schema cannot see: duplicate ids, unknown targets of wait. Gives ids to steps that have none.
const step_t *read_steps (arena_t *arena, const node_t *list, findings_t *findings, size_t *count);
void read_events (arena_t *arena, const node_t *on, workflow_t *out);
void read_workflow (arena_t *arena, const node_t *root, findings_t *findings, workflow_t *out);

#endif
