/* reply.h - answers. A complete one is one write; a long one begins with its head and continues in parts.
 *
 * Every answer has the request id and says whether the connection stays open. HEAD gets only the head. When a part cannot be
 * written the client has gone: the connection is closed and the handler returns. */

#ifndef OPENCICD_GATEWAY_REPLY_H
#define OPENCICD_GATEWAY_REPLY_H

#include "gateway/request.h"

#define REPLY_MAX   (48 << 20) // Bytes of one JSON document: the largest message, with its escapes
#define REPLY_CLOSE (-1)       // Size of what ends when the connection does: streams of events

// Adds a header to the answer that follows. The value never comes from outside unchecked.
void reply_header (request_t *self, const char *name, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

void reply_bytes (request_t *self, int status, const char *type, const void *body, size_t size);
void reply_text (request_t *self, int status, const char *type, const char *text);
// `etagged`: with an ETag of the body; 304 if the client has it.
MUST_USE fault_t reply_message (request_t *self, int status, const message_t *message, const void *answer,
                                bool etagged);
void reply_problem (request_t *self, fault_t fault);

// False: the body is not needed (HEAD) or could not be written.
MUST_USE bool reply_begin (request_t *self, int status, const char *type, int64_t size);
MUST_USE bool reply_more (request_t *self, const void *data, size_t size);
void reply_break (request_t *self); // The answer cannot be completed: close, so that the client sees it

// BLAKE2b of the bytes, its first 128 bits in hex.
const char *reply_sum (request_t *self, const void *data, size_t size);

// What the HTTP server refuses before there is a request.
void reply_refusal (void *gateway, http_conn_t *conn, int status, const char *text);

#endif
