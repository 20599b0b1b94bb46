/* push_http.c - see push_http.h.
 *
 * A push is one heap object from pusher_push() until its result is posted. New ones come in over a list under a lock and
 * curl_multi_wakeup(); the thread alone touches everything else. */

#include "services/scheduler/push_http.h"

#include "common/clock.h"
#include "common/log.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS        1000
#define FIRST_PAUSE_US MILLISECONDS (2) // Before a busy agent is asked again; doubles

typedef struct job_push job_push_t;
struct job_push {
    job_push_t *next, *before; // `before`: of active ones only
    CURL *easy;
    struct curl_slist *headers;
    char *url, *body, *agent, *job;
    uint32_t attempt;
    bool again, is_delete;
    int64_t since_us, pause_us, retry_at_us; // Monotonic
};

struct pusher {
    pthread_mutex_t lock;
    job_push_t *incoming, **incoming_end; // Under the lock, as what follows
    size_t count;
    bool stopping, running;
    pthread_t thread;
    actor_t *actor;
    actor_act_fn told;
    CURLM *multi;
    job_push_t *active, *pausing; // The thread's own: sent; waiting to be asked again
};

static void push_destroy (job_push_t *push)
{
    if (push->easy)
        curl_easy_cleanup (push->easy);
    curl_slist_free_all (push->headers);
    free (push->url);
    free (push->body);
    free (push->agent);
    free (push->job);
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

static char *push_url (const push_t *push)
{
    size_t size = strlen (push->url);
    char *base = copy (push->url);
    while (size > 0 && base[size - 1] == '/')
        base[--size] = 0;
    char *url = push->body ? join (base, "/jobs", "", "")
                           : join (base, "/jobs/", push->job, push->hard ? "?hard=1" : "");
    free (base);
    return url;
}

static job_push_t *push_new (const push_t *from)
{
    job_push_t *push = calloc (1, sizeof *push);
    if (!push)
        abort ();
    push->url = push_url (from);
    push->body = copy (from->body);
    push->agent = copy (from->agent);
    push->job = copy (from->job);
    push->attempt = from->attempt;
    push->again = from->again;
    push->is_delete = !from->body;
    push->since_us = clock_monotonic_us ();
    push->pause_us = FIRST_PAUSE_US;
    char *bearer = join ("Authorization: Bearer ", from->key, "", "");
    push->headers = curl_slist_append (NULL, bearer);
    push->headers = curl_slist_append (push->headers, "Content-Type: application/json");
    push->headers = curl_slist_append (push->headers, "Expect:");
    free (bearer);
    return push;
}

static void activate (pusher_t *self, job_push_t *push)
{
    push->before = NULL;
    push->next = self->active;
    if (self->active)
        self->active->before = push;
    self->active = push;
    curl_multi_add_handle (self->multi, push->easy);
}

static void deactivate (pusher_t *self, job_push_t *push)
{
    curl_multi_remove_handle (self->multi, push->easy);
    if (push->before)
        push->before->next = push->next;
    else
        self->active = push->next;
    if (push->next)
        push->next->before = push->before;
}

static size_t ignore_body (char *data, size_t size, size_t count, void *self)
{
    (void) data;
    (void) self;
    return size * count;
}

static void set_up (job_push_t *push)
{
    CURL *easy = push->easy = curl_easy_init ();
    if (!easy)
        abort ();
    curl_easy_setopt (easy, CURLOPT_URL, push->url);
    curl_easy_setopt (easy, CURLOPT_PRIVATE, push);
    curl_easy_setopt (easy, CURLOPT_HTTPHEADER, push->headers);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (easy, CURLOPT_PROXY, "");
    curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (easy, CURLOPT_TIMEOUT_MS, (long) PUSH_TIMEOUT_MS);
    if (push->is_delete) {
        curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST, "DELETE");
    } else {
        curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) strlen (push->body));
        curl_easy_setopt (easy, CURLOPT_POSTFIELDS, push->body);
    }
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

static void tell (pusher_t *self, job_push_t *push, push_outcome_t outcome, long http)
{
    pthread_mutex_lock (&self->lock);
    self->count--;
    pthread_mutex_unlock (&self->lock);
    if (!push->is_delete)
        actor_post (self->actor, self->told, result_new (push, outcome, http));
    push_destroy (push);
}

static push_outcome_t outcome_of (CURLcode code, long http)
{
    if (code == CURLE_OK)
        return http >= 200 && http < 300 ? PUSH_ACCEPTED : http == 409 ? PUSH_BUSY : PUSH_REFUSED;
    bool never_sent = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
                      code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    return never_sent ? PUSH_UNREACHABLE : PUSH_UNKNOWN;
}

