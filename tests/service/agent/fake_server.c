/* fake_server.c - see fake_server.h. */

#include "tests/service/agent/fake_server.h"

#include "agent/agent.h"
#include "agent/http.h"
#include "agent/workspace.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"
#include "common/nudge.h"
#include "tests/unit/test.h"
#include "workflow/value.h"

#include <civetweb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S   20
#define LOG_MAX  (200 << 20)
#define TOKEN    "agent-token"
#define BODY_MAX (8 << 20)

struct fake_server {
    struct mg_context *context;
    arena_t *arena;
    const char *url, *work_dir;
    settings_t settings;
    pthread_t agent;
    bool agent_runs;
    pthread_mutex_t lock; // For what follows
    pthread_cond_t changed;
    buffer_t *log, *requests;
    bool registered, finished, away, refused, fenced;
    int64_t forget; // -1: nothing
    const char *order;
    char *status, *agent_url, *token_used, *offer;
};

typedef struct {
    int status;
    const char *body;
} reply_t;

static char *copy (char **place, const char *text)
{
    free (*place);
    return *place = strdup (text);
}

static reply_t take_registration (fake_server_t *self, struct mg_connection *connection, const char *body)
{
    const value_t *ask;
    const char *error, *header = mg_get_header (connection, "Authorization");
    if (value_from_json (self->arena, body, strlen (body), &ask, &error) != OK)
        return (reply_t){400, "{}"};
    copy (&self->agent_url, value_get_text (ask, "url"));
    copy (&self->token_used, header ? header : "");
    self->registered = true;
    return (reply_t){201,
                     arena_printf (self->arena,
                                   "{\"id\":\"a1\",\"name\":\"ada\",\"token\":\"%s\",\"lease_seconds\":3,"
                                   "\"heartbeat_seconds\":1}",
                                   strstr (self->token_used, TOKEN) ? "" : TOKEN)};
}

// Once, when there is enough.
static void forget (fake_server_t *self)
{
    if (self->forget < 0 || (int64_t) buffer_size (self->log) <= self->forget)
        return;
    buffer_t *kept = buffer_new (LOG_MAX);
    buffer_add (kept, buffer_text (self->log), (size_t) self->forget);
    buffer_destroy (&self->log);
    self->log = kept;
    self->forget = -1;
}

static reply_t take_log (fake_server_t *self, struct mg_connection *connection, const char *body, size_t size)
{
    const char *range = mg_get_header (connection, "Content-Range");
    long long first = -1, last = -1;
    if (!range || sscanf (range, "bytes %lld-%lld/*", &first, &last) != 2 ||
        last - first + 1 != (long long) size)
        return (reply_t){400, "{}"};
    buffer_printf (self->requests, "PATCH %s,", mg_get_header (connection, "Log-Step"));
    forget (self);
    int status = first == (long long) buffer_size (self->log) ? 202 : 416;
    if (status == 202)
        buffer_add (self->log, body, size);
    return (reply_t){
        status, arena_printf (self->arena, "{\"offset\":%zu,\"sealed\":false}", buffer_size (self->log))};
}

// What is left of the log, which came with the last word; an overlap is dropped.
static bool take_rest (fake_server_t *self, const value_t *status)
{
    const value_t *rest = value_get (status, "log");
    size_t at = (size_t) value_to_number (value_get (status, "log_offset"));
    forget (self);
    if (rest->list.count > 0 && at > buffer_size (self->log))
        return false;
    for (size_t i = 0; i < rest->list.count; i++) {
        const char *text = value_get_text (rest->list.items[i], "text");
        size_t known = buffer_size (self->log) - at, size = strlen (text);
        buffer_puts (self->log, text + (known < size ? known : size));
        buffer_printf (self->requests, "rest %g,", value_to_number (value_get (rest->list.items[i], "step")));
        at += size;
    }
    return true;
}

