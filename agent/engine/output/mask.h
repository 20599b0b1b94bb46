/* mask.h - replaces secrets by *** before any byte of them is written anywhere.
 *
 * A mask_t is the set of secrets; a mask_stream_t searches one stream of bytes for them, even if one is split over several pieces. Every
 * occurrence is replaced; overlapping ones become one ***. Bytes that could be the start of a secret are held back until later bytes
 * decide. Neither is locked: one thread at a time. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_MASK_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_MASK_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define MASKS_MAX       1000       // Secrets of one job; one more is OVERLOADED
#define MASK_LENGTH_MAX (64 << 10) // Bytes; a longer line is masked in pieces of this length

typedef struct mask mask_t;
typedef struct mask_stream mask_stream_t;
typedef void (*bytes_fn) (void *self, const void *data, size_t size);

mask_t *mask_new (void);
void mask_destroy (mask_t **self_p);
// Masks every line of the value, trimmed, and each form in which it may be printed (mask_forms.h). In a value of several lines, lines of
// one character are left alone: masking every "}" would make the log unreadable.
MUST_USE fault_t mask_add (mask_t *self, const char *value, size_t size);
const char *mask_text (const mask_t *self, arena_t *arena,
                       const char *text); // The whole text with its secrets replaced, in the arena

// Borrows the mask, whose later secrets count as well. `emit` is called with what may be written.
mask_stream_t *mask_stream_new (const mask_t *mask, bytes_fn emit, void *emit_self);
void mask_stream_destroy (mask_stream_t **self_p);
void mask_stream_add (mask_stream_t *self, const void *data, size_t size);
void mask_stream_end (mask_stream_t *self); // Emits what is held back; the next add begins a new stream

#endif
