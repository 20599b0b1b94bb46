/* fake_server.c - see fake_server.h. */

#include "tests/service/agent/fake_server.h"

#include "agent/agent.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/os/folder_empty.h"
#include "tests/http/peer.h"
#include "tests/service/agent/push.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"
#include "workflow/expression/value.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S   60
#define LOG_MAX  (200 << 20)
#define AGENT_ID "a1"
#define BODY_MAX (8 << 20)

struct fake_server {
    peer_t *peer;
    arena_t *arena;
    const char *url, *work_dir;
    settings_t settings;
    uint32_t shutdown_seconds;
    pthread_t agent;
    pthread_t offering;
    bool agent_runs, offers;
    atomic_bool offering_ends;
    atomic_uint offered;
    pthread_mutex_t lock; // For what follows
    pthread_cond_t changed;
    buffer_t *log, *requests;
    bool registered, finished, refused, fenced;
    int away; // What everything is answered with, and its body; 0: it is there
    const char *away_body;
    int64_t forget; // -1: nothing
    int64_t claim;  // Bytes of a log that it never got
    const char *order;
    char *status, *agent_url, *token_used, *offer;
    char *key;        // That the agent brought
    int keys;         // Different ones so far
    int64_t ahead_us; // Our clock of the agent's
    int registrations_lost;
    fake_status_fn *look; // At each status; may be NULL
    void *look_context;
    int slow_ms; // For a piece of a log
    bool asked;  // It asked for a job, or beat, since fake_server_wait_asked
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

static const char *server_time (const fake_server_t *self)
{
    return clock_format (self->arena, clock_now_us (clock_system ()) + self->ahead_us);
}

static reply_t take_registration (fake_server_t *self, const peer_request_t *request)
{
    const value_t *ask;
    const char *error, *header = http_head_get (request->head, "Authorization");
    if (value_from_json (self->arena, request->body, request->size, &ask, &error) != OK)
        return (reply_t){400, "{}"};
    copy (&self->agent_url, value_get_text (ask, "url"));
    copy (&self->token_used, header ? header : "");
    const char *key = value_get_text (ask, "key");
    if (*key && (!self->key || strcmp (self->key, key) != 0)) {
        copy (&self->key, key);
        self->keys++;
    }
    if (self->registrations_lost-- > 0)
        return (reply_t){0, ""};
    self->registered = true;
    return (reply_t){201, arena_printf (self->arena,
                                        "{\"id\":\"%s\",\"name\":\"ada\",\"token\":\"\",\"lease_seconds\":3,"
                                        "\"heartbeat_seconds\":1,\"server_time\":\"%s\"}",
                                        AGENT_ID, server_time (self))};
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

// Others may ask meanwhile.
static void be_slow (fake_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    int64_t at = until.tv_nsec + (int64_t) self->slow_ms * 1000000;
    until.tv_sec += at / 1000000000;
    until.tv_nsec = at % 1000000000;
    while (self->slow_ms && pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0)
        continue;
}

static reply_t take_log (fake_server_t *self, const peer_request_t *request)
{
    const char *range = http_head_get (request->head, "Content-Range");
    long long first = -1, last = -1;
    if (!range || sscanf (range, "bytes %lld-%lld/*", &first, &last) != 2 ||
        last - first + 1 != (long long) request->size)
        return (reply_t){400, "{}"};
    buffer_printf (self->requests, "PATCH %s,", http_head_get (request->head, "Log-Step"));
    be_slow (self);
    forget (self);
    int status = first == (long long) buffer_size (self->log) ? 202 : 416;
    if (status == 202)
        buffer_add (self->log, request->body, request->size);
    int64_t offset = (int64_t) buffer_size (self->log) + self->claim;
    self->claim = 0;
    return (reply_t){status,
                     arena_printf (self->arena, "{\"offset\":%lld,\"sealed\":false}", (long long) offset)};
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
    if (self->look)
        self->look (self->look_context, body, buffer_text (self->log));
    self->finished = finished;
    const char *order = self->order ? self->order : "go_on";
    return (reply_t){200, arena_printf (self->arena, "{\"order\":\"%s\",\"lease_seconds\":3}", order)};
}

static reply_t give_job (fake_server_t *self)
{
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    while (!self->offer && !peer_ends (self->peer) &&
           pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0)
        continue;
    if (!self->offer)
        return (reply_t){204, ""};
    const char *offer = arena_strdup (self->arena, self->offer);
    free (self->offer);
    self->offer = NULL;
    return (reply_t){200, offer};
}

static reply_t answer (fake_server_t *self, const peer_request_t *request)
{
    const char *path = request->head->path;
    self->refused |= self->away && (strstr (path, "/jobs/") || strcmp (path, "/register") == 0);
    if (self->away)
        return (reply_t){self->away, self->away_body};
    if (strcmp (path, "/register") == 0)
        return take_registration (self, request);
    self->asked |= !self->offer && (strstr (path, "/heartbeat") || strstr (path, "/next"));
    if (strstr (path, "/heartbeat"))
        return (reply_t){200,
                         arena_printf (self->arena,
                                       "{\"order\":\"go_on\",\"lease_seconds\":3,\"server_time\":\"%s\"}",
                                       server_time (self))};
    if (strstr (path, "/next"))
        return give_job (self);
    if (self->fenced)
        return (reply_t){409, "{\"code\":\"CONFLICT\",\"detail\":\"another attempt has it\"}"};
    return strstr (path, "/log") ? take_log (self, request) : take_status (self, request->body);
}

static void serve (void *self_, const peer_request_t *request)
{
    fake_server_t *self = self_;
    pthread_mutex_lock (&self->lock);
    reply_t reply = answer (self, request);
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
    if (reply.status)
        peer_answer (request->conn, reply.status, "Content-Type: application/json\r\n", reply.body);
    else
        peer_close (request->conn);
}

fake_server_t *fake_server_new (void)
{
    fake_server_t *self = calloc (1, sizeof (fake_server_t));
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
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (&self->changed, &attributes);
    pthread_condattr_destroy (&attributes);
    self->peer = peer_new (&(peer_options_t){.serve = serve, .self = self});
    char folder[256];
    test_folder (folder, sizeof (folder));
    self->work_dir = arena_strdup (self->arena, folder);
    self->url = peer_url (self->peer);
    return self;
}

void fake_server_destroy (fake_server_t **self_p)
{
    fake_server_t *self = *self_p;
    fake_server_stop_agent (self);
    peer_destroy (&self->peer);
    CHECK_INT (folder_empty (self->work_dir), OK);
    test_folder_is_empty (self->work_dir);
    buffer_destroy (&self->log);
    buffer_destroy (&self->requests);
    char *const texts[] = {self->status, self->agent_url, self->token_used, self->offer, self->key};
    for (size_t i = 0; i < sizeof (texts) / sizeof (texts[0]); i++)
        free (texts[i]);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

// Waits for the flag; under the lock.
static void wait_for (fake_server_t *self, bool (*there) (fake_server_t *self, const void *what),
                      const void *what)
{
    struct timespec until;
    clock_gettime (CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock (&self->lock);
    bool in_time = true;
    while (!there (self, what) && in_time)
        in_time = pthread_cond_timedwait (&self->changed, &self->lock, &until) == 0;
    pthread_mutex_unlock (&self->lock);
    CHECK (in_time);
}

static bool is_set (fake_server_t *self, const void *flag)
{
    (void) self;
    return *(const bool *) flag;
}

static bool log_holds (fake_server_t *self, const void *text)
{
    return strstr (buffer_text (self->log), text) != NULL;
}

static void *run_agent (void *self_)
{
    fake_server_t *self = self_;
    return agent_main (&self->settings) == 0 ? self : NULL;
}

void fake_server_launch_agent (fake_server_t *self, bool parked, bool ephemeral)
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
    self->settings.shutdown_seconds = self->shutdown_seconds;
    self->settings.lost_server_seconds = 600;
    self->registered = false;
    CHECK_INT (pthread_create (&self->agent, NULL, run_agent, self), 0);
    self->agent_runs = true;
}

void fake_server_start_agent (fake_server_t *self, bool parked, bool ephemeral)
{
    fake_server_launch_agent (self, parked, ephemeral);
    wait_for (self, is_set, &self->registered);
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

const char *fake_server_agent_address (fake_server_t *self)
{
    return strstr (self->agent_url, "//") + 2;
}

static push_from_t from (const fake_server_t *self)
{
    return (push_from_t){
        .url = self->agent_url, .key = self->key, .agent = AGENT_ID, .ahead_us = self->ahead_us};
}

static void *offer_all_the_while (void *self_)
{
    fake_server_t *self = self_;
    const push_from_t server = from (self);
    static const fake_wrong_t nothing;
    for (unsigned attempt = 2; !atomic_load (&self->offering_ends); attempt++) {
        arena_t *arena = arena_new ();
        http_answer_t reply;
        const char *body = arena_printf (arena, "{\"job\":\"j2\",\"attempt\":%u,\"definition\":{}}", attempt);
        if (push_send (arena, &server, &(push_request_t){"POST", "/jobs", body, &nothing}, &reply) == OK)
            atomic_fetch_add (&self->offered, 1);
        arena_destroy (&arena);
    }
    return NULL;
}

void fake_server_offer_all_the_while (fake_server_t *self)
{
    CHECK_INT (pthread_create (&self->offering, NULL, offer_all_the_while, self), 0);
    self->offers = true;
    int64_t until = test_until_us ();
    while (!atomic_load (&self->offered) && clock_monotonic_us () < until)
        sched_yield ();
    CHECK (atomic_load (&self->offered));
}

void fake_server_on_status (fake_server_t *self, fake_status_fn *look, void *context)
{
    self->look = look;
    self->look_context = context;
}

void fake_server_set_shutdown (fake_server_t *self, uint32_t seconds)
{
    self->shutdown_seconds = seconds;
}

void fake_server_stop_agent (fake_server_t *self)
{
    if (!self->agent_runs)
        return;
    kill (getpid (), SIGTERM);
    fake_server_wait_agent (self);
    atomic_store (&self->offering_ends, true);
    if (self->offers)
        pthread_join (self->offering, NULL);
    self->offers = false;
}

int fake_server_ask (fake_server_t *self, const char *method, const char *path, const char *body,
                     const fake_wrong_t *wrong)
{
    static const fake_wrong_t nothing;
    const push_from_t server = from (self);
    const push_request_t request = {method, path, body, wrong ? wrong : &nothing};
    arena_t *arena = arena_new ();
    http_answer_t reply = {.status = 0};
    CHECK_INT (push_send (arena, &server, &request, &reply), OK);
    arena_destroy (&arena);
    return reply.status;
}

const char *fake_server_offer_text (fake_server_t *self, const char *job, const char *steps, int seconds_ago)
{
    pthread_mutex_lock (&self->lock);
    int64_t time_us = clock_now_us (clock_system ()) + self->ahead_us - SECONDS (seconds_ago);
    const char *offer = arena_printf (
        self->arena,
        "{\"job\":\"%s\",\"attempt\":1,\"run\":\"r1\",\"token\":\"job-token\",\"lease_seconds\":3,"
        "\"offered_at\":\"%s\",\"valid_seconds\":2,"
        "\"contexts\":{},\"definition\":{\"key\":\"k\",\"steps\":%s}}",
        job, clock_format (self->arena, time_us), steps);
    pthread_mutex_unlock (&self->lock);
    return offer;
}

void fake_server_park (fake_server_t *self, const char *offer)
{
    pthread_mutex_lock (&self->lock);
    copy (&self->offer, offer);
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

int fake_server_offer (fake_server_t *self, const char *job, const char *steps)
{
    const char *offer = fake_server_offer_text (self, job, steps, 0);
    if (!self->settings.parked)
        return fake_server_ask (self, "POST", "/jobs", offer, NULL);
    fake_server_park (self, offer);
    return 202;
}

void fake_server_be_away (fake_server_t *self, int status, const char *body)
{
    pthread_mutex_lock (&self->lock);
    self->away = status;
    self->away_body = body;
    self->refused = false;
    pthread_mutex_unlock (&self->lock);
}

// Under the lock, as the peer's thread reads it.
#define SET(field, value)                   \
    do {                                    \
        pthread_mutex_lock (&self->lock);   \
        self->field = value;                \
        pthread_mutex_unlock (&self->lock); \
    } while (0)

void fake_server_claim_log (fake_server_t *self, int64_t more)
{
    SET (claim, more);
}

void fake_server_forget_log (fake_server_t *self, int64_t keep)
{
    SET (forget, keep);
}

void fake_server_be_slow (fake_server_t *self, int ms)
{
    SET (slow_ms, ms);
}

void fake_server_fence (fake_server_t *self)
{
    SET (fenced, true);
}

void fake_server_order (fake_server_t *self, const char *order)
{
    SET (order, order);
}

void fake_server_wait_finished (fake_server_t *self)
{
    wait_for (self, is_set, &self->finished);
}

void fake_server_wait_log (fake_server_t *self, const char *text)
{
    wait_for (self, log_holds, text);
}

void fake_server_wait_refused (fake_server_t *self)
{
    wait_for (self, is_set, &self->refused);
}

static bool requests_hold (fake_server_t *self, const void *text)
{
    return strstr (buffer_text (self->requests), text) != NULL;
}

void fake_server_wait_requests (fake_server_t *self, const char *text)
{
    wait_for (self, requests_hold, text);
}

void fake_server_wait_asked (fake_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->asked = false;
    pthread_mutex_unlock (&self->lock);
    wait_for (self, is_set, &self->asked);
}

void fake_server_set_clock (fake_server_t *self, int ahead_seconds)
{
    SET (ahead_us, SECONDS (ahead_seconds));
}

void fake_server_lose_registrations (fake_server_t *self, int count)
{
    SET (registrations_lost, count);
}

int fake_server_keys (fake_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    int keys = self->keys;
    pthread_mutex_unlock (&self->lock);
    return keys;
}

const char *fake_server_folder (fake_server_t *self)
{
    return self->work_dir;
}

static bool agent_says (fake_server_t *self, const char *path, const char *text)
{
    static const fake_wrong_t nothing;
    const push_from_t server = from (self);
    arena_t *arena = arena_new ();
    http_answer_t reply = {.body = ""};
    bool said = push_send (arena, &server, &(push_request_t){"GET", path, NULL, &nothing}, &reply) == OK &&
                strstr (reply.body, text);
    arena_destroy (&arena);
    return said;
}

void fake_server_wait_says (fake_server_t *self, const char *path, const char *text)
{
    int64_t until = test_until_us ();
    bool said = false;
    while (!said && clock_monotonic_us () < until)
        said = agent_says (self, path, text);
    CHECK (said);
}

// Its key is known then as well: the path of no job is not refused for the key's sake.
// Another thread may be at it: it is looked at under the lock alone.
static const char *keep (fake_server_t *self, char *const *text)
{
    pthread_mutex_lock (&self->lock);
    const char *kept = arena_strdup (self->arena, *text ? *text : "");
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
    return keep (self, &self->status);
}

const char *fake_server_requests (fake_server_t *self)
{
    pthread_mutex_lock (&self->lock);
    const char *kept = arena_strdup (self->arena, buffer_text (self->requests));
    pthread_mutex_unlock (&self->lock);
    return kept;
}

const char *fake_server_token_used (fake_server_t *self)
{
    return keep (self, &self->token_used);
}
