/* agent_server.c - see agent_server.h. Routes in a table; each handler reads, asks the listener, and answers with one write. */

#include "agent/agent_server.h"

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/base/sha256.h"
#include "common/http/http_server.h"
#include "common/http/probe_server.h"
#include "common/http/signature.h"
#include "proto/problem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_SECONDS     2  // That a push waits for the registration to be over
#define KEY_SIZE        64 // Hex of a BLAKE2b-256
#define SIGNED_SECONDS  10 // How far a signature's time may be from the server's as we know it
#define REQUEST_SECONDS 10 // For the whole of a request, from its head to its answer's last byte
#define HEAD_SECONDS    5
#define IDLE_SECONDS    5
#define THREADS         4
#define SLOW            8 // Beside them, in a body that comes slowly
#define CONNECTIONS     64
#define PER_ADDRESS     32
#define ANSWER_MAX      (8 << 20)

struct agent_server {
    http_server_t *server;
    const agent_server_listener_t *listener;
    pthread_mutex_t lock;
    pthread_cond_t has_key; // With `lock`
    char key[KEY_SIZE + 1]; // "" until the agent has registered
    char agent[MAX_ID + 1]; // Its id, from then on
};

typedef struct {
    agent_server_t *server;
    http_conn_t *conn;
    const http_head_t *head;
    const char *job;      // From the path; "" for none
    const char *body_sum; // That was signed
    int64_t until_us;
    bool unread; // There is a body that was not read: the connection ends
    turn_t turn;
    buffer_t *answer;
    const char *type; // Of a good answer
} exchange_t;

// The server may push a job before we have read that it registered us.
static void wait_for_key (agent_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until); // As has_key counts
    until.tv_sec += KEY_SECONDS;
    while (!self->key[0] && pthread_cond_timedwait (&self->has_key, &self->lock, &until) == 0)
        ;
}

// What the head says that was signed; false where a part of it is missing or too long to be ours.
static bool read_signed (exchange_t *self, signed_request_t *out)
{
    const char *query = self->head->query;
    *out = (signed_request_t){
        .method = self->head->method,
        .target =
            arena_printf (self->turn.arena, "%s%s%s", self->head->path, query ? "?" : "", query ? query : ""),
        .agent = http_head_get (self->head, AGENT_HEADER),
        .time = http_head_get (self->head, TIME_HEADER),
        .body = http_head_get (self->head, BODY_SUM_HEADER),
    };
    return out->agent && out->time && out->body && sha256_is_hex (out->body);
}

static bool is_signed (exchange_t *self, signed_request_t *request)
{
    agent_server_t *server = self->server;
    pthread_mutex_lock (&server->lock);
    wait_for_key (server);
    request->key = server->key;
    bool good = server->key[0] && strcmp (server->agent, request->agent) == 0 &&
                signature_is (request, http_head_get (self->head, SIGNATURE_HEADER));
    pthread_mutex_unlock (&server->lock);
    return good;
}

// From the head alone, so that nobody else's body is read. What is too old, or from too far ahead, may be a recording.
static fault_t let_in (exchange_t *self)
{
    signed_request_t request;
    int64_t age_us, time_us;
    char *end;
    if (!read_signed (self, &request) || !is_signed (self, &request))
        return UNAUTHORIZED;
    errno = 0;
    time_us = strtoll (request.time, &end, 10);
    bool known = !errno && !*end && server_clock_age (self->server->listener->clock, time_us, &age_us);
    if (!known || age_us > SECONDS (SIGNED_SECONDS) || age_us < -SECONDS (SIGNED_SECONDS)) {
        self->server->listener->stale (self->server->listener->self);
        return turn_fail (&self->turn, GONE, "this request was signed too long ago, or in the future");
    }
    self->body_sum = request.body;
    return OK;
}

static fault_t read_body (exchange_t *self, char **body, size_t *size)
{
    int64_t length = http_head_length (self->head);
    if (length < 0)
        return turn_fail (&self->turn, BAD_INPUT, "Content-Length is missing");
    if (length > AGENT_SERVER_BODY_MAX)
        return turn_fail (&self->turn, TOO_LARGE, "an offer has at most %d bytes", AGENT_SERVER_BODY_MAX);
    *body = arena_alloc (self->turn.arena, (size_t) length + 1);
    *size = 0;
    while (*size < (size_t) length) {
        int got = http_conn_read (self->conn, *body + *size, (size_t) length - *size, self->until_us);
        if (got <= 0)
            return turn_fail (&self->turn, BAD_INPUT, "the body is shorter than Content-Length");
        *size += (size_t) got;
    }
    self->unread = false;
    sha256_t sha;
    sha256_init (&sha);
    sha256_add (&sha, *body, *size);
    bool as_signed = strcmp (sha256_hex (&sha, self->turn.arena), self->body_sum) == 0;
    return as_signed ? OK : turn_fail (&self->turn, UNAUTHORIZED, "the body is not the one that was signed");
}

