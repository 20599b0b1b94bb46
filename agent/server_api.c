/* server_api.c - requests and answers. Ids from outside are put into paths only where they are plain. */

#include "agent/server_api.h"
#include "agent/server_call.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/url.h"
#include "common/http/http_client.h"
#include "proto/problem.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE  "application/json"
#define BYTES_TYPE "application/octet-stream"

#define PAUSE_LEAST MILLISECONDS (100)
#define PAUSE_MOST  SECONDS (5)

typedef struct {
    int64_t until_us; // Monotonic; 0 before the first failure
    backoff_t backoff;
} retry_t;

struct server {
    http_client_t *http;
    char *url;
    buffer_t *body;
    uint32_t patience_ms;
};

server_t *server_new (const char *url)
{
    const http_client_options_t options = {.transfers = 1, .kept = 1};
    server_t *self = calloc (1, sizeof (server_t));
    if (!self || !(self->url = strdup (url)))
        abort ();
    for (size_t size = strlen (self->url); size && self->url[size - 1] == '/';)
        self->url[--size] = 0;
    self->http = http_client_new (&options);
    self->body = buffer_new (MESSAGE_MAX);
    self->patience_ms = HTTP_TOTAL_MS;
    return self;
}

void server_destroy (server_t **self_p)
{
    server_t *self = *self_p;
    if (!self)
        return;
    http_client_destroy (&self->http);
    buffer_destroy (&self->body);
    free (self->url);
    free (self);
    *self_p = NULL;
}

void server_set_patience (server_t *self, uint32_t ms)
{
    self->patience_ms = ms;
}

void server_abandon (server_t *self)
{
    http_client_abandon (self->http);
}

// Is it said for good? What comes from something in between (a proxy whose server is being replaced says 404 too) never is.
static bool is_final (int status)
{
    return status == 401 || status == 403 || status == 404 || status == 409 || status == 410;
}

static fault_t read_problem (turn_t *turn, const server_t *server, const http_answer_t *answer)
{
    problem_t problem = problem_read (turn->arena, answer->status, answer->body, answer->size);
    if (!problem.ours && is_final (answer->status))
        return turn_fail (turn, UNAVAILABLE, "%s answered %d, and not as an open-cicd server does",
                          server->url, answer->status);
    return turn_fail (turn, problem.fault, "%s", *problem.text ? problem.text : fault_text (problem.fault));
}

// Redirects are not followed: a token goes to the address that was configured and to no other.
fault_t server_exchange (server_t *self, turn_t *turn, const server_ask_t *ask, http_answer_t *answer)
{
    arena_t *arena = turn->arena;
    const char *headers[] = {"Accept: application/json", NULL, NULL, NULL, NULL, NULL, NULL};
    size_t count = 1;
    if (ask->token)
        headers[count++] = arena_printf (arena, "Authorization: Bearer %s", ask->token);
    if (ask->type)
        headers[count++] = arena_printf (arena, "Content-Type: %s", ask->type);
    for (size_t i = 0; i < 3 && ask->headers[i]; i++)
        headers[count++] = ask->headers[i];
    const http_request_t request = {.method = ask->method,
                                    .url = arena_printf (arena, "%s%s", self->url, ask->path),
                                    .headers = headers,
                                    .body = ask->body,
                                    .size = ask->size,
                                    .take = ask->take,
                                    .stream = ask->stream,
                                    .total_ms = ask->take ? HTTP_NO_END : self->patience_ms + ask->wait_ms,
                                    .silence_ms = ask->take ? self->patience_ms : 0};
    turn->detail = NULL;
    fault_t fault = http_client_send (self->http, turn, &request, answer);
    if (!fault && (answer->status < 200 || answer->status >= 300))
        return read_problem (turn, self, answer);
    return fault;
}

fault_t server_call (server_t *self, turn_t *turn, const char *method, const char *path, const char *token,
                     const message_t *message, const void *ask, const message_t *answered, void *out)
{
    server_ask_t request = {.method = method, .path = path, .token = token};
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
    fault_t fault = server_exchange (self, turn, &request, &answer);
    if (fault || answer.size == 0)
        return fault;
    return message_read_newer (answered, turn, answer.body, answer.size, out);
}

