/* inbox.c - routes in a table; each handler reads, asks the listener, and answers with one write. */

#include "agent/inbox.h"

#include "common/clock.h"
#include "common/json.h"
#include "common/nudge.h"

#include <civetweb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define KEY_SECONDS 2  // That a push waits for the registration to be over
#define KEY_SIZE    64 // Hex of a BLAKE2b-256
#define HEADERS_MAX 60 // civetweb drops the 65th without a word
#define ANSWER_MAX  (8 << 20)

struct inbox {
    struct mg_context *context;
    const inbox_listener_t *listener;
    pthread_mutex_t lock;
    pthread_cond_t has_key; // With `lock`
    char key[KEY_SIZE + 1]; // "" until the agent has registered
    int port;
    char *address; // HOST:PORT with the port that was chosen
};

typedef struct {
    inbox_t *inbox;
    struct mg_connection *connection;
    const struct mg_request_info *info;
    const char *job; // From the path; "" for none
    turn_t turn;
    buffer_t *answer;
} request_t;

// The server may push a job before we have read that it registered us.
static void wait_for_key (inbox_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += KEY_SECONDS;
    while (!self->key[0] && pthread_cond_timedwait (&self->has_key, &self->lock, &until) == 0)
        ;
}

static bool is_let_in (request_t *self)
{
    const char *header = mg_get_header (self->connection, "Authorization");
    if (!header || strncasecmp (header, "Bearer ", 7) != 0 || strlen (header + 7) != KEY_SIZE)
        return false;
    inbox_t *inbox = self->inbox;
    pthread_mutex_lock (&inbox->lock);
    wait_for_key (inbox);
    bool same = inbox->key[0] && sodium_memcmp (inbox->key, header + 7, KEY_SIZE) == 0;
    pthread_mutex_unlock (&inbox->lock);
    return same;
}

static fault_t read_body (request_t *self, char **body, size_t *size)
{
    long long length = self->info->content_length;
    if (length < 0)
        return turn_fail (&self->turn, BAD_INPUT, "Content-Length is missing");
    if (length > INBOX_BODY_MAX)
        return turn_fail (&self->turn, TOO_LARGE, "an offer has at most %d bytes", INBOX_BODY_MAX);
    *body = arena_alloc (self->turn.arena, (size_t) length + 1);
    *size = 0;
    while (*size < (size_t) length) {
        int got = mg_read (self->connection, *body + *size, (size_t) length - *size);
        if (got <= 0)
            return turn_fail (&self->turn, BAD_INPUT, "the body ended early");
        *size += (size_t) got;
    }
    return OK;
}

static fault_t health (request_t *self)
{
    self->inbox->listener->health (self->inbox->listener->self, self->answer);
    return OK;
}

static fault_t take_offer (request_t *self)
{
    char *body = NULL;
    size_t size = 0;
    job_offer_t *offer = arena_alloc (self->turn.arena, sizeof (job_offer_t));
    fault_t fault = read_body (self, &body, &size);
    if (!fault)
        fault = message_read_newer (MESSAGE (job_offer), &self->turn, body, size, offer);
    if (!fault)
        fault = message_check (MESSAGE (job_offer), &self->turn, offer);
    if (!fault && !*offer->job)
        fault = turn_fail (&self->turn, INVALID, "`job` is missing");
    if (!fault)
        fault = self->inbox->listener->offer (self->inbox->listener->self, &self->turn.arena, offer);
    if (fault == CONFLICT)
        self->turn.detail = "this agent has a job";
    return fault ? fault : LATER;
}

static fault_t show_job (request_t *self)
{
    job_status_t status;
    fault_t fault =
        self->inbox->listener->show (self->inbox->listener->self, &self->turn, self->job, &status);
    if (!fault)
        message_print (MESSAGE (job_status), &status, self->answer);
    return fault;
}

static fault_t cancel_job (request_t *self)
{
    const char *query = self->info->query_string;
    bool hard = query && (strstr (query, "hard=1") || strstr (query, "hard=true"));
    fault_t fault = self->inbox->listener->cancel (self->inbox->listener->self, self->job, hard);
    return fault ? fault : LATER;
}

static const struct {
    const char *method;
    const char *path;
    bool names_job; // The path goes on with a job's id
    bool open;
    fault_t (*handle) (request_t *self);
} routes[] = {
    {"GET", "/health", false, true, health},
    {"POST", "/jobs", false, false, take_offer},
    {"GET", "/jobs/", true, false, show_job},
    {"DELETE", "/jobs/", true, false, cancel_job},
};

static bool matches (request_t *self, const char *path, bool names_job)
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

static fault_t dispatch (request_t *self)
{
    fault_t fault = NOT_FOUND;
    if (self->info->num_headers > HEADERS_MAX || mg_get_header (self->connection, "Transfer-Encoding"))
        return turn_fail (&self->turn, BAD_INPUT, "too many headers, or a Transfer-Encoding");
    for (size_t i = 0; i < sizeof (routes) / sizeof (routes[0]); i++) {
        if (!matches (self, routes[i].path, routes[i].names_job))
            continue;
        fault = NO_METHOD;
        if (strcmp (routes[i].method, self->info->request_method) == 0)
            return routes[i].open || is_let_in (self) ? routes[i].handle (self) : UNAUTHORIZED;
    }
    return fault;
}

static void put_problem (request_t *self, fault_t fault)
{
    const char *detail = self->turn.detail ? self->turn.detail : fault_text (fault);
    buffer_clear (self->answer);
    buffer_printf (self->answer,
                   "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":", fault_text (fault),
                   fault_http (fault));
    json_put (self->answer, detail, strlen (detail));
    buffer_printf (self->answer, ",\"code\":\"%s\"}", fault_name (fault));
}

static int answer (request_t *self, fault_t fault)
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
    request_t self = {.inbox = info->user_data,
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

fault_t inbox_new (inbox_t **out, arena_t *arena, const char *listen, const inbox_listener_t *listener,
                   const char **error)
{
    inbox_t *self = calloc (1, sizeof (inbox_t));
    if (!self)
        abort ();
    self->listener = listener;
    self->address = strdup (listen);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->has_key, NULL);
    char threads[16];
    snprintf (threads, sizeof (threads), "%d", INBOX_THREADS);
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
        inbox_destroy (&self);
        return UNAVAILABLE;
    }
    self->port = ports[0].port;
    free (self->address);
    if (asprintf (&self->address, "%.*s:%d", (int) strcspn (listen, ":"), listen, self->port) < 0)
        abort ();
    *out = self;
    return OK;
}

void inbox_set_key (inbox_t *self, const char *key)
{
    pthread_mutex_lock (&self->lock);
    snprintf (self->key, sizeof (self->key), "%s", key);
    pthread_cond_broadcast (&self->has_key);
    pthread_mutex_unlock (&self->lock);
}

int inbox_port (const inbox_t *self)
{
    return self->port;
}

static void stop (void *context)
{
    mg_stop (context);
}

void inbox_destroy (inbox_t **self_p)
{
    inbox_t *self = *self_p;
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
