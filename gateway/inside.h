/* inside.h - what all requests share, as they may use it: gateway.c holds it. */

#ifndef OPENCICD_GATEWAY_INSIDE_H
#define OPENCICD_GATEWAY_INSIDE_H

#include "common/base/job_token.h"
#include "common/http/http_server.h"
#include "gateway/config.h"
#include "gateway/slots.h"

const gateway_config_t *gateway_config (const gateway_t *self);
const secret_key_t *gateway_key (const gateway_t *self);
bus_client_t *gateway_client (gateway_t *self);
struct audit_queue *gateway_audit (gateway_t *self); // audit_queue.h
struct tokens *gateway_tokens (gateway_t *self);     // tokens.h
int64_t gateway_now_us (gateway_t *self);            // UTC
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
const char *gateway_url (const gateway_t *self); // How others reach it, without a slash at the end
const gateway_text_t *gateway_openapi (gateway_t *self);

http_after_t gateway_serve (void *gateway, http_conn_t *conn, const http_head_t *head);
http_lane_t gateway_lane (const http_head_t *head);

#endif
