/* output.h - one stream of what a step prints: workflow commands are found, secrets are covered, all else passes untouched.
 *
 * A line that begins with :: is held until it is whole, so that ::add-mask:: covers its own value. Between
 * ::stop-commands::TOKEN and ::TOKEN:: no command is obeyed. */

#ifndef OPENCICD_AGENT_OUTPUT_H
#define OPENCICD_AGENT_OUTPUT_H

#include "agent/command.h"
#include "agent/mask.h"

typedef struct output output_t;
typedef void (*command_fn) (void *self, const command_t *command);

// `emit` gets what may be shown; both get `fn_self`. Borrows mask.
output_t *output_new (const mask_t *mask, command_fn act, bytes_fn emit, void *fn_self);
void output_destroy (output_t **self_p);
void output_add (output_t *self, const void *data, size_t size);
void output_end (output_t *self); // Gives out what is held back

#endif
