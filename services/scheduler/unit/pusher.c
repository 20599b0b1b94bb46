/* pusher.c - see pusher.h.
 *
 * A push is one heap object from pusher_push() until its result is posted. Between two tries it waits in the HTTP client, so that
 * nobody else remembers it. */

#include "services/scheduler/unit/pusher.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/sha256.h"
#include "common/http/http_client.h"
#include "common/http/signature.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAUSE_MS 2 // Before a busy agent is asked again; doubles

typedef struct {
    pusher_t *pusher;
    char *url, *body, *agent, *job, *key;
    const char *target;       // What is signed of the URL: its end
    char sum[SHA256_HEX + 1]; // Of the body
    uint32_t attempt, pause_ms;
    bool again, is_delete;
    int64_t since_us; // Monotonic
    int64_t ahead_us; // Of the server's time, of the machine's boot time
} job_push_t;

struct pusher {
    http_client_t *http;
    bool running;
    actor_t *actor;
    actor_act_fn on_result;
};

static void push_destroy (job_push_t *push)
{
    free (push->url);
    free (push->body);
    free (push->agent);
    free (push->job);
    if (push->key)
        sodium_memzero (push->key, strlen (push->key));
    free (push->key);
    free (push);
}

static char *copy (const char *text)
{
    char *made = text ? strdup (text) : NULL;
    if (text && !made)
        abort ();
    return made;
}

static char *join (const char *a, const char *b, const char *c, const char *d)
{
    char *text = NULL;
    if (asprintf (&text, "%s%s%s%s", a, b, c, d) < 0)
        abort ();
    return text;
}

static void sum_of (const char *body, char into[SHA256_HEX + 1])
{
    unsigned char sum[SHA256_SUM];
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, body, strlen (body));
    sha256_sum (&sha, sum);
    sodium_bin2hex (into, SHA256_HEX + 1, sum, sizeof sum);
}

// An agent behind a proxy may see less of the path than we ask for: what is signed is the part that is ours.
static void set_url (job_push_t *push, const push_t *from)
{
    size_t size = strlen (from->url);
    char *base = copy (from->url);
    while (size > 0 && base[size - 1] == '/')
        base[--size] = 0;
    char query[40] = "";
    if (!from->body)
        snprintf (query, sizeof query, "?attempt=%u%s", from->attempt, from->hard ? "&hard=1" : "");
    push->url = from->body ? join (base, "/jobs", "", "") : join (base, "/jobs/", from->job, query);
    push->target = push->url + size;
    free (base);
}

static job_push_t *push_new (pusher_t *pusher, const push_t *from)
{
    job_push_t *push = calloc (1, sizeof *push);
    if (!push)
        abort ();
    push->pusher = pusher;
    set_url (push, from);
    push->key = copy (from->key);
    sum_of (from->body ? from->body : "", push->sum);
    push->body = copy (from->body);
    push->agent = copy (from->agent);
    push->job = copy (from->job);
    push->attempt = from->attempt;
    push->again = from->again;
    push->is_delete = !from->body;
    push->since_us = clock_monotonic_us ();
    push->ahead_us = from->now_us - clock_boottime_us ();
    push->pause_ms = FIRST_PAUSE_MS;
    return push;
}

#define HEADERS     5
#define HEADER_SIZE (sizeof SIGNATURE_HEADER + sizeof SIGNATURE_PREFIX + SIGNATURE_SIZE + 128)

typedef struct {
    char text[HEADERS][HEADER_SIZE];
    const char *list[HEADERS + 1];
} headers_t;

static void set_header (headers_t *self, size_t at, const char *name, const char *value)
{
    snprintf (self->text[at], HEADER_SIZE, "%s: %s", name, value);
    self->list[at] = self->text[at];
    self->list[at + 1] = NULL;
}

// The key itself never goes over the wire; each try has a time of its own, that at which it leaves, so that an agent can tell it from
// a recorded one: by the clock that agents know from `server_time`, not by this machine's wall clock, which may be wrong or be set.
static void sign (const job_push_t *push, uint32_t delay_ms, headers_t *out)
{
    char time[24], signature[sizeof SIGNATURE_PREFIX + SIGNATURE_SIZE] = SIGNATURE_PREFIX;
    snprintf (time, sizeof time, "%lld",
              (long long) (clock_boottime_us () + MILLISECONDS (delay_ms) + push->ahead_us));
    const signed_request_t request = {.key = push->key,
                                      .method = push->is_delete ? "DELETE" : "POST",
                                      .target = push->target,
                                      .agent = push->agent,
                                      .time = time,
                                      .body = push->sum};
    signature_make (&request, signature + strlen (SIGNATURE_PREFIX));
    set_header (out, 0, "Content-Type", "application/json");
    set_header (out, 1, AGENT_HEADER, push->agent);
    set_header (out, 2, TIME_HEADER, time);
    set_header (out, 3, BODY_SUM_HEADER, push->sum);
    set_header (out, 4, SIGNATURE_HEADER, signature);
}

