/* server_api.c - requests and answers. Ids from outside stand in paths only where they are plain. */

#include "agent/server_api.h"

#include "common/clock.h"
#include "common/json.h"
#include "workflow/value.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE  "application/json"
#define BYTES_TYPE "application/octet-stream"

#define PAUSE_LEAST_MS 100
#define PAUSE_MOST_MS  5000

typedef struct {
    int64_t until_us; // Monotonic; 0 before the first failure
    int pause_ms;
} patience_t;

struct server {
    http_t *http;
    buffer_t *body;
    const atomic_bool *abandon;
};

server_t *server_new (const char *url)
{
    server_t *self = calloc (1, sizeof (server_t));
    if (!self)
        abort ();
    self->http = http_new (url);
    self->body = buffer_new (MESSAGE_MAX);
    return self;
}

void server_destroy (server_t **self_p)
{
    if (!*self_p)
        return;
    http_destroy (&(*self_p)->http);
    buffer_destroy (&(*self_p)->body);
    free (*self_p);
    *self_p = NULL;
}

void server_abandon_on (server_t *self, const atomic_bool *abandon)
{
    self->abandon = abandon;
}

static fault_t fault_of_status (int status)
{
    if (status == 503)
        return OVERLOADED;
    for (int i = 0; i < FAULT_COUNT; i++)
        if (fault_http ((fault_t) i) == status)
            return (fault_t) i;
    return status >= 200 && status < 300 ? OK : status < 500 ? BAD_INPUT : BROKEN;
}

// The fault and the detail of a problem+json.
static fault_t read_problem (turn_t *turn, const http_answer_t *answer)
{
    const value_t *problem;
    const char *error, *detail = "";
    if (json_nesting (answer->body, answer->size) <= JSON_DEPTH &&
        value_from_json (turn->arena, answer->body, answer->size, &problem, &error) == OK)
        detail = value_get_text (problem, "detail");
    fault_t fault = fault_of_status (answer->status);
    return turn_fail (turn, fault, "%s", *detail ? detail : fault_text (fault));
}

static fault_t exchange (server_t *self, turn_t *turn, const http_ask_t *ask, http_answer_t *answer)
{
    turn->detail = NULL;
    fault_t fault = http_send (self->http, turn, ask, answer, self->abandon);
    if (!fault && (answer->status < 200 || answer->status >= 300))
        return read_problem (turn, answer);
    return fault;
}

// `ask` NULL: no body.
static fault_t call (server_t *self, turn_t *turn, const char *method, const char *path, const char *token,
                     const message_t *message, const void *ask, const message_t *answered, void *out)
{
    http_ask_t request = {.method = method, .path = path, .token = token};
    http_answer_t answer = {.body = ""};
    if (message) {
        buffer_clear (self->body);
        message_print (message, ask, self->body);
        if (buffer_full (self->body))
            return turn_fail (turn, TOO_LARGE, "%s is too large", message->name);
        request.type = JSON_TYPE;
        request.body = buffer_text (self->body);
        request.size = buffer_size (self->body);
    }
    fault_t fault = exchange (self, turn, &request, &answer);
    if (fault || answer.size == 0)
        return fault;
    return message_read_newer (answered, turn, answer.body, answer.size, out);
}

fault_t server_register (server_t *self, turn_t *turn, const char *token, const agent_register_t *ask,
                         agent_registered_t *out)
{
    return call (self, turn, "POST", "/register", token, MESSAGE (agent_register), ask,
                 MESSAGE (agent_registered), out);
}

fault_t server_beat (server_t *self, turn_t *turn, const char *token, const agent_beat_t *ask,
                     job_orders_t *out)
{
    const char *path = arena_printf (turn->arena, "/agents/%s/heartbeat", ask->agent);
    return call (self, turn, "POST", path, token, MESSAGE (agent_beat), ask, MESSAGE (job_orders), out);
}

