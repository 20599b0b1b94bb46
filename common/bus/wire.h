/* wire.h - the header frame of a message between processes. Internal to the bus.
 *
 * A message is two frames: this header, and a body that proto/ packs. The header is a msgpack array of its fields in order
 * and evolves like any message: more fields are ignored, missing ones are 0 or "". But a caller's grants are an array, for
 * which a version that does not know them refuses the header. A deadline travels as the time that is
 * left, because clocks of hosts differ; and, since a message may be delayed on its way, as a time of the steady clock that processes on one
 * machine share. The time of day is sent only to detect differences. */

#ifndef OPENCICD_WIRE_H
#define OPENCICD_WIRE_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>

// Answers only: the request was for another service and has not begun; or this one is ending, and it is safe to repeat.
#define WIRE_ELSEWHERE UINT16_MAX
// Is anybody there? Whoever takes messages answers at once, with anything. Its call is 0.
#define WIRE_PROBE (UINT16_MAX - 1)

#define BUS_QUEUE 1000  // Messages that may wait in one socket, or in one mailbox
#define WIRE_MAX  16384 // Bytes of a header; a longer detail is cut

typedef struct {
    uint64_t call;     // Chosen by the caller; comes back with the answer
    uint16_t number;   // Of the message in the body; WIRE_ELSEWHERE, WIRE_PROBE
    fault_t fault;     // Answers only
    const char *text;  // A request's id, an answer's detail
    int64_t left_us;   // Requests only: time until the deadline
    caller_t caller;   // Requests only
    int64_t until_us;  // Requests only: the deadline by the caller's clock; UTC; 0 if unknown
    int64_t ends_us;   // Requests only: the deadline by the steady clock of the machine `host`; 0 if unknown
    uint64_t host;     // Requests only: identifies a machine since its boot
    const char *key;   // Requests only: identifies this request however often it is sent
    bool repeats;      // Requests only: it may have been sent before
    const char *audit; // Requests only: turn->audit; "" for none
} wire_t;

size_t wire_pack (const wire_t *self, char into[WIRE_MAX]);
void wire_repeats (char *packed, size_t size);                                  // Marks it as sent before
bool wire_unpack (wire_t *self, arena_t *arena, const void *data, size_t size); // False if it is not a header

#endif