static void ended (pusher_t *self, CURL *easy, CURLcode code)
{
    job_push_t *push = NULL;
    long http = 0;
    curl_easy_getinfo (easy, CURLINFO_PRIVATE, (char **) &push);
    curl_easy_getinfo (easy, CURLINFO_RESPONSE_CODE, &http);
    deactivate (self, push);
    push_outcome_t outcome = outcome_of (code, http);
    int64_t now = clock_monotonic_us ();
    bool not_ready = outcome == PUSH_BUSY || http == 401;
    if (not_ready && now + push->pause_us - push->since_us < MILLISECONDS (PUSH_BUSY_MS)) {
        push->retry_at_us = now + push->pause_us;
        push->pause_us *= 2;
        push->next = self->pausing;
        self->pausing = push;
        return;
    }
    tell (self, push, outcome, http);
}

// Starts again what has paused long enough; tells how long until the next, in milliseconds.
static int resume (pusher_t *self)
{
    int64_t now = clock_monotonic_us (), wait_us = MILLISECONDS (POLL_MS);
    for (job_push_t **at = &self->pausing; *at;) {
        job_push_t *push = *at;
        if (push->retry_at_us <= now) {
            *at = push->next;
            activate (self, push);
            wait_us = 0;
            continue;
        }
        if (push->retry_at_us - now < wait_us)
            wait_us = push->retry_at_us - now;
        at = &push->next;
    }
    return (int) ((wait_us + 999) / 1000);
}

// Takes what came in; false when it is time to end.
static bool take (pusher_t *self)
{
    pthread_mutex_lock (&self->lock);
    job_push_t *push = self->incoming;
    bool going_on = !self->stopping;
    self->incoming = NULL;
    self->incoming_end = &self->incoming;
    pthread_mutex_unlock (&self->lock);
    while (push) {
        job_push_t *next = push->next;
        set_up (push);
        activate (self, push);
        push = next;
    }
    return going_on;
}

static void *run (void *data)
{
    pusher_t *self = data;
    log_name_thread ("push");
    while (take (self)) {
        int wait_ms = resume (self), left = 0, running = 0;
        curl_multi_perform (self->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read (self->multi, &left));)
            if (message->msg == CURLMSG_DONE)
                ended (self, message->easy_handle, message->data.result);
        if (self->pausing)
            wait_ms = resume (self);
        curl_multi_poll (self->multi, NULL, 0, wait_ms, NULL);
    }
    return NULL;
}

pusher_t *pusher_new (actor_act_fn told)
{
    pusher_t *self = calloc (1, sizeof *self);
    if (!self || curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort ();
    pthread_mutex_init (&self->lock, NULL);
    self->incoming_end = &self->incoming;
    self->told = told;
    self->multi = curl_multi_init ();
    curl_multi_setopt (self->multi, CURLMOPT_MAXCONNECTS, (long) PUSH_KEPT);
    return self;
}

void pusher_start (pusher_t *self, actor_t *actor)
{
    self->actor = actor;
    self->stopping = false;
    self->running = pthread_create (&self->thread, NULL, run, self) == 0;
    if (!self->running)
        log_error ("no thread to push jobs with", NULL);
}

void pusher_stop (pusher_t *self)
{
    if (!self->running)
        return;
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_mutex_unlock (&self->lock);
    curl_multi_wakeup (self->multi);
    pthread_join (self->thread, NULL);
    self->running = false;
}

static void drop (job_push_t *push)
{
    while (push) {
        job_push_t *next = push->next;
        push_destroy (push);
        push = next;
    }
}

void pusher_destroy (pusher_t **self_p)
{
    pusher_t *self = *self_p;
    if (!self)
        return;
    pusher_stop (self);
    drop (self->incoming);
    drop (self->pausing);
    while (self->active) {
        job_push_t *push = self->active;
        deactivate (self, push);
        push_destroy (push);
    }
    curl_multi_cleanup (self->multi);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

void pusher_push (pusher_t *self, const push_t *from)
{
    job_push_t *push = push_new (from);
    pthread_mutex_lock (&self->lock);
    bool full = self->count >= PUSH_WAITING;
    if (!full) {
        self->count++;
        *self->incoming_end = push;
        self->incoming_end = &push->next;
    }
    pthread_mutex_unlock (&self->lock);
    if (full) {
        // The lease ends by itself, or the agent asks: nothing is lost but time.
        log_warn ("too many pushes under way", "job", push->job, "agent", push->agent, NULL);
        push_destroy (push);
        return;
    }
    curl_multi_wakeup (self->multi);
}
