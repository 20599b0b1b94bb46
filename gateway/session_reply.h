/* session_reply.h - what all routes that sign a browser in have in common. */

#ifndef OPENCICD_GATEWAY_SESSION_REPLY_H
#define OPENCICD_GATEWAY_SESSION_REPLY_H

#include "gateway/request.h"

// FORBIDDEN where a page of another site sends it. A program, which says of no site, may.
MUST_USE fault_t session_refuse_others (request_t *self);
const char *session_client (request_t *self); // What the browser calls itself
// Sets its cookie, which the answer itself does not show; none where more is needed first.
MUST_USE fault_t session_reply (request_t *self, session_t *session);

#endif
