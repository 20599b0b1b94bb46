/* annotation.h - what a step reports about the code: an error, a warning or a notice, with a file and a line if the step names them.
 *
 * Source: GitHub's "Workflow commands", and what its runner makes of their properties: an end without a start is the start, too; a range
 * that ends before it starts is dropped; columns are kept only within one line. At most ANNOTATIONS_EACH of each level are kept per step,
 * and ANNOTATIONS_MAX per job; the rest is only in the log. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_ANNOTATION_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_ANNOTATION_H

#include "agent/engine/output/command.h"
#include "proto/states.h"

#include <stdint.h>

#define ANNOTATIONS_EACH 10 // Per step and level
#define ANNOTATIONS_MAX  50 // Per job

typedef struct {
    uint32_t step;
    annotation_level_t level;
    const char *title, *file, *message;          // UTF-8; "": none
    uint32_t line, end_line, column, end_column; // From 1; 0: none
} engine_annotation_t;

// How many were kept, by step: background steps run at the same time, so one counter would not do.
typedef struct {
    struct {
        uint32_t step;
        annotation_level_t level;
    } kept[ANNOTATIONS_MAX];
    unsigned count;
} annotation_count_t;

// Is it the name of a command that annotates: error, warning, notice?
bool annotation_level (const char *command, annotation_level_t *out);
// Reads ::error file=...,line=...::message. A path below `workspace` becomes relative to it. Strings live in the arena.
void annotation_read (arena_t *arena, const workflow_command_t *command, annotation_level_t level,
                      const char *workspace, engine_annotation_t *out);
// Counts one more; false if a limit is reached, and it is to be dropped.
bool annotation_keep (annotation_count_t *count, const engine_annotation_t *annotation);

#endif
