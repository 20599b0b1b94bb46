/* command_file.h - what a step writes into GITHUB_ENV, GITHUB_OUTPUT, GITHUB_STATE and GITHUB_PATH.
 *
 * Source: GitHub's "Workflow commands", environment files: `name=value` lines, or several lines as
 *     name<<DELIMITER
 *     ...
 *     DELIMITER */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_COMMAND_FILE_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_COMMAND_FILE_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_FILE_MAX (1 << 20) // Bytes of one file

typedef struct {
    const char *name;
    const char *value;
} assignment_t;

typedef struct {
    assignment_t *items;
    size_t count, capacity;
} assignments_t;

// INVALID; *error names the line.
MUST_USE fault_t command_file_parse (arena_t *arena, const char *text, size_t size, assignments_t *out,
                                     const char **error);
// Every line that is not empty and has no NUL byte becomes an item with only a name.
void command_file_lines (arena_t *arena, const char *text, size_t size, assignments_t *out);

#endif
