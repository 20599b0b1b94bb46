/* forge_http.c - see forge_http.h. */

#include "services/scm/forges/forge_http.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/url.h"
#include "common/base/utf8.h"
#include "services/scm/forges/hook_shape.h"
#include "workflow/expression/text.h"

#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REASON    300 // Bytes of what a forge said that are passed on
#define UNNAMED_S 60  // A limit that names no time holds so long

const char *forge_segment (const forge_call_t *call, const char *text)
{
    return url_escape (call->turn->arena, text, "");
}

const char *forge_path (const forge_call_t *call, const char *full_name)
{
    return url_escape (call->turn->arena, full_name, "/");
}

// Without control characters: it is shown.
static const char *plain (arena_t *arena, const char *text)
{
    char *copy = arena_strdup (arena, utf8_repair (arena, text, strlen (text), REASON));
    for (char *at = copy; *at; at++)
        if (iscntrl ((unsigned char) *at))
            *at = ' ';
    return copy;
}

static const char *reason_of (arena_t *arena, const value_t *json)
{
    const value_t *message = value_get (json, "message");
    const char *text = !message                        ? hook_text (arena, json, "error")
                       : message->kind == VALUE_STRING ? value_to_text (arena, message)
                                                       : value_to_json (arena, message, 0);
    return *text ? arena_printf (arena, ": %s", plain (arena, text)) : "";
}

// How long a limit holds, in seconds; -1: this is no limit.
static int64_t limit_of (const forge_call_t *call, const http_answer_t *answer)
{
    arena_t *arena = call->turn->arena;
    const char *after = http_answer_header (answer, arena, "retry-after");
    const char *left = http_answer_header (answer, arena, "x-ratelimit-remaining");
    const char *reset = http_answer_header (answer, arena, "x-ratelimit-reset");
    if (answer->status != 429 && answer->status != 403)
        return -1;
    if (after && isdigit ((unsigned char) *after))
        return strtoll (after, NULL, 10);
    if (left && strcmp (left, "0") == 0 && reset) {
        int64_t seconds = strtoll (reset, NULL, 10) - clock_now_us (clock_system ()) / SECONDS (1);
        return seconds > 0 ? seconds : 0;
    }
    // GitHub's secondary limits may name no time: "You have exceeded a secondary rate limit"
    bool says_so = answer->size > 0 && strcasestr (answer->body, "rate limit");
    return answer->status == 429 || says_so ? UNNAMED_S : -1;
}

static fault_t fault_of (int status)
{
    static const struct {
        int status;
        fault_t fault;
    } faults[] = {{301, NOT_FOUND}, {302, NOT_FOUND}, {307, NOT_FOUND},    {308, NOT_FOUND}, {404, NOT_FOUND},
                  {410, NOT_FOUND}, {403, FORBIDDEN}, {401, UNAUTHORIZED}, {409, CONFLICT}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].status == status)
            return faults[i].fault;
    return status < 500 ? INVALID : UNAVAILABLE;
}

static fault_t read_answer (const forge_call_t *call, const http_answer_t *answer, forge_answer_t *out)
{
    turn_t *turn = call->turn;
    const char *error = NULL, *link = http_answer_header (answer, turn->arena, "link");
    const value_t *json = value_null ();
    json_shape_t shape = json_shape (answer->body ? answer->body : "", answer->size);
    bool is_json =
        answer->size > 0 && shape.depth <= HOOK_DEPTH && shape.values <= HOOK_VALUES &&
        value_from_json_within (turn->arena, answer->body, answer->size, HOOK_MEMORY, &json, &error) == OK;
    *out = (forge_answer_t){answer->status, is_json ? json : value_null (),
                            link && strstr (link, "rel=\"next\"")};
    if (answer->status >= 200 && answer->status < 300)
        return is_json || answer->size == 0
                   ? OK
                   : turn_fail (turn, UNAVAILABLE, "%s does not answer as the API of %s does", call->api,
                                call->forge->kind);
    return turn_fail (turn, fault_of (answer->status), "%s answers %d%s", call->api, answer->status,
                      reason_of (turn->arena, out->json));
}

static fault_t reach (const forge_call_t *call, const char **address)
{
    url_t url;
    *address = NULL;
    if (!call->must_be_public)
        return OK;
    TRY (url_parse (call->turn, call->api, &url));
    return host_find_public (call->turn, url.host, address);
}

static fault_t send (forge_call_t *call, const http_request_t *request, http_answer_t *answer)
{
    for (int tries = 0;; tries++) {
        TRY (http_client_send (call->client, call->turn, request, answer));
        int64_t seconds = limit_of (call, answer);
        call->pause_s = 0;
        if (seconds < 0)
            return OK;
        call->pause_s = seconds > 0 ? seconds : 1;
        if (tries > 0 || seconds > FORGE_WAIT_S || call->hurried)
            return turn_fail (call->turn, UNAVAILABLE, "%s has a limit on requests, which ends in %lld s",
                              call->api, (long long) seconds);
        poll (NULL, 0, (int) seconds * 1000 + 50);
    }
}

fault_t forge_ask (forge_call_t *call, const char *method, const char *path, const value_t *body,
                   forge_answer_t *out)
{
    arena_t *arena = call->turn->arena;
    const char *text = body ? value_to_json (arena, body, 0) : NULL, *address;
    const char *headers[6] = {"Accept: application/json", "User-Agent: open-cicd", NULL};
    size_t count = 2;
    if (*call->credential)
        headers[count++] = arena_printf (arena, "Authorization: Bearer %s", call->credential);
    if (text)
        headers[count++] = "Content-Type: application/json";
    headers[count] = NULL;
    TRY (reach (call, &address));
    const http_request_t request = {.method = method,
                                    .url = arena_printf (arena, "%s%s", call->api, path),
                                    .headers = headers,
                                    .body = text,
                                    .size = text ? strlen (text) : 0,
                                    .answer_max = FORGE_ANSWER,
                                    .total_ms = call->hurried ? FORGE_HURRIED_MS : FORGE_CALL_MS,
                                    .address = address};
    http_answer_t answer;
    TRY (send (call, &request, &answer));
    return read_answer (call, &answer, out);
}
