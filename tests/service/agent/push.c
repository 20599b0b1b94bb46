/* push.c - see push.h. */

#include "tests/service/agent/push.h"

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/http/signature.h"

#include <string.h>

// "Name: value", five of them.
static void sign (arena_t *arena, const push_from_t *from, const push_request_t *ask, const char *headers[])
{
    char signature[SIGNATURE_SIZE];
    const fake_wrong_t *wrong = ask->wrong;
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, ask->body ? ask->body : "", ask->body ? strlen (ask->body) : 0);
    int64_t time_us = clock_now_us (clock_system ()) + from->ahead_us - SECONDS (wrong->seconds_ago);
    const signed_request_t request = {
        .key = push_key_of (arena, wrong->key  ? wrong->key
                                   : from->key ? from->key
                                               : ""),
        .method = ask->method,
        .target = ask->path,
        .agent = wrong->agent ? wrong->agent : from->agent,
        .time = arena_printf (arena, "%lld", (long long) time_us),
        .body = sha256_hex (&sha, arena),
    };
    signature_make (&request, signature);
    headers[0] = "Content-Type: application/json";
    headers[1] = arena_printf (arena, AGENT_HEADER ": %s", request.agent);
    headers[2] = arena_printf (arena, TIME_HEADER ": %s", request.time);
    headers[3] = arena_printf (arena, BODY_SUM_HEADER ": %s", request.body);
    headers[4] = arena_printf (arena, SIGNATURE_HEADER ": " SIGNATURE_PREFIX "%s", signature);
}

fault_t push_send (arena_t *arena, const push_from_t *from, const push_request_t *request,
                   http_answer_t *reply)
{
    const fake_wrong_t *wrong = request->wrong;
    const char *headers[6] = {NULL}, *body = wrong->body ? wrong->body : request->body;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    sign (arena, from, request, headers);
    const http_request_t ask = {
        .method = request->method,
        .url = arena_printf (arena, "%s%s", from->url, wrong->path ? wrong->path : request->path),
        .headers = headers,
        .body = body,
        .size = body ? strlen (body) : 0};
    http_client_t *http = http_client_new (NULL);
    fault_t fault = http_client_send (http, &turn, &ask, reply);
    http_client_destroy (&http);
    return fault;
}
