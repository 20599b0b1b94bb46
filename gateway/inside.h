/* inside.h - what the gateway's own files see of it beside gateway.h. */

#ifndef OPENCICD_GATEWAY_INSIDE_H
#define OPENCICD_GATEWAY_INSIDE_H

#include "gateway/request.h"

#include <civetweb.h>

const gateway_config_t *gateway_config (const gateway_t *self);
const secret_key_t *gateway_key (const gateway_t *self);
struct tokens *gateway_tokens (gateway_t *self); // tokens.h
int64_t gateway_now_us (gateway_t *self);        // UTC
flights_t *gateway_flights (gateway_t *self);
bool gateway_stopping (gateway_t *self);   // It fails readiness and keeps no connection
bool gateway_take_place (gateway_t *self); // For a stream; false where all are taken
void gateway_give_place (gateway_t *self);

// A text that is made once, at its first use.
typedef struct {
    char *text;
    size_t size;
    char etag[40];
} gateway_text_t;
const gateway_text_t *gateway_openapi (gateway_t *self);

// Asks a service and waits, at most the configured time and `wait_seconds` more. UNAVAILABLE at once when it stops.
MUST_USE fault_t gateway_call (request_t *request, const message_t *ask_message, const void *ask,
                               void *answer, uint32_t wait_seconds);
// The same with the answer in `window`, which is emptied first: for loops over what is larger than memory should be.
MUST_USE fault_t gateway_call_in (request_t *request, arena_t *window, const message_t *ask_message,
                                  const void *ask, void *answer, uint32_t wait_seconds);
// `answer` in the turn's arena, of the message that answers.
void *gateway_answer (request_t *request, const message_t *ask_message);

int gateway_serve (struct mg_connection *conn); // civetweb's begin_request

#endif