fault_t server_register (server_t *self, turn_t *turn, const char *token, const agent_register_t *ask,
                         agent_registered_t *out)
{
    return server_call (self, turn, "POST", "/register", token, MESSAGE (agent_register), ask,
                        MESSAGE (agent_registered), out);
}

fault_t server_heartbeat (server_t *self, turn_t *turn, const char *token, const agent_heartbeat_t *ask,
                          job_orders_t *out)
{
    const char *path = arena_printf (turn->arena, "/agents/%s/heartbeat", ask->agent);
    return server_call (self, turn, "POST", path, token, MESSAGE (agent_heartbeat), ask, MESSAGE (job_orders),
                        out);
}

fault_t server_next (server_t *self, turn_t *turn, const char *token, const agent_next_t *ask,
                     job_offer_t *out)
{
    const char *query = arena_printf (turn->arena, "%s%s", ask->sent_at ? "&sent_at=" : "",
                                      clock_format (turn->arena, ask->sent_at));
    const server_ask_t request = {
        .method = "GET",
        .path = arena_printf (turn->arena, "/agents/%s/next?wait=%u%s", ask->agent, ask->wait, query),
        .token = token,
        .wait_ms = ask->wait * 1000};
    http_answer_t answer = {.body = ""};
    out->job = "";
    fault_t fault = server_exchange (self, turn, &request, &answer);
    if (fault || answer.size == 0)
        return fault;
    return message_read_newer (MESSAGE (job_offer), turn, answer.body, answer.size, out);
}

fault_t server_status (server_t *self, turn_t *turn, const char *token, const job_status_t *ask,
                       job_orders_t *out)
{
    const char *path = arena_printf (turn->arena, "/jobs/%s/status", ask->job);
    return server_call (self, turn, "POST", path, token, MESSAGE (job_status), ask, MESSAGE (job_orders),
                        out);
}

fault_t server_action (server_t *self, turn_t *turn, const char *token, const action_look_t *ask,
                       action_pin_t *out)
{
    const char *path = arena_printf (turn->arena, "/jobs/%s/actions", ask->job);
    return server_call (self, turn, "POST", path, token, MESSAGE (action_look), ask, MESSAGE (action_pin),
                        out);
}

fault_t server_secrets (server_t *self, turn_t *turn, const char *token, const job_secrets_t *ask,
                        job_values_t *out)
{
    const char *path = arena_printf (turn->arena, "/jobs/%s/secrets", ask->job);
    return server_call (self, turn, "POST", path, token, MESSAGE (job_secrets), ask, MESSAGE (job_values),
                        out);
}

fault_t server_log (server_t *self, turn_t *turn, const char *token, const char *job, int64_t offset,
                    uint32_t step, int64_t at_us, const void *data, size_t size, int64_t *next)
{
    server_ask_t request = {.method = "PATCH",
                            .path = arena_printf (turn->arena, "/jobs/%s/log", job),
                            .token = token,
                            .type = BYTES_TYPE,
                            .body = data,
                            .size = size};
    char time[CLOCK_TEXT];
    request.headers[0] = arena_printf (turn->arena, "Content-Range: bytes %lld-%lld/*", (long long) offset,
                                       (long long) (offset + (int64_t) size - 1));
    request.headers[1] = arena_printf (turn->arena, "Log-Step: %u", step);
    clock_print (time, at_us);
    request.headers[2] = arena_printf (turn->arena, "Log-Time: %s", time);
    http_answer_t answer = {.body = ""};
    fault_t fault = server_exchange (self, turn, &request, &answer);
    if (fault && fault != BAD_RANGE)
        return fault;
    log_offset_t where = {.offset = -1};
    fault_t read = message_read_newer (MESSAGE (log_offset), turn, answer.body, answer.size, &where);
    if (read || where.offset < 0)
        return turn_fail (turn, BROKEN, "the server does not report its offset in the log");
    *next = where.offset;
    return fault;
}

