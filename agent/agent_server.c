/* agent_server.c - routes in a table; each handler reads, asks the listener, and answers with one write. */

#include "agent/agent_server.h"

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/http/nudge.h"
#include "common/http/signature.h"
#include "proto/problem.h"

#include <civetweb.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEY_SECONDS    2         // That a push waits for the registration to be over
#define KEY_SIZE       64        // Hex of a BLAKE2b-256
#define SIGNED_SECONDS 10        // How far a signature's time may be from the server's as we know it
#define HEADERS_MAX    60        // civetweb silently drops the 65th
#define ANSWER_MAX     (8 << 20) // Bytes: a status with all its steps

struct agent_server {
    struct mg_context *context;
    const agent_server_listener_t *listener;
    pthread_mutex_t lock;   // Of the key and the id: a push may come while the agent still registers
    pthread_cond_t has_key; // With `lock`
    char key[KEY_SIZE + 1]; // "" until the agent has registered
    char agent[MAX_ID + 1]; // Its id, from then on
    int port;
    char *address; // HOST:PORT with the port that was chosen
};

typedef struct {
    agent_server_t *server;
    struct mg_connection *connection;
    const struct mg_request_info *info;
    const char *job;      // From the path; "" for none
    const char *body_sum; // That was signed
    turn_t turn;
    buffer_t *answer;
} exchange_t;

// The server may push a job before we have read that it registered us.
static void wait_for_key (agent_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += KEY_SECONDS;
    while (!self->key[0] && pthread_cond_timedwait (&self->has_key, &self->lock, &until) == 0)
        ;
}

// What the head says that was signed; false where a part of it is missing or too long to be ours.
static bool read_signed (exchange_t *self, signed_request_t *out)
{
    const char *query = self->info->query_string;
    *out = (signed_request_t){
        .method = self->info->request_method,
        .target = arena_printf (self->turn.arena, "%s%s%s", self->info->local_uri_raw, query ? "?" : "",
                                query ? query : ""),
        .agent = mg_get_header (self->connection, AGENT_HEADER),
        .time = mg_get_header (self->connection, TIME_HEADER),
        .body = mg_get_header (self->connection, BODY_SUM_HEADER),
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
                signature_is (request, mg_get_header (self->connection, SIGNATURE_HEADER));
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
        return turn_fail (&self->turn, GONE, "this request was signed too long ago, or is ahead of its time");
    }
    self->body_sum = request.body;
    return OK;
}

