/* sse.h - parses server-sent events from a stream of bytes in chunks of any size.
 *
 * Source: the HTML standard, "Server-sent events", "Interpreting an event stream". Fields other than event, data and id are
 * ignored; so is a NUL in an id. */

#ifndef OPENCICD_SSE_H
#define OPENCICD_SSE_H

#include "common/base/fault.h"

#include <stddef.h>

#define SSE_EVENT_MAX (16 << 20) // Bytes of one event

typedef struct sse sse_t;

// The strings live until it returns. `id` is the last one that came, "" for none.
typedef void sse_fn (void *self, const char *type, const char *id, const char *data, size_t size);

sse_t *sse_new (sse_fn *take, void *take_self);
void sse_destroy (sse_t **self_p);
MUST_USE fault_t sse_feed (sse_t *self, const char *bytes, size_t size); // TOO_LARGE
void sse_restart (sse_t *self); // A new connection: a partial event is dropped, the last id stays
const char *sse_last_id (const sse_t *self); // For Last-Event-ID; "" for none

#endif