// ---- artifacts: every request may be made twice, and is by those that ask for it (builtin_retry)

static fault_t begin (void *self_, turn_t *turn, const struct artifact_begin *given, struct artifact *out)
{
    server_artifacts_t *self = self_;
    artifact_begin_t ask = *given;
    ask.job = self->job;
    ask.run = self->run;
    ask.attempt = self->attempt;
    const char *path = arena_printf (turn->arena, "/jobs/%s/artifacts", self->job);
    return server_call (self->server, turn, "POST", path, self->token, MESSAGE (artifact_begin), &ask,
                        MESSAGE (artifact), out);
}

static fault_t put (void *self_, turn_t *turn, const char *artifact, uint32_t part, const void *data,
                    size_t size)
{
    server_artifacts_t *self = self_;
    http_answer_t answer;
    const server_ask_t ask = {.method = "PUT",
                              .path = arena_printf (turn->arena, "/artifacts/%s/parts/%u", artifact, part),
                              .token = self->token,
                              .type = BYTES_TYPE,
                              .body = data,
                              .size = size};
    return server_exchange (self->server, turn, &ask, &answer);
}

static fault_t finish (void *self_, turn_t *turn, const char *artifact, const char *sha256,
                       struct artifact *out)
{
    server_artifacts_t *self = self_;
    const artifact_finish_t ask = {.artifact = artifact, .sha256 = sha256};
    const char *path = arena_printf (turn->arena, "/artifacts/%s/finish", artifact);
    return server_call (self->server, turn, "POST", path, self->token, MESSAGE (artifact_finish), &ask,
                        MESSAGE (artifact), out);
}

static fault_t list (void *self_, turn_t *turn, const char *run, const char *name, const char *cursor,
                     struct artifact_page *out)
{
    server_artifacts_t *self = self_;
    const char *path =
        arena_printf (turn->arena, "/runs/%s/artifacts?limit=%d&name=%s&cursor=%s",
                      url_escape (turn->arena, *run ? run : self->run, ""), MAX_PAGE,
                      url_escape (turn->arena, name, ""), url_escape (turn->arena, cursor, ""));
    return server_call (self->server, turn, "GET", path, self->token, NULL, NULL, MESSAGE (artifact_page),
                        out);
}

static fault_t show (void *self_, turn_t *turn, const char *artifact, struct artifact *out)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/artifacts/%s", artifact);
    return server_call (self->server, turn, "GET", path, self->token, NULL, NULL, MESSAGE (artifact), out);
}

static fault_t read_range (server_artifacts_t *self, turn_t *turn, const char *path, int64_t offset,
                           void *into, size_t size, size_t *got)
{
    arena_t *arena = arena_new ();
    turn_t own;
    turn_init (&own, arena, turn->request_id, turn->now_us);
    server_ask_t ask = {.method = "GET", .path = path, .token = self->token};
    ask.headers[0] = arena_printf (arena, "Range: bytes=%lld-%lld", (long long) offset,
                                   (long long) (offset + (int64_t) size - 1));
    http_answer_t answer = {.body = ""};
    fault_t fault = server_exchange (self->server, &own, &ask, &answer);
    if (!fault && answer.status != 206 && offset != 0)
        fault = turn_fail (&own, BROKEN, "the server does not give parts of %s", path);
    *got = answer.size < size ? answer.size : size;
    if (fault)
        turn->detail = arena_strdup (turn->arena, own.detail);
    else
        memcpy (into, answer.body, *got);
    arena_destroy (&arena);
    return fault;
}

static fault_t read_bytes (void *self, turn_t *turn, const char *artifact, int64_t offset, void *into,
                           size_t size, size_t *got)
{
    const char *path = arena_printf (turn->arena, "/artifacts/%s/content", artifact);
    return read_range (self, turn, path, offset, into, size, got);
}

static fault_t own (void *self_, turn_t *turn, const char *cursor, struct artifact_page *out)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/jobs/%s/artifacts?limit=%d&cursor=%s", self->job,
                                     MAX_PAGE, url_escape (turn->arena, cursor, ""));
    return server_call (self->server, turn, "GET", path, self->token, NULL, NULL, MESSAGE (artifact_page),
                        out);
}