static reply_t take_status (fake_server_t *self, const char *body)
{
    const value_t *status;
    const char *error;
    if (value_from_json (self->arena, body, strlen (body), &status, &error) != OK)
        return (reply_t){400, "{}"};
    bool finished = strcmp (value_get_text (status, "state"), "finished") == 0;
    if (finished && !take_rest (self, status))
        return (reply_t){416, "{\"detail\":\"there is a gap\"}"};
    buffer_puts (self->requests, finished ? "finished," : "running,");
    copy (&self->status, body);
    self->finished = finished;
    const char *order = self->order ? self->order : "go_on";
    return (reply_t){200, arena_printf (self->arena, "{\"order\":\"%s\",\"lease_seconds\":3}", order)};
}

static reply_t give_job (fake_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    while (!self->offer && pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0)
        continue;
    if (!self->offer)
        return (reply_t){204, ""};
    const char *offer = arena_strdup (self->arena, self->offer);
    free (self->offer);
    self->offer = NULL;
    return (reply_t){200, offer};
}

static reply_t answer (fake_server_t *self, struct mg_connection *connection, const char *body, size_t size)
{
    const char *path = mg_get_request_info (connection)->local_uri_raw;
    self->refused |= self->away;
    if (self->away)
        return (reply_t){503, "{\"detail\":\"away\"}"};
    if (strcmp (path, "/register") == 0)
        return take_registration (self, connection, body);
    if (strstr (path, "/heartbeat"))
        return (reply_t){200, "{\"order\":\"go_on\",\"lease_seconds\":3}"};
    if (strstr (path, "/next"))
        return give_job (self);
    if (self->fenced)
        return (reply_t){409, "{\"detail\":\"another attempt has it\"}"};
    return strstr (path, "/log") ? take_log (self, connection, body, size) : take_status (self, body);
}

static int handle (struct mg_connection *connection)
{
    const struct mg_request_info *info = mg_get_request_info (connection);
    fake_server_t *self = info->user_data;
    size_t size = info->content_length > 0 ? (size_t) info->content_length : 0, got = 0;
    char *body = calloc (1, size + 1);
    while (body && got < size) {
        int more = mg_read (connection, body + got, size - got);
        if (more <= 0)
            break;
        got += (size_t) more;
    }
    pthread_mutex_lock (&self->lock);
    reply_t reply = answer (self, connection, body, got);
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
    free (body);
    mg_printf (connection, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
               reply.status, strlen (reply.body), reply.body);
    return reply.status;
}

fake_server_t *fake_server_new (void)
{
    fake_server_t *self = calloc (1, sizeof (fake_server_t));
    const char *options[] = {"listening_ports",
                             "127.0.0.1:0",
                             "num_threads",
                             "8",
                             "enable_keep_alive",
                             "yes",
                             "keep_alive_timeout_ms",
                             "1000",
                             "tcp_nodelay",
                             "1",
                             NULL};
    const struct mg_callbacks callbacks = {.begin_request = handle};
    struct mg_server_port port;
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGPIPE);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    log_setup (LEVEL_ERROR, false);
    self->arena = arena_new ();
    self->log = buffer_new (LOG_MAX);
    self->requests = buffer_new (1 << 20);
    self->forget = -1;
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->changed, NULL);
    self->context = mg_start (&callbacks, self, options);
    CHECK (self->context && mg_get_server_ports (self->context, 1, &port) == 1);
    const char *base = getenv ("TMPDIR");
    char *folder = arena_printf (self->arena, "%s/agent-XXXXXX", base ? base : "/tmp");
    CHECK (mkdtemp (folder));
    self->work_dir = folder;
    self->url = arena_printf (self->arena, "http://127.0.0.1:%d", port.port);
    return self;
}

static void stop (void *context)
{
    mg_stop (context);
}