static fault_t health (exchange_t *self)
{
    self->server->listener->health (self->server->listener->self, self->answer);
    return OK;
}

// Counts alone: nothing of a job, no names.
static fault_t metrics (exchange_t *self)
{
    metrics_print (self->answer);
    self->type = PROBE_METRICS_TYPE;
    return buffer_full (self->answer) ? turn_fail (&self->turn, TOO_LARGE, "there are too many metrics") : OK;
}

static fault_t take_offer (exchange_t *self)
{
    char *body = NULL;
    size_t size = 0;
    bool runs = false;
    job_offer_t *offer = arena_alloc (self->turn.arena, sizeof (job_offer_t));
    fault_t fault = read_body (self, &body, &size);
    if (!fault)
        fault = message_read_newer (MESSAGE (job_offer), &self->turn, body, size, offer);
    if (!fault)
        fault = message_check (MESSAGE (job_offer), &self->turn, offer);
    if (!fault && (!offer->job || !*offer->job))
        fault = turn_fail (&self->turn, INVALID, "`job` is missing");
    if (!fault)
        fault = self->server->listener->offer (self->server->listener->self, &self->turn.arena, offer, &runs);
    if (!fault && runs)
        http_conn_go_on (self->conn);
    if (fault == CONFLICT)
        self->turn.detail = "this agent has a job";
    return fault ? fault : LATER;
}

static fault_t show_job (exchange_t *self)
{
    job_status_t status;
    fault_t fault =
        self->server->listener->show (self->server->listener->self, &self->turn, self->job, &status);
    if (!fault)
        message_print (MESSAGE (job_status), &status, self->answer);
    return fault;
}

// "" where it is missing. Its values are words and numbers: nothing is decoded.
static const char *parameter (const exchange_t *self, const char *name)
{
    size_t size = strlen (name);
    for (const char *at = self->head->query; at && *at;) {
        size_t length = strcspn (at, "&");
        if (length > size && strncmp (at, name, size) == 0 && at[size] == '=')
            return arena_strndup (self->turn.arena, at + size + 1, length - size - 1);
        at += length + (at[length] == '&');
    }
    return "";
}

static fault_t cancel_job (exchange_t *self)
{
    const char *hard = parameter (self, "hard"), *attempt = parameter (self, "attempt");
    fault_t fault = self->server->listener->cancel (self->server->listener->self, self->job,
                                                    (uint32_t) strtoul (attempt, NULL, 10),
                                                    strcmp (hard, "1") == 0 || strcmp (hard, "true") == 0);
    return fault ? fault : LATER;
}

static const struct {
    const char *method;
    const char *path;
    bool names_job; // The path goes on with a job's id
    bool open;
    fault_t (*handle) (exchange_t *self);
} routes[] = {
    {"GET", "/health", false, true, health},       {"GET", "/metrics", false, true, metrics},
    {"POST", "/jobs", false, false, take_offer},   {"GET", "/jobs/", true, false, show_job},
    {"DELETE", "/jobs/", true, false, cancel_job},
};

static bool matches (exchange_t *self, const char *path, bool names_job)
{
    size_t size = strlen (path);
    const char *asked = self->head->path;
    if (!names_job)
        return strcmp (asked, path) == 0;
    if (strncmp (asked, path, size) != 0 || !asked[size] || strlen (asked + size) > MAX_ID ||
        strchr (asked + size, '/'))
        return false;
    self->job = asked + size;
    return true;
}

static fault_t dispatch (exchange_t *self)
{
    fault_t fault = NOT_FOUND;
    for (size_t i = 0; i < sizeof (routes) / sizeof (routes[0]); i++) {
        if (!matches (self, routes[i].path, routes[i].names_job))
            continue;
        fault = NO_METHOD;
        if (strcmp (routes[i].method, self->head->method) != 0)
            continue;
        if (!routes[i].open)
            TRY (let_in (self));
        return routes[i].handle (self);
    }
    return fault;
}

static void put_problem (exchange_t *self, fault_t fault)
{
    buffer_clear (self->answer);
    problem_print (self->answer, fault_http (fault), fault_text (fault),
                   self->turn.detail ? self->turn.detail : fault_text (fault), fault_name (fault), NULL);
}

