/* codec.h - what the bus must know about messages, without knowing their contents.
 *
 * common/ carries bytes between actors; proto/ knows what they mean and provides this table (proto/codec.c). */

#ifndef OPENCICD_CODEC_H
#define OPENCICD_CODEC_H

#include "common/base/audit_memory.h"
#include "common/base/buffer.h"
#include "common/base/turn.h"

#include <stdbool.h>

// Whether a message is safe to repeat; see proto/calls.h.
typedef enum { REPEAT_AGAIN, REPEAT_ONCE, REPEAT_SECRET } repeat_t;

typedef struct {
    // Size of the struct of a message; 0 where the number is unknown.
    size_t (*size_of) (uint16_t number);
    const char *(*name_of) (uint16_t number);
    // The answer's number, the service that answers, whether it is safe to repeat. False if it is not a request.
    bool (*call_of) (uint16_t ask, uint16_t *answer, const char **service, repeat_t *repeat);
    // Can only one replica of this service write at a time? Then requests share a commit only if they go to the same one. NULL: no service is like that.
    bool (*takes_turns) (const char *service);
    fault_t (*pack) (uint16_t number, const void *from, buffer_t *into);
    fault_t (*unpack) (uint16_t number, turn_t *turn, const void *data, size_t size, void *into);
    // What people did (actor_audit.h): a record of a request, from what the gateway said and from its answer; and the request by which
    // records are sent to whoever keeps them.
    fault_t (*audit_entry) (turn_t *turn, const char *given, uint16_t answer_number, const void *answer,
                            audit_record_t *out);
    fault_t (*audit_put) (turn_t *turn, const audit_records_t *records, uint16_t *number, const void **ask);
} codec_t;

#endif
