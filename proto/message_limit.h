/* message_limit.h - the error text for a field past its limit, the same wherever it is found. Private to proto/. */

#ifndef OPENCICD_MESSAGE_LIMIT_H
#define OPENCICD_MESSAGE_LIMIT_H

#include "proto/message.h"

// "name: has 300 bytes, at most 255 are allowed". A list of strings or of messages has entries, a number is what it is.
MUST_USE fault_t message_too_much (turn_t *turn, fault_t fault, const field_t *field, uint64_t got);
MUST_USE fault_t message_string_too_long (turn_t *turn, fault_t fault, const field_t *field, size_t at,
                                          size_t size);
// "jobs[3].name: ..." from the error about a row.
MUST_USE fault_t message_in_row (turn_t *turn, fault_t fault, const field_t *field, size_t row);

// Bytes that the message takes packed, its ROWS cut as short as they can be.
size_t message_packed_size (const message_t *message, const void *from);

#endif
