/* command.h - workflow commands, as steps write them into their output: ::name key=value,key=value::message
 *
 * Source: GitHub's "Workflow commands". A command is at the beginning of a line; blanks may precede it. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_COMMAND_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_COMMAND_H

#include "common/base/arena.h"

#include <stdbool.h>

#define COMMAND_LINE_MAX   (64 << 10) // A longer line is not a command
#define COMMAND_PROPERTIES 16         // More are ignored

typedef struct {
    const char *name;
    const char *keys[COMMAND_PROPERTIES];
    const char *values[COMMAND_PROPERTIES];
    size_t count;
    const char *message; // %25, %0D and %0A are decoded
} workflow_command_t;

// Parses a line that begins with ::, with or without its newline. False if it is not a command.
bool command_parse (arena_t *arena, const char *line, size_t size, workflow_command_t *out);
const char *command_property (const workflow_command_t *self, const char *key); // "" where it is not there

#endif
