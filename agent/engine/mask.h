/* mask.h - secrets become *** before their first byte is written anywhere.
 *
 * A mask_t is the set of values; a mask_stream_t is one stream of bytes that is searched for them, also across the
 * pieces in which it comes. All places where any value occurs are covered, overlapping ones as one. What could be the
 * beginning of a value is held back until the next byte decides. Belongs to one thread. */

#ifndef OPENCICD_AGENT_ENGINE_MASK_H
#define OPENCICD_AGENT_ENGINE_MASK_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define MASKS_MAX       1000       // Values of one job; past it OVERLOADED
#define MASK_LENGTH_MAX (64 << 10) // A longer line is masked in pieces of this length

typedef struct mask mask_t;
typedef struct mask_stream mask_stream_t;
typedef void (*bytes_fn) (void *self, const void *data, size_t size);

mask_t *mask_new (void);
void mask_destroy (mask_t **self_p);
// Every line of the value becomes a mask, without space around it, and each form in which it may be printed (mask_forms.h); of several
// lines those of one character do not.
MUST_USE fault_t mask_add (mask_t *self, const char *value, size_t size);
const char *mask_text (const mask_t *self, arena_t *arena,
                       const char *text); // The text with its secrets covered

mask_stream_t *mask_stream_new (const mask_t *mask, bytes_fn emit, void *emit_self); // Borrows mask
void mask_stream_destroy (mask_stream_t **self_p);
void mask_stream_add (mask_stream_t *self, const void *data, size_t size);
void mask_stream_end (mask_stream_t *self); // Gives out what is held back; a next stream may begin

#endif
