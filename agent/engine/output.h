/* output.h - one stream of what a step prints: workflow commands are found, secrets are masked, all else passes untouched.
 *
 * What begins like a command is held until its line is whole; whoever obeys it says what the log shows instead. Between
 * ::stop-commands::TOKEN and ::TOKEN:: no command is obeyed. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_H

#include "agent/engine/command.h"
#include "agent/engine/mask.h"

typedef struct output output_t;
// Gives, in the arena, the text that takes the line's place, without a line end; "" for nothing; NULL to leave the line as it is.
typedef const char *(*command_fn) (void *self, arena_t *arena, const workflow_command_t *command);

// Likewise for a line that is not a command.
typedef const char *(*line_fn) (void *self, arena_t *arena, const char *line, size_t size);

typedef struct {
    bytes_fn emit; // Gets what may be shown
    command_fn act;
    bool (*watches) (
        void
            *self); // Whether every line is to be looked at: then each is held until it is whole. NULL: never
    line_fn look;
} output_use_t;

// All get `use_self`. Borrows mask and use.
output_t *output_new (const mask_t *mask, const output_use_t *use, void *use_self);
void output_destroy (output_t **self_p);
void output_add (output_t *self, const void *data, size_t size);
void output_end (output_t *self); // Gives out what is held back

#endif
