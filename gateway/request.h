/* request.h - one HTTP request being served: what every handler gets. Lives on its thread's stack for the time of the answer.
 *
 * A handler fills its ask (ask.h), calls a service (call.h) and answers once (reply.h). It returns OK when it has
 * answered; a fault when it has not, which then becomes the problem document. A fault after the answer has begun only closes. */

#ifndef OPENCICD_GATEWAY_REQUEST_H
#define OPENCICD_GATEWAY_REQUEST_H

#include "common/http/http_server.h"
#include "gateway/header.h"
#include "gateway/inside.h"
#include "gateway/route.h"
#include "gateway/slots.h"

#define REQUEST_FIRST (8 << 10) // Bytes that a body in chunks begins with

typedef struct request {
    gateway_t *gateway;
    http_conn_t *conn;
    const http_head_t *info;
    turn_t turn;
    const char *credential;    // Hash of its token, or the job of one; "" where it has none
    const char *credential_id; // Of that token, or of a session; NULL where it has none
    caller_t person;           // Who it is, also while the gateway calls as a service
    bool recorded;             // A service records it in the audit, with what it changes
    const route_t *route;      // NULL until it is known
    uri_pairs_t path;          // Path parameters
    uri_pairs_t query;
    char *body;
    size_t body_size;
    uint32_t limit; // Bytes of the body
    bool unread;    // There is a body, or part of one, that was not read
    bool timed_out; // The body did not arrive in time: 408
    bool head;      // Asked by HEAD
    bool keep;      // The connection stays
    bool placed;    // Holds a slot of the kind `slot`
    bool stays;     // Its deadline is for each part, not for the whole
    slot_kind_t slot;
    int64_t owed;        // Bytes of the answer that are not written yet; 0 or less if unknown
    int64_t until_us;    // Monotonic deadline of the body, then of the answer
    int status;          // Of the answer; 0 while none has begun
    const char *inside;  // A service's detail of its own failure: for the log
    const char *headers; // More headers of the answer, each with its CR LF
} request_t;

// Reads the whole body, at most `limit` bytes, before the deadline for bodies. Answers Expect: 100-continue.
MUST_USE fault_t request_body (request_t *self, uint32_t limit);
// The same piece by piece, each of `most` bytes but the last, for a handler that STREAMS: only one is in memory. The body is not empty.
typedef fault_t piece_fn (void *to, const void *data, size_t size, bool last);
MUST_USE fault_t request_pieces (request_t *self, uint32_t most, piece_fn *take, void *to);
// Authenticates: fills turn.caller and refuses callers without the right.
MUST_USE fault_t request_authorize (request_t *self);
// For what goes on for long: may its caller still do what it could at the start? False where its credential has ended, or its roles have changed.
MUST_USE bool request_still (request_t *self);
// Takes one of the slots of a kind, until the last byte of the answer is about to be written. OVERLOADED if there is none.
MUST_USE fault_t request_slot (request_t *self, slot_kind_t kind);
void request_leave (request_t *self); // Gives it back, if there is one
// The same for long requests: from now on its thread does not count among those that serve requests.
MUST_USE fault_t request_stay (request_t *self, slot_kind_t kind);

#endif