fault_t server_next (server_t *self, turn_t *turn, const char *token, const agent_next_t *ask,
                     job_offer_t *out)
{
    http_ask_t request = {.method = "GET",
                          .path =
                              arena_printf (turn->arena, "/agents/%s/next?wait=%u", ask->agent, ask->wait),
                          .token = token,
                          .timeout_ms = HTTP_TIMEOUT_MS + (long) ask->wait * 1000};
    http_answer_t answer = {.body = ""};
    out->job = "";
    fault_t fault = exchange (self, turn, &request, &answer);
    if (fault || answer.size == 0)
        return fault;
    return message_read_newer (MESSAGE (job_offer), turn, answer.body, answer.size, out);
}

fault_t server_status (server_t *self, turn_t *turn, const char *token, const job_status_t *ask,
                       job_orders_t *out)
{
    const char *path = arena_printf (turn->arena, "/jobs/%s/status", ask->job);
    return call (self, turn, "POST", path, token, MESSAGE (job_status), ask, MESSAGE (job_orders), out);
}

fault_t server_log (server_t *self, turn_t *turn, const char *token, const char *job, int64_t offset,
                    uint32_t step, const void *data, size_t size, int64_t *next)
{
    http_ask_t request = {.method = "PATCH",
                          .path = arena_printf (turn->arena, "/jobs/%s/log", job),
                          .token = token,
                          .type = BYTES_TYPE,
                          .body = data,
                          .size = size};
    request.headers[0] = arena_printf (turn->arena, "Content-Range: bytes %lld-%lld/*", (long long) offset,
                                       (long long) (offset + (int64_t) size - 1));
    request.headers[1] = arena_printf (turn->arena, "Log-Step: %u", step);
    http_answer_t answer = {.body = ""};
    fault_t fault = exchange (self, turn, &request, &answer);
    if (fault && fault != BAD_RANGE)
        return fault;
    log_offset_t where = {.offset = -1};
    fault_t read = message_read_newer (MESSAGE (log_offset), turn, answer.body, answer.size, &where);
    if (read || where.offset < 0)
        return turn_fail (turn, BROKEN, "the server does not say how far the log is");
    *next = where.offset;
    return fault;
}

// ---- artifacts: every request may be made twice

static bool is_passing (fault_t fault)
{
    return fault == UNAVAILABLE || fault == TIMEOUT || fault == OVERLOADED || fault == BROKEN;
}

// Waits a little longer each time; false where there is no sense in it, or no time.
static bool comes_again (const server_artifacts_t *self, fault_t fault, patience_t *patience)
{
    if (!is_passing (fault))
        return false;
    int64_t now = clock_monotonic_us ();
    if (!patience->until_us)
        *patience =
            (patience_t){.until_us = now + SECONDS (ARTIFACT_PATIENCE_SECONDS), .pause_ms = PAUSE_LEAST_MS};
    struct pollfd cancel = {self->cancel, POLLIN, 0};
    if (now >= patience->until_us || poll (&cancel, 1, patience->pause_ms) != 0)
        return false;
    patience->pause_ms = patience->pause_ms * 2 < PAUSE_MOST_MS ? patience->pause_ms * 2 : PAUSE_MOST_MS;
    return true;
}

static fault_t call_patiently (server_artifacts_t *self, turn_t *turn, const char *method, const char *path,
                               const message_t *message, const void *ask, const message_t *answered,
                               void *out)
{
    patience_t patience = {.until_us = 0};
    fault_t fault;
    do
        fault = call (self->server, turn, method, path, self->token, message, ask, answered, out);
    while (comes_again (self, fault, &patience));
    return fault;
}

static fault_t exchange_patiently (server_artifacts_t *self, turn_t *turn, const http_ask_t *ask,
                                   http_answer_t *answer)
{
    patience_t patience = {.until_us = 0};
    fault_t fault;
    do
        fault = exchange (self->server, turn, ask, answer);
    while (comes_again (self, fault, &patience));
    return fault;
}

