/* server_call.h - one request to the server, for the files of server_api.h's functions. Private to them. */

#ifndef OPENCICD_AGENT_SERVER_CALL_H
#define OPENCICD_AGENT_SERVER_CALL_H

#include "agent/server_api.h"
#include "common/http/http_client.h"

typedef struct {
    const char *method, *path; // "/jobs/j01../log?x=y"
    const char *token;         // NULL: none, as for what is signed
    const char *type;          // Of the body; NULL without
    const void *body;
    size_t size;
    const char *headers[3]; // More
    uint32_t wait_ms;       // That the server may take beside the usual
    http_take_fn *take;     // Takes the body of the answer, which may be of any size; NULL: it is in memory
    void *stream;           // For it
} server_ask_t;

// OK where the server answered with 2xx.
MUST_USE fault_t server_exchange (server_t *self, turn_t *turn, const server_ask_t *ask,
                                  http_answer_t *answer);
// With messages as JSON. `ask` NULL: no body.
MUST_USE fault_t server_call (server_t *self, turn_t *turn, const char *method, const char *path,
                              const char *token, const message_t *message, const void *ask,
                              const message_t *answered, void *out);

#endif