void fake_server_destroy (fake_server_t **self_p)
{
    fake_server_t *self = *self_p;
    fake_server_stop_agent (self);
    nudge_while (stop, self->context, self->url + strlen ("http://"));
    CHECK_INT (folder_empty (self->work_dir), OK);
    CHECK_INT (rmdir (self->work_dir), 0);
    buffer_destroy (&self->log);
    buffer_destroy (&self->requests);
    char *const texts[] = {self->status, self->agent_url, self->token_used, self->offer};
    for (size_t i = 0; i < sizeof (texts) / sizeof (texts[0]); i++)
        free (texts[i]);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

// Waits for the flag; under the lock.
static void wait_for (fake_server_t *self, bool (*there) (fake_server_t *self, const char *text),
                      const char *text)
{
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock (&self->lock);
    bool in_time = true;
    while (!there (self, text) && in_time)
        in_time = pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0;
    pthread_mutex_unlock (&self->lock);
    CHECK (in_time);
}

static bool has_registered (fake_server_t *self, const char *text)
{
    (void) text;
    return self->registered;
}

static bool has_finished (fake_server_t *self, const char *text)
{
    (void) text;
    return self->finished;
}

static bool has_refused (fake_server_t *self, const char *text)
{
    (void) text;
    return self->refused;
}

static bool log_holds (fake_server_t *self, const char *text)
{
    return strstr (buffer_text (self->log), text) != NULL;
}

static void *run_agent (void *self_)
{
    fake_server_t *self = self_;
    return agent_main (&self->settings) == 0 ? self : NULL;
}

void fake_server_start_agent (fake_server_t *self, bool parked, bool ephemeral)
{
    char *words[] = {(char *) "agent", NULL};
    int count = 1;
    const char *error;
    CHECK_INT (settings_load (&self->settings, self->arena, AGENT, &count, words, &error), OK);
    self->settings.url = self->url;
    self->settings.work_dir = self->work_dir;
    self->settings.token_file = "";
    self->settings.registration_token = "registration-token";
    self->settings.name = "ada";
    self->settings.agent_listen = "127.0.0.1:0";
    self->settings.parked = parked;
    self->settings.ephemeral = ephemeral;
    self->settings.shutdown_seconds = 0;
    self->settings.lost_server_seconds = 600;
    self->registered = false;
    CHECK_INT (pthread_create (&self->agent, NULL, run_agent, self), 0);
    self->agent_runs = true;
    wait_for (self, has_registered, NULL);
    if (!parked)
        fake_server_wait_idle (self);
}

void fake_server_wait_agent (fake_server_t *self)
{
    void *good = NULL;
    self->agent_runs = false;
    pthread_join (self->agent, &good);
    CHECK (good);
}

void fake_server_stop_agent (fake_server_t *self)
{
    if (!self->agent_runs)
        return;
    kill (getpid (), SIGTERM);
    fake_server_wait_agent (self);
}

int fake_server_ask (fake_server_t *self, const char *method, const char *path, bool key)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    http_t *http = http_new (self->agent_url);
    const http_ask_t ask = {
        .method = method, .path = path, .token = key ? secret_hash (arena, "push:" TOKEN) : "wrong"};
    http_answer_t reply = {.status = 0};
    CHECK_INT (http_send (http, &turn, &ask, &reply, NULL), OK);
    http_destroy (&http);
    arena_destroy (&arena);
    return reply.status;
}

static int push (fake_server_t *self, const char *offer)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    http_t *http = http_new (self->agent_url);
    const http_ask_t ask = {.method = "POST",
                            .path = "/jobs",
                            .token = secret_hash (arena, "push:" TOKEN),
                            .type = "application/json",
                            .body = offer,
                            .size = strlen (offer)};
    http_answer_t reply = {.status = 0};
    CHECK_INT (http_send (http, &turn, &ask, &reply, NULL), OK);
    http_destroy (&http);
    arena_destroy (&arena);
    return reply.status;
}

