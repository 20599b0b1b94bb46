/* http.h - one keep-alive connection to one server, for one thread at a time. The only part of the agent that knows curl.
 *
 * curl is started with the first request, so that an agent at rest pays for it only once it must. Nothing is logged: requests
 * carry tokens. */

#ifndef OPENCICD_AGENT_HTTP_H
#define OPENCICD_AGENT_HTTP_H

#include "common/turn.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#define HTTP_ANSWER_MAX  (24 << 20) // Bytes of an answer
#define HTTP_CONNECT_MS  5000
#define HTTP_TIMEOUT_MS  30000
#define HTTP_HEADERS_MAX 4

typedef struct http http_t;

typedef struct {
    const char *method;
    const char *path;  // "/jobs/j01../log?x=y"
    const char *token; // NULL: none
    const char *type;  // Of the body
    const void *body;
    size_t size;
    const char *headers[HTTP_HEADERS_MAX + 1]; // "Name: value"; ends with NULL
    long timeout_ms;                           // 0: HTTP_TIMEOUT_MS
} http_ask_t;

typedef struct {
    int status;
    const char *body; // In the turn's arena, with a NUL behind it
    size_t size;
} http_answer_t;

http_t *http_new (const char *url); // "http://host:port", without a / at the end or with one
void http_destroy (http_t **self_p);
// OK where an answer came, whatever its status. UNAVAILABLE or TIMEOUT with the turn's detail. `*abandon` turning true ends it soon.
MUST_USE fault_t http_send (http_t *self, turn_t *turn, const http_ask_t *ask, http_answer_t *out,
                            const atomic_bool *abandon);

#endif