static fault_t read_body (exchange_t *self, char **body, size_t *size)
{
    long long length = self->info->content_length;
    if (length < 0)
        return turn_fail (&self->turn, BAD_INPUT, "Content-Length is missing");
    if (length > AGENT_SERVER_BODY_MAX)
        return turn_fail (&self->turn, TOO_LARGE, "an offer has at most %d bytes", AGENT_SERVER_BODY_MAX);
    *body = arena_alloc (self->turn.arena, (size_t) length + 1);
    *size = 0;
    while (*size < (size_t) length) {
        int got = mg_read (self->connection, *body + *size, (size_t) length - *size);
        if (got <= 0)
            return turn_fail (&self->turn, BAD_INPUT, "the body ended early");
        *size += (size_t) got;
    }
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

static fault_t take_offer (exchange_t *self)
{
    char *body = NULL;
    size_t size = 0;
    job_offer_t *offer = arena_alloc (self->turn.arena, sizeof (job_offer_t));
    fault_t fault = read_body (self, &body, &size);
    if (!fault)
        fault = message_read_newer (MESSAGE (job_offer), &self->turn, body, size, offer);
    if (!fault)
        fault = message_check (MESSAGE (job_offer), &self->turn, offer);
    if (!fault && (!offer->job || !*offer->job))
        fault = turn_fail (&self->turn, INVALID, "`job` is missing");
    if (!fault)
        fault = self->server->listener->offer (self->server->listener->self, &self->turn.arena, offer);
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

static fault_t cancel_job (exchange_t *self)
{
    const char *query = self->info->query_string ? self->info->query_string : "";
    char hard[8] = "", attempt[16] = "";
    // A parameter that is missing or too long leaves "".
    mg_get_var (query, strlen (query), "hard", hard, sizeof hard);
    mg_get_var (query, strlen (query), "attempt", attempt, sizeof attempt);
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
    {"GET", "/health", false, true, health},
    {"POST", "/jobs", false, false, take_offer},
    {"GET", "/jobs/", true, false, show_job},
    {"DELETE", "/jobs/", true, false, cancel_job},
};

static bool matches (exchange_t *self, const char *path, bool names_job)
{
    size_t size = strlen (path);
    const char *asked = self->info->local_uri_raw;
    if (!names_job)
        return strcmp (asked, path) == 0;
    if (strncmp (asked, path, size) != 0 || !asked[size] || strlen (asked + size) > MAX_ID ||
        strchr (asked + size, '/'))
        return false;
    self->job = asked + size;
    return true;
}

static fault_t enter (exchange_t *self, bool open, fault_t (*handle) (exchange_t *self))
{
    if (!open)
        TRY (let_in (self));
    return handle (self);
}

static fault_t dispatch (exchange_t *self)
{
    fault_t fault = NOT_FOUND;
    if (self->info->num_headers > HEADERS_MAX || mg_get_header (self->connection, "Transfer-Encoding"))
        return turn_fail (&self->turn, BAD_INPUT, "too many headers, or a Transfer-Encoding");
    for (size_t i = 0; i < sizeof (routes) / sizeof (routes[0]); i++) {
        if (!matches (self, routes[i].path, routes[i].names_job))
            continue;
        fault = NO_METHOD;
        if (strcmp (routes[i].method, self->info->request_method) == 0)
            return enter (self, routes[i].open, routes[i].handle);
    }
    return fault;
}

static void put_problem (exchange_t *self, fault_t fault)
{
    buffer_clear (self->answer);
    problem_print (self->answer, fault_http (fault), fault_text (fault),
                   self->turn.detail ? self->turn.detail : fault_text (fault), fault_name (fault), NULL);
}

static int answer (exchange_t *self, fault_t fault)
{
    bool good = fault == OK || fault == LATER;
    if (!good)
        put_problem (self, fault);
    else if (fault == LATER)
        buffer_puts (self->answer, "{}");
    // An unread body would be taken for the next request
    bool closes =
        !good && self->info->content_length != 0 && strcmp (self->info->request_method, "POST") == 0;
    mg_printf (self->connection,
               "HTTP/1.1 %d %s\r\nContent-Type: application/%sjson\r\nContent-Length: %zu\r\n"
               "Cache-Control: no-store\r\n%s\r\n%s",
               fault_http (fault), fault_name (fault), good ? "" : "problem+", buffer_size (self->answer),
               closes ? "Connection: close\r\n" : "", buffer_text (self->answer));
    return fault_http (fault);
}

static int handle (struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info (connection);
    arena_t *arena = arena_new ();
    exchange_t self = {.server = info->user_data,
                       .connection = connection,
                       .info = info,
                       .job = "",
                       .answer = buffer_new (ANSWER_MAX)};
    turn_init (&self.turn, arena, "", clock_now_us (clock_system ()));
    fault_t fault = dispatch (&self);
    int status = answer (&self, fault);
    buffer_destroy (&self.answer);
    arena_destroy (&self.turn.arena); // Nothing is left of it where the offer was taken
    return status;
}

static int keep_silent (const struct mg_connection *connection, const char *message)
{
    (void) connection, (void) message;
    return 1;
}

fault_t agent_server_new (agent_server_t **out, arena_t *arena, const char *listen,
                          const agent_server_listener_t *listener, const char **error)
{
    agent_server_t *self = calloc (1, sizeof (agent_server_t));
    if (!self)
        abort ();
    self->listener = listener;
    self->address = strdup (listen);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->has_key, NULL);
    char threads[16];
    snprintf (threads, sizeof (threads), "%d", AGENT_SERVER_THREADS);
    const char *options[] = {"listening_ports",
                             listen,
                             "num_threads",
                             threads,
                             "enable_keep_alive",
                             "yes",
                             "keep_alive_timeout_ms",
                             "1000",
                             "request_timeout_ms",
                             "10000",
                             "decode_url",
                             "no",
                             "enable_directory_listing",
                             "no",
                             "access_control_allow_origin",
                             "",
                             "access_control_allow_methods",
                             "",
                             "access_control_allow_headers",
                             "",
                             "tcp_nodelay",
                             "1",
                             NULL};
    const struct mg_callbacks callbacks = {.begin_request = handle, .log_message = keep_silent};
    struct mg_server_port ports[2];
    self->context = mg_start (&callbacks, self, options);
    if (!self->context || mg_get_server_ports (self->context, 2, ports) < 1) {
        *error = arena_printf (arena, "cannot listen on %s: is it in use?", listen);
        agent_server_destroy (&self);
        return UNAVAILABLE;
    }
    self->port = ports[0].port;
    free (self->address);
    if (asprintf (&self->address, "%.*s:%d", (int) strcspn (listen, ":"), listen, self->port) < 0)
        abort ();
    *out = self;
    return OK;
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
    return self->port;
}

static void stop (void *context)
{
    mg_stop (context);
}

void agent_server_destroy (agent_server_t **self_p)
{
    agent_server_t *self = *self_p;
    if (!self)
        return;
    if (self->context)
        nudge_while (stop, self->context, self->address);
    free (self->address);
    pthread_cond_destroy (&self->has_key);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}
