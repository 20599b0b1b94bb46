/* actor_audit.h - what people change is recorded with the change, and kept by another service.
 *
 * The gateway says with a request what is to be recorded of it (turn->audit). If the request changes something, that is left in the service's
 * own database, in the same transaction, and soon afterwards sent to whoever keeps it. What the texts mean, and who that is, the codec knows
 * (common/bus/codec.h). */

#ifndef OPENCICD_ACTOR_AUDIT_H
#define OPENCICD_ACTOR_AUDIT_H

#include "common/actor/actor.h"
#include "common/base/audit_memory.h"

// In a handler: records this as well, with what it writes. `text` is the codec's; in the turn's arena.
void actor_audit (turn_t *turn, const audit_record_t *record);

// ---- for the host of an actor ----

struct served;
// Of a turn.
typedef struct {
    const audit_record_t *note; // What its handler records; NULL: nothing
    bool changed;               // It wrote something, in this or in an earlier run
    bool sends;                 // It is not a request: it sends records, or removes those that were taken
    bool removes;
} audit_turn_t;

MUST_USE fault_t audit_add (actor_t *self, struct served **batch, size_t count); // Before the commit
void audit_committed (actor_t *self, struct served **batch, size_t count);
void audit_take (actor_t *self); // Begins to send, if it is due
void audit_ended (actor_t *self,
                  struct served *served); // Of one that sends, once its request was answered, or failed

#endif
