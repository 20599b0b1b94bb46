/* http_actor.c - see http_actor.h. */

#include "common/http/http_actor.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    actor_t *actor;
    actor_act_fn act;
    size_t size;
    alignas (max_align_t) char data[];
} ask_t;

static size_t aligned (size_t size)
{
    return (size + alignof (max_align_t) - 1) / alignof (max_align_t) * alignof (max_align_t);
}

static char *put (char **at, const void *bytes, size_t size)
{
    char *text = memcpy (*at, bytes, size);
    text[size] = 0;
    *at += size + 1;
    return text;
}

// One block, which the actor frees when the act has run.
static http_result_t *result_new (const ask_t *ask, const http_answer_t *answer)
{
    size_t detail = answer->detail ? strlen (answer->detail) : 0, head = strlen (answer->head);
    size_t front = aligned (offsetof (http_result_t, memory)); // malloc's alignment is what the data needs
    http_result_t *result = malloc (front + ask->size + detail + head + answer->size + 3);
    if (!result)
        abort ();
    char *at = (char *) result + front;
    *result = (http_result_t){.answer = *answer, .data = memcpy (at, ask->data, ask->size)};
    at += ask->size;
    result->answer.head = put (&at, answer->head, head);
    result->answer.body = put (&at, answer->body, answer->size);
    if (answer->detail)
        result->answer.detail = put (&at, answer->detail, detail);
    return result;
}

static void bring (void *self_, const http_answer_t *answer)
{
    ask_t *self = self_;
    if (!answer->cancelled) // Its client is being stopped; the actor may be, too
        actor_post (self->actor, self->act, result_new (self, answer));
    free (self);
}

fault_t http_actor_begin (http_client_t *client, const http_request_t *request, actor_t *actor,
                          actor_act_fn act, const void *data, size_t size)
{
    ask_t *ask = malloc (sizeof *ask + size);
    if (!ask)
        abort ();
    *ask = (ask_t){.actor = actor, .act = act, .size = size};
    if (size)
        memcpy (ask->data, data, size);
    fault_t fault = http_client_begin (client, request, bring, ask, NULL);
    if (fault)
        free (ask);
    return fault;
}
