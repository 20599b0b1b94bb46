/* wire.h - the header frame of a message between processes. Internal to the bus.
 *
 * A message is two frames: this header, and a body that proto/ packs. The header is a msgpack array of its fields in order
 * and evolves like any message: more fields are ignored, missing ones are 0 or "". A deadline travels as the time that is
 * left, because clocks of hosts differ; and as a time of day, because a message may have waited on its way. */

#ifndef OPENCICD_WIRE_H
#define OPENCICD_WIRE_H

#include "common/turn.h"

#include <stdbool.h>
#include <stddef.h>

#define WIRE_MAX 8192 // Bytes of a header; a longer detail is cut

typedef struct {
    uint64_t call;    // Chosen by who asks; comes back with the answer
    uint16_t number;  // Of the message in the body
    fault_t fault;    // Answers only
    const char *text; // An ask's request id, an answer's detail
    int64_t left_us;  // Asks only: until nobody waits any more
    caller_t caller;  // Asks only
    int64_t until_us; // Asks only: the same by the clock of who asks; UTC; 0 where it is not told
} wire_t;

size_t wire_pack (const wire_t *self, char into[WIRE_MAX]);
bool wire_unpack (wire_t *self, arena_t *arena, const void *data, size_t size); // False for what is no header

#endif