static http_after_t answer (exchange_t *self, fault_t fault)
{
    bool good = fault == OK || fault == LATER, keeps = http_head_keeps (self->head) && !self->unread;
    buffer_t *out = buffer_new (ANSWER_MAX);
    if (!good)
        put_problem (self, fault);
    else if (fault == LATER)
        buffer_puts (self->answer, "{}");
    buffer_printf (out,
                   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                   "Cache-Control: no-store\r\n%s\r\n%s",
                   fault_http (fault), fault_name (fault), good ? self->type : "application/problem+json",
                   buffer_size (self->answer), keeps ? "" : "Connection: close\r\n",
                   buffer_text (self->answer));
    bool sent = http_conn_write (self->conn, buffer_text (out), buffer_size (out), self->until_us);
    buffer_destroy (&out);
    return !sent ? HTTP_CLOSE : keeps ? HTTP_KEEP : HTTP_DRAIN;
}

static http_after_t serve (void *context, http_conn_t *conn, const http_head_t *head)
{
    arena_t *arena = arena_new ();
    exchange_t self = {.server = context,
                       .conn = conn,
                       .head = head,
                       .job = "",
                       .until_us = clock_monotonic_us () + SECONDS (REQUEST_SECONDS),
                       .unread = http_head_length (head) != 0,
                       .type = "application/json",
                       .answer = buffer_new (ANSWER_MAX)};
    turn_init (&self.turn, arena, "", clock_now_us (clock_system ()));
    http_after_t after = answer (&self, dispatch (&self));
    buffer_destroy (&self.answer);
    arena_destroy (&self.turn.arena); // Nothing is left of it where the offer was taken
    return after;
}

static void run (void *context)
{
    const agent_server_listener_t *listener = ((agent_server_t *) context)->listener;
    listener->run (listener->self);
}

static void refuse (void *context, http_conn_t *conn, int status, const char *text)
{
    char out[500];
    (void) context;
    int size = snprintf (out, sizeof out, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                         status, text);
    if (size > 0 && (size_t) size < sizeof out)
        (void) !http_conn_write (conn, out, (size_t) size, 0);
}

static http_lane_t lane (const http_head_t *head)
{
    return strcmp (head->path, "/health") == 0 ? LANE_URGENT : LANE_FIRST;
}

// "127.0.0.1:0"; BAD_INPUT.
static fault_t read_listen (turn_t *turn, const char *listen, http_server_config_t *out)
{
    const char *colon = strrchr (listen, ':');
    int64_t port;
    struct in_addr ignored;
    if (!colon || !http_number (colon + 1, strlen (colon + 1), &port) || port > UINT16_MAX)
        return turn_fail (turn, BAD_INPUT, "agent_listen: %s: must be HOST:PORT", listen);
    out->host = arena_strndup (turn->arena, listen, (size_t) (colon - listen));
    out->port = (uint16_t) port;
    if (strcmp (out->host, "localhost") == 0)
        out->host = "127.0.0.1";
    if (inet_pton (AF_INET, out->host, &ignored) != 1)
        return turn_fail (turn, BAD_INPUT, "agent_listen: %s: the host must be an IPv4 address or localhost",
                          listen);
    return OK;
}

fault_t agent_server_new (agent_server_t **out, turn_t *turn, const char *listen,
                          const agent_server_listener_t *listener)
{
    http_server_config_t config = {.threads = THREADS,
                                   .slow = SLOW,
                                   .connections = CONNECTIONS,
                                   .per_address = PER_ADDRESS,
                                   .head_ms = HEAD_SECONDS * 1000,
                                   .idle_ms = IDLE_SECONDS * 1000,
                                   .wait_ms = REQUEST_SECONDS * 1000,
                                   .serve = serve,
                                   .refuse = refuse,
                                   .lane = lane,
                                   .go_on = run};
    TRY (read_listen (turn, listen, &config));
    agent_server_t *self = calloc (1, sizeof (agent_server_t));
    if (!self)
        abort ();
    self->listener = listener;
    config.context = self;
    pthread_mutex_init (&self->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->has_key, &attributes);
    pthread_condattr_destroy (&attributes);
    fault_t fault = http_server_new (&self->server, turn, &config);
    if (fault)
        agent_server_destroy (&self);
    *out = self;
    return fault;
}

void agent_server_set_key (agent_server_t *self, const char *agent, const char *key)
{
    pthread_mutex_lock (&self->lock);
    snprintf (self->agent, sizeof (self->agent), "%s", agent);
    snprintf (self->key, sizeof (self->key), "%s", key);
    pthread_cond_broadcast (&self->has_key);
    pthread_mutex_unlock (&self->lock);
}

int agent_server_port (const agent_server_t *self)
{
    return http_server_port (self->server);
}

void agent_server_destroy (agent_server_t **self_p)
{
    agent_server_t *self = *self_p;
    if (!self)
        return;
    http_server_destroy (&self->server);
    pthread_cond_destroy (&self->has_key);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}
