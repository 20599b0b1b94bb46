/* client.c - see client.h. */

#include "cli/server/client.h"

#include "cli/server/endpoint.h"
#include "proto/problem.h"

#include <stdlib.h>
#include <string.h>

struct client {
    char *url, *token;
    http_client_t *http;
};

fault_t client_new (client_t **out, turn_t *turn, const settings_t *settings)
{
    endpoint_t endpoint;
    *out = NULL;
    fault_t fault = endpoint_find (turn, settings, &endpoint);
    if (fault != OK)
        return fault;
    client_t *self = calloc (1, sizeof (client_t));
    if (!self || !(self->url = strdup (endpoint.url)) || !(self->token = strdup (endpoint.token)))
        abort ();
    self->http = http_client_new (NULL);
    *out = self;
    return OK;
}

void client_destroy (client_t **self_p)
{
    client_t *self = *self_p;
    if (!self)
        return;
    http_client_destroy (&self->http);
    free (self->url);
    free (self->token);
    free (self);
    *self_p = NULL;
}

const char *client_url (const client_t *self)
{
    return self->url;
}

// ---- what an answer means ----

fault_t client_judge (turn_t *turn, const char *url, int status, const char *body, size_t size)
{
    if (status >= 200 && status < 300)
        return OK;
    problem_t problem = problem_read (turn->arena, status, body, size);
    if (*problem.text)
        return turn_fail (turn, problem.fault, "%s", problem.text);
    return turn_fail (turn, problem.fault, "%s answered %d: is this an open-cicd server?", url, status);
}

// ---- requests ----

http_request_t client_request (const client_t *self, arena_t *arena, const char *path, const char *first,
                               const char *second, const char *headers[CLIENT_HEADERS])
{
    size_t count = 0;
    if (*self->token)
        headers[count++] = arena_printf (arena, "Authorization: Bearer %s", self->token);
    if (first)
        headers[count++] = first;
    if (second)
        headers[count++] = second;
    headers[count] = NULL;
    return (http_request_t){.url = arena_printf (arena, "%s/api/v1%s", self->url, path), .headers = headers};
}

static fault_t perform (client_t *self, turn_t *turn, const http_request_t *request, http_answer_t *answer)
{
    // Else an earlier request's detail would explain the fault of one that was stopped
    turn->detail = NULL;
    fault_t fault = http_client_send (self->http, turn, request, answer);
    if (fault == OK)
        return client_judge (turn, self->url, answer->status, answer->body, answer->size);
    if (fault == UNAVAILABLE)
        return turn_fail (turn, fault, "cannot reach the server %s", turn->detail);
    return fault; // Who stopped it (BROKEN) has said why
}

fault_t client_ask (client_t *self, turn_t *turn, const char *method, const char *path, const char *body,
                    answer_t *out)
{
    const char *error, *headers[CLIENT_HEADERS];
    http_answer_t answer;
    http_request_t request = client_request (self, turn->arena, path,
                                             body ? "Content-Type: application/json" : NULL, NULL, headers);
    request.method = method;
    request.body = body;
    request.size = body ? strlen (body) : 0;
    request.total_ms = CLIENT_TOTAL_MS;
    request.answer_max = CLIENT_ANSWER_MAX;
    *out = (answer_t){.json = value_null (), .text = ""};
    fault_t fault = perform (self, turn, &request, &answer);
    if (fault != OK || answer.size == 0)
        return fault;
    out->size = answer.size;
    out->text = answer.body;
    if (value_from_json (turn->arena, out->text, out->size, &out->json, &error) != OK)
        return turn_fail (turn, BROKEN, "%s did not answer in JSON: is this an open-cicd server?", self->url);
    return OK;
}

fault_t client_put (client_t *self, turn_t *turn, const char *path, const void *data, size_t size)
{
    const char *headers[CLIENT_HEADERS];
    http_answer_t answer;
    http_request_t request =
        client_request (self, turn->arena, path, "Content-Type: application/octet-stream", NULL, headers);
    request.method = "PUT";
    request.body = data;
    request.size = size;
    request.total_ms = CLIENT_TOTAL_MS;
    request.answer_max = PROBLEM_MAX; // Only a refusal's body is read
    return perform (self, turn, &request, &answer);
}

fault_t client_download (client_t *self, turn_t *turn, const char *path, const char *header,
                         http_take_fn *take, void *take_self)
{
    const char *headers[CLIENT_HEADERS];
    http_answer_t answer;
    http_request_t request = client_request (self, turn->arena, path, header, NULL, headers);
    request.take = take;
    request.stream = take_self;
    request.total_ms = HTTP_NO_END;
    request.silence_ms = CLIENT_SILENCE_MS;
    request.answer_max = PROBLEM_MAX;
    return perform (self, turn, &request, &answer);
}
