/* annotation.h - what a step says of the code: an error, a warning or a notice, perhaps with a file and a line.
 *
 * Source: GitHub's "Workflow commands", and what its runner makes of their properties: an end without a beginning is both, an end
 * before its beginning drops both, and columns are of one line. Of a step ANNOTATIONS_EACH of each level are kept, of a job ANNOTATIONS_MAX: the rest
 * stays in the log alone. */

#ifndef OPENCICD_AGENT_ENGINE_ANNOTATION_H
#define OPENCICD_AGENT_ENGINE_ANNOTATION_H

#include "agent/engine/command.h"
#include "proto/states.h"

#include <stdint.h>

#define ANNOTATIONS_EACH 10 // Of one level, by one step
#define ANNOTATIONS_MAX  50 // Of a job

typedef struct {
    uint32_t step;
    annotation_level_t level;
    const char *title, *file, *message;          // UTF-8; "" where it has none
    uint32_t line, end_line, column, end_column; // From 1; 0: none
} engine_annotation_t;

// Those that were kept; steps run at the same time.
typedef struct {
    struct {
        uint32_t step;
        annotation_level_t level;
    } kept[ANNOTATIONS_MAX];
    unsigned count;
} annotation_count_t;

// Is it the name of a command that annotates?
bool annotation_level (const char *command, annotation_level_t *out);
// Of ::error file=...,line=...::message. A file below `workspace` is named from there.
void annotation_read (arena_t *arena, const workflow_command_t *command, annotation_level_t level,
                      const char *workspace, engine_annotation_t *out);
// Counts one more; false where it is one too many.
bool annotation_keep (annotation_count_t *count, const engine_annotation_t *annotation);

#endif