static fault_t read_file (void *self, turn_t *turn, const char *artifact, const char *path, int64_t offset,
                          void *into, size_t size, size_t *got)
{
    const char *file =
        arena_printf (turn->arena, "/artifacts/%s/files/%s", artifact, url_escape (turn->arena, path, "/"));
    return read_range (self, turn, file, offset, into, size, got);
}

static fault_t read_trial (void *self_, turn_t *turn, int64_t offset, void *into, size_t size, size_t *got)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/jobs/%s/trial", self->job);
    return read_range (self, turn, path, offset, into, size, got);
}

// Waits a little longer each time; false where there is no sense in it, or no time.
static bool should_retry (const server_artifacts_t *self, fault_t fault, retry_t *retry)
{
    if (!fault_is_transient (fault))
        return false;
    int64_t now = clock_monotonic_us ();
    if (!retry->until_us)
        *retry = (retry_t){.until_us = now + SECONDS (ARTIFACT_RETRY_SECONDS),
                           .backoff = {.least_us = PAUSE_LEAST, .most_us = PAUSE_MOST}};
    struct pollfd cancel = {self->cancel, POLLIN, 0};
    return now < retry->until_us && poll (&cancel, 1, (int) (backoff_next_us (&retry->backoff) / 1000)) == 0;
}

static fault_t put_summary (void *self_, turn_t *turn, uint32_t step, const void *text, size_t size)
{
    server_artifacts_t *self = self_;
    http_answer_t answer;
    const server_ask_t ask = {.method = "PUT",
                              .path = arena_printf (turn->arena, "/jobs/%s/summaries/%u", self->job, step),
                              .token = self->token,
                              .type = "text/markdown",
                              .body = text,
                              .size = size};
    retry_t retry = {.until_us = 0};
    fault_t fault;
    do
        fault = server_exchange (self->server, turn, &ask, &answer);
    while (should_retry (self, fault, &retry));
    return fault;
}

static test_case_items_t cases_of (arena_t *arena, const reported_case_t *cases, size_t count)
{
    test_case_items_t list = {arena_array (arena, count + 1, sizeof (test_case_t)), count};
    for (size_t i = 0; i < count; i++)
        list.items[i] = (test_case_t){.suite = cases[i].suite,
                                      .name = cases[i].name,
                                      .message = cases[i].message,
                                      .duration_us = cases[i].duration_us};
    return list;
}

static fault_t put_tests (void *self_, turn_t *turn, uint32_t step, const char *file,
                          const test_report_t *report, const test_brief_t *brief)
{
    server_artifacts_t *self = self_;
    const char *path = arena_printf (turn->arena, "/jobs/%s/tests", self->job);
    const test_report_put_t ask = {.job = self->job,
                                   .step = step,
                                   .file = file,
                                   .format = report->format,
                                   .passed = (uint32_t) report->passed,
                                   .failed = (uint32_t) report->failed,
                                   .skipped = (uint32_t) report->skipped,
                                   .duration_us = report->duration_us,
                                   .failures = cases_of (turn->arena, brief->failures, brief->failure_count),
                                   .slowest = cases_of (turn->arena, brief->slowest, brief->slowest_count)};
    done_t done;
    retry_t retry = {.until_us = 0};
    fault_t fault;
    do
        fault = server_call (self->server, turn, "POST", path, self->token, MESSAGE (test_report_put), &ask,
                             MESSAGE (done), &done);
    while (should_retry (self, fault, &retry));
    return fault;
}

artifact_port_t server_artifact_port (server_artifacts_t *self)
{
    return (artifact_port_t){.self = self,
                             .summary = put_summary,
                             .tests = put_tests,
                             .url = self->url,
                             .begin = begin,
                             .put = put,
                             .finish = finish,
                             .list = list,
                             .show = show,
                             .read = read_bytes,
                             .own = own,
                             .file = read_file,
                             .trial = read_trial};
}