static fault_t begin (void *self_, turn_t *turn, const struct artifact_begin *given, struct artifact *out)
{
    server_artifacts_t *self = self_;
    artifact_begin_t ask = *given;
    ask.job = self->job;
    ask.run = self->run;
    ask.attempt = self->attempt;
    const char *path = arena_printf (turn->arena, "/jobs/%s/artifacts", self->job);
    return call_patiently (self, turn, "POST", path, MESSAGE (artifact_begin), &ask, MESSAGE (artifact), out);
}

static fault_t put (void *self_, turn_t *turn, const char *artifact, uint32_t part, const void *data,
                    size_t size)
{
    server_artifacts_t *self = self_;
    http_answer_t answer;
    const http_ask_t ask = {.method = "PUT",
                            .path = arena_printf (turn->arena, "/artifacts/%s/parts/%u", artifact, part),
                            .token = self->token,
                            .type = BYTES_TYPE,
                            .body = data,
                            .size = size};
    return exchange_patiently (self, turn, &ask, &answer);
}

static fault_t finish (void *self_, turn_t *turn, const char *artifact, const char *sha256)
{
    server_artifacts_t *self = self_;
    const artifact_finish_t ask = {.artifact = artifact, .sha256 = sha256};
    artifact_t ignored;
    const char *path = arena_printf (turn->arena, "/artifacts/%s/finish", artifact);
    return call_patiently (self, turn, "POST", path, MESSAGE (artifact_finish), &ask, MESSAGE (artifact),
                           &ignored);
}

static const char *encode (arena_t *arena, const char *text)
{
    char *out = arena_alloc (arena, strlen (text) * 3 + 1), *at = out;
    for (; *text; text++) {
        unsigned char c = (unsigned char) *text;
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr ("-._~", c);
        if (plain) {
            *at++ = *text;
            continue;
        }
        *at++ = '%';
        *at++ = "0123456789ABCDEF"[c >> 4];
        *at++ = "0123456789ABCDEF"[c & 15];
    }
    return out;
}

static fault_t list (void *self_, turn_t *turn, const char *name, const char *cursor,
                     struct artifact_page *out)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/runs/%s/artifacts?limit=%d&name=%s&cursor=%s", self->run,
                                     MAX_PAGE, encode (turn->arena, name), encode (turn->arena, cursor));
    return call_patiently (self, turn, "GET", path, NULL, NULL, MESSAGE (artifact_page), out);
}

static fault_t show (void *self_, turn_t *turn, const char *artifact, struct artifact *out)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/artifacts/%s", artifact);
    return call_patiently (self, turn, "GET", path, NULL, NULL, MESSAGE (artifact), out);
}

static fault_t read_bytes (void *self_, turn_t *turn, const char *artifact, int64_t offset, void *into,
                           size_t size, size_t *got)
{
    server_artifacts_t *self = self_;
    arena_t *arena = arena_new ();
    turn_t own;
    turn_init (&own, arena, turn->request_id, turn->now_us);
    http_ask_t ask = {.method = "GET",
                      .path = arena_printf (arena, "/artifacts/%s/content", artifact),
                      .token = self->token};
    ask.headers[0] = arena_printf (arena, "Range: bytes=%lld-%lld", (long long) offset,
                                   (long long) (offset + (int64_t) size - 1));
    http_answer_t answer = {.body = ""};
    fault_t fault = exchange_patiently (self, &own, &ask, &answer);
    if (!fault && answer.status != 206 && offset != 0)
        fault = turn_fail (&own, BROKEN, "the server does not give parts of artifacts");
    *got = answer.size < size ? answer.size : size;
    if (fault)
        turn->detail = arena_strdup (turn->arena, own.detail);
    else
        memcpy (into, answer.body, *got);
    arena_destroy (&arena);
    return fault;
}

artifact_port_t server_artifact_port (server_artifacts_t *self)
{
    return (artifact_port_t){.self = self,
                             .begin = begin,
                             .put = put,
                             .finish = finish,
                             .list = list,
                             .show = show,
                             .read = read_bytes};
}
