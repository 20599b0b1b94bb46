/* call.h - a request's call of a service. */

#ifndef OPENCICD_GATEWAY_CALL_H
#define OPENCICD_GATEWAY_CALL_H

#include "gateway/request.h"

// Calls a service and waits, at most the configured time and `wait_seconds` more. UNAVAILABLE at once during a shutdown.
MUST_USE fault_t gateway_call (request_t *request, const message_t *ask_message, const void *ask,
                               void *answer, uint32_t wait_seconds);
// The same, at most `ms` milliseconds.
MUST_USE fault_t gateway_call_within (request_t *request, const message_t *ask_message, const void *ask,
                                      void *answer, uint32_t ms);
// The same with the answer in `window`, which is emptied first: for loops over what is larger than memory should be.
MUST_USE fault_t gateway_call_in (request_t *request, arena_t *window, const message_t *ask_message,
                                  const void *ask, void *answer, uint32_t wait_seconds);
// `answer` in the turn's arena, of the message that answers.
void *gateway_answer (request_t *request, const message_t *ask_message);

#endif
