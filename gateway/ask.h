/* ask.h - what a request asks of a service: the fields of its route's message, by name, from body, query and path. */

#ifndef OPENCICD_GATEWAY_ASK_H
#define OPENCICD_GATEWAY_ASK_H

#include "gateway/request.h"

// BAD_INPUT names a query parameter that the route does not know.
MUST_USE fault_t request_query_known (request_t *self);
// Fills the ask's fields from body, query and path, the later over the earlier, and checks them.
MUST_USE fault_t request_ask (request_t *self, void *ask);
// The same without the body, for handlers that take bytes.
MUST_USE fault_t request_fields (request_t *self, void *ask);

#endif