static void ended (void *push, const http_answer_t *answer);

static fault_t send_push (job_push_t *push, uint32_t delay_ms)
{
    headers_t headers;
    sign (push, delay_ms, &headers);
    const http_request_t request = {.method = push->is_delete ? "DELETE" : "POST",
                                    .url = push->url,
                                    .headers = headers.list,
                                    .body = push->body,
                                    .size = push->body ? strlen (push->body) : 0,
                                    .borrow = true,
                                    .answer_max = PUSH_ANSWER_MAX,
                                    .connect_ms = PUSH_TIMEOUT_MS,
                                    .total_ms = PUSH_TIMEOUT_MS,
                                    .delay_ms = delay_ms};
    return http_client_begin (push->pusher->http, &request, ended, push, NULL);
}

static push_result_t *result_new (const job_push_t *push, push_outcome_t outcome, long http)
{
    size_t agent = strlen (push->agent) + 1, job = strlen (push->job) + 1;
    push_result_t *result = calloc (1, sizeof *result + agent + job);
    if (!result)
        abort ();
    result->agent = memcpy (result->strings, push->agent, agent);
    result->job = memcpy (result->strings + agent, push->job, job);
    result->attempt = push->attempt;
    result->again = push->again;
    result->outcome = outcome;
    result->http = http;
    return result;
}

static void report (job_push_t *push, push_outcome_t outcome, long http)
{
    if (!push->is_delete)
        actor_post (push->pusher->actor, push->pusher->on_result, result_new (push, outcome, http));
    push_destroy (push);
}

static push_outcome_t outcome_of (const http_answer_t *answer)
{
    int http = answer->status;
    if (answer->fault == OK || answer->fault == TOO_LARGE)
        return http >= 200 && http < 300 ? PUSH_ACCEPTED
               : http == 409             ? PUSH_BUSY
               : http == 410             ? PUSH_UNKNOWN
                                         : PUSH_REFUSED;
    return answer->sent ? PUSH_UNKNOWN : PUSH_UNREACHABLE;
}

static void ended (void *push_, const http_answer_t *answer)
{
    job_push_t *push = push_;
    uint32_t pause_ms = push->pause_ms;
    if (answer->cancelled) { // With the pusher; the lease expires
        push_destroy (push);
        return;
    }
    push_outcome_t outcome = outcome_of (answer);
    bool not_ready = outcome == PUSH_BUSY || answer->status == 401;
    int64_t next_us = clock_monotonic_us () + MILLISECONDS (pause_ms);
    push->pause_ms *= 2;
    if (not_ready && next_us - push->since_us < MILLISECONDS (PUSH_BUSY_MS) &&
        send_push (push, pause_ms) == OK)
        return;
    report (push, outcome, answer->status);
}

pusher_t *pusher_new (actor_act_fn on_result)
{
    // An agent is reached directly, whatever proxy this process's other requests need
    const http_client_options_t options = {.transfers = PUSH_WAITING, .kept = PUSH_KEPT, .proxy = ""};
    pusher_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->on_result = on_result;
    self->http = http_client_new (&options);
    return self;
}

void pusher_start (pusher_t *self, actor_t *actor)
{
    if (self->running)
        return;
    self->actor = actor;
    self->running = http_client_start (self->http, "push");
    if (!self->running)
        log_error ("no thread to push jobs with", NULL);
}

void pusher_stop (pusher_t *self)
{
    http_client_stop (self->http);
}

void pusher_destroy (pusher_t **self_p)
{
    pusher_t *self = *self_p;
    if (!self)
        return;
    http_client_destroy (&self->http);
    free (self);
    *self_p = NULL;
}

void pusher_push (pusher_t *self, const push_t *from)
{
    job_push_t *push = push_new (self, from);
    fault_t fault = send_push (push, 0);
    if (fault == OK)
        return;
    if (fault == OVERLOADED) // The lease expires, or the agent asks: only time is lost
        log_warn ("too many pushes under way", "job", push->job, "agent", push->agent, NULL);
    push_destroy (push);
}
