/* audit.h - what people did, as services pass it on: an audit_entry as JSON. For codec.h, and for services that record what no request says. */

#ifndef OPENCICD_PROTO_AUDIT_H
#define OPENCICD_PROTO_AUDIT_H

#include "common/base/audit_memory.h"
#include "proto/messages.h"

// Who did what to what; its id, time, result and request id are filled in. For actor_audit(). In the turn's arena.
MUST_USE fault_t audit_note (turn_t *turn, const audit_entry_t *entry, const audit_record_t **out);

// Of codec_t.
MUST_USE fault_t audit_entry_of (turn_t *turn, const char *given, uint16_t answer_number, const void *answer,
                                 audit_record_t *out);
MUST_USE fault_t audit_put_of (turn_t *turn, const audit_records_t *records, uint16_t *number,
                               const void **ask);

#endif