int fake_server_offer (fake_server_t *self, const char *job, const char *steps)
{
    pthread_mutex_lock (&self->lock);
    const char *offer = arena_printf (
        self->arena,
        "{\"job\":\"%s\",\"attempt\":1,\"run\":\"r1\",\"token\":\"job-token\",\"lease_seconds\":3,"
        "\"contexts\":{},\"definition\":{\"key\":\"k\",\"steps\":%s}}",
        job, steps);
    bool parked = self->settings.parked;
    if (parked)
        copy (&self->offer, offer);
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
    return parked ? 202 : push (self, offer);
}

void fake_server_be_away (fake_server_t *self, bool away)
{
    pthread_mutex_lock (&self->lock);
    self->away = away;
    pthread_mutex_unlock (&self->lock);
}

void fake_server_forget_log (fake_server_t *self, int64_t keep)
{
    pthread_mutex_lock (&self->lock);
    self->forget = keep;
    pthread_mutex_unlock (&self->lock);
}

void fake_server_fence (fake_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->fenced = true;
    pthread_mutex_unlock (&self->lock);
}

void fake_server_order (fake_server_t *self, const char *order)
{
    pthread_mutex_lock (&self->lock);
    self->order = order;
    pthread_mutex_unlock (&self->lock);
}

void fake_server_wait_finished (fake_server_t *self)
{
    wait_for (self, has_finished, NULL);
}

void fake_server_wait_log (fake_server_t *self, const char *text)
{
    wait_for (self, log_holds, text);
}

void fake_server_wait_refused (fake_server_t *self)
{
    wait_for (self, has_refused, NULL);
}

void fake_server_touch (fake_server_t *self, const char *path)
{
    char full[4096];
    snprintf (full, sizeof (full), "%s/%s", self->work_dir, path);
    FILE *file = fopen (full, "w");
    CHECK (file && fclose (file) == 0);
}

static bool agent_says (fake_server_t *self, const char *path, const char *text)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    http_t *http = http_new (self->agent_url);
    const http_ask_t ask = {.method = "GET", .path = path, .token = secret_hash (arena, "push:" TOKEN)};
    http_answer_t reply = {.body = ""};
    bool said = http_send (http, &turn, &ask, &reply, NULL) == OK && strstr (reply.body, text);
    http_destroy (&http);
    arena_destroy (&arena);
    return said;
}

static void wait_until_agent_says (fake_server_t *self, const char *path, const char *text)
{
    int64_t until = clock_monotonic_us () + SECONDS (WAIT_S);
    bool said = false;
    while (!said && clock_monotonic_us () < until)
        said = agent_says (self, path, text);
    CHECK (said);
}

// Its key is known then as well: the path of no job is not refused for the key's sake.
void fake_server_wait_idle (fake_server_t *self)
{
    wait_until_agent_says (self, "/health", "\"idle\"");
    wait_until_agent_says (self, "/jobs/none", "NOT_FOUND");
}

void fake_server_wait_ended (fake_server_t *self, const char *job)
{
    char path[64];
    snprintf (path, sizeof (path), "/jobs/%s", job);
    wait_until_agent_says (self, path, "\"finished\"");
}

static const char *keep (fake_server_t *self, const char *text)
{
    pthread_mutex_lock (&self->lock);
    const char *kept = arena_strdup (self->arena, text ? text : "");
    pthread_mutex_unlock (&self->lock);
    return kept;
}

const char *fake_server_log (fake_server_t *self)
{
    return buffer_text (self->log);
}

size_t fake_server_log_size (fake_server_t *self)
{
    return buffer_size (self->log);
}

const char *fake_server_status (fake_server_t *self)
{
    return keep (self, self->status);
}

const char *fake_server_requests (fake_server_t *self)
{
    return keep (self, buffer_text (self->requests));
}

const char *fake_server_token_used (fake_server_t *self)
{
    return keep (self, self->token_used);
}
