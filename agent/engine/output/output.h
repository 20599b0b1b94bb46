/* output.h - filters one stream of a step's output: acts on workflow commands, masks secrets, passes everything else unchanged.
 *
 * What begins like a command is held back until its line is complete; the command's function decides what the log shows instead. Between
 * ::stop-commands::TOKEN and ::TOKEN::, in upper or lower case, commands are plain text. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_OUTPUT_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_OUTPUT_H

#include "agent/engine/output/command.h"
#include "agent/engine/output/mask.h"

typedef struct output output_t;
// Returns the text that replaces the line, in the arena and without a newline; "" for nothing; NULL to leave the line as it is;
// OUTPUT_PLAIN where there is no such command: then it is a line like any other.
#define OUTPUT_PLAIN output_plain
extern const char output_plain[];
typedef const char *(*command_fn) (void *self, arena_t *arena, const workflow_command_t *command);

// Likewise for a line that is not a command.
typedef const char *(*line_fn) (void *self, arena_t *arena, const char *line, size_t size);

typedef struct {
    bytes_fn emit; // Called with what may be shown
    command_fn act;
    bool (*may_stop) (void *self, const char *token); // May commands be stopped until this token?
    bool (*watches) (
        void *self); // True: every line is passed to `look`, and held back until it is complete. NULL: never
    line_fn look;
} output_use_t;

// All of its functions get `use_self`. Borrows mask and use.
output_t *output_new (const mask_t *mask, const output_use_t *use, void *use_self);
void output_destroy (output_t **self_p);
void output_add (output_t *self, const void *data, size_t size);
void output_end (output_t *self); // Emits what is held back

#endif
