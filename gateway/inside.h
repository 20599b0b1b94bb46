/* inside.h - the gateway's internal interface, in addition to gateway.h. */

#ifndef OPENCICD_GATEWAY_INSIDE_H
#define OPENCICD_GATEWAY_INSIDE_H

#include "gateway/request.h"

const gateway_config_t *gateway_config (const gateway_t *self);
const secret_key_t *gateway_key (const gateway_t *self);
struct tokens *gateway_tokens (gateway_t *self); // tokens.h
int64_t gateway_now_us (gateway_t *self);        // UTC
slots_t *gateway_slots (gateway_t *self);
struct feed *gateway_feed (gateway_t *self);   // feed.h
struct pages *gateway_pages (gateway_t *self); // pages.h
bool gateway_stopping (gateway_t *self);       // It fails readiness and keeps no connection
void gateway_measure (gateway_t *self);        // Brings the gauges up to date

// The result of the latest check of the services.
typedef struct {
    bool ready;
    int64_t until_us; // Monotonic: until then it is shown without a new check
    char text[512];
} readiness_t;
// False: the caller has to check, and to set the result.
bool gateway_readiness (gateway_t *self, readiness_t *out, int64_t now_us);
void gateway_set_readiness (gateway_t *self, const readiness_t *seen);

// A text that is made once, at its first use.
typedef struct {
    char *text;
    size_t size;
    char etag[40];
} gateway_text_t;
const gateway_text_t *gateway_openapi (gateway_t *self);

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

http_after_t gateway_serve (void *gateway, http_conn_t *conn, const http_head_t *head);
http_lane_t gateway_lane (const http_head_t *head);

#endif
