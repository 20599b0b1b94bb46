/* request.h - one HTTP request being served: what every handler gets. Lives on its thread's stack for the time of the answer.
 *
 * A handler fills its ask (request_ask), calls a service (gateway_call) and answers once (reply.h). It returns OK when it has
 * answered; a fault when it has not, which then becomes the problem document. A fault after the answer has begun only closes. */

#ifndef OPENCICD_GATEWAY_REQUEST_H
#define OPENCICD_GATEWAY_REQUEST_H

#include "gateway/flight.h"
#include "gateway/gateway.h"
#include "gateway/header.h"
#include "gateway/route.h"

#define REQUEST_READ (64 << 10) // Bytes of a body that are asked for at once

typedef struct request {
    gateway_t *gateway;
    struct mg_connection *conn;
    const struct mg_request_info *info;
    turn_t turn;
    const route_t *route; // NULL until it is known
    pairs_t path;         // Path parameters
    pairs_t query;
    const char *body;
    size_t body_size;
    bool unread;         // There is a body, or a rest of it, that was not read
    bool head;           // Asked by HEAD
    bool keep;           // The connection stays
    bool streaming;      // Holds one of the places for streams
    int status;          // Of the answer; 0 while none has begun
    const char *headers; // More headers of the answer, each with its CR LF
    flight_t flight;
} request_t;

// Reads the whole body, at most the route's limit, before the deadline for bodies. Answers Expect: 100-continue.
MUST_USE fault_t request_body (request_t *self);
// BAD_INPUT names a query parameter that the route does not know.
MUST_USE fault_t request_query_known (request_t *self);
// Fills the ask's fields from body, query and path, the later over the earlier, and checks them.
MUST_USE fault_t request_ask (request_t *self, void *ask);
// The same without a look at the body, for handlers that take bytes.
MUST_USE fault_t request_fields (request_t *self, void *ask);
// Who asks: fills turn.caller and refuses who may not.
MUST_USE fault_t request_authorize (request_t *self);
// Takes one of the places for what stays long, until the request ends. OVERLOADED where there is none.
MUST_USE fault_t request_stay (request_t *self);

#endif
