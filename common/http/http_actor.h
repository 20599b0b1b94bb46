/* http_actor.h - an HTTP request whose answer is posted to an actor, so that no handler waits for another server. */

#ifndef OPENCICD_HTTP_ACTOR_H
#define OPENCICD_HTTP_ACTOR_H

#include "common/actor/actor.h"
#include "common/http/http_client.h"

typedef struct {
    http_answer_t answer;
    void *data; // What was given with the request: a copy
    char memory[];
} http_result_t;

// `act` runs once in the actor's thread with a http_result_t, as after actor_post(), unless the client is stopped first. Stop a
// client that has a thread before its actor is destroyed. OVERLOADED or UNAVAILABLE: `act` never runs.
MUST_USE fault_t http_actor_begin (http_client_t *client, const http_request_t *request, actor_t *actor,
                                   actor_act_fn act, const void *data, size_t size);

#endif
