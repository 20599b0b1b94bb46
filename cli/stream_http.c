/* stream_http.c - see stream_http.h. curl's multi handle must not be touched from within its callbacks: a listener only marks
 * streams; the loop starts and removes transfers. */

#include "cli/stream_http.h"

#include "cli/sse.h"
#include "common/clock.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define REFUSAL_MAX 16384 // Bytes of a refusal
#define WAIT_MS     60000 // At most in one wait; it is then begun again

struct stream {
    stream_t *next;
    streams_t *all;
    listener_t listener;
    char *path;
    sse_t *sse;
    CURL *easy; // NULL while it is not under way
    struct curl_slist *headers;
    buffer_t *refusal;
    int64_t start_us; // Not before
    int64_t heard_us; // Last time when the server was there
    int64_t event_us; // Last event
    int64_t idle_us;  // It may be without one for so long; 0: for ever
    bool opened, closed, overflown;
};

struct streams {
    client_t *client;
    void (*settle) (void *self);
    void *settle_self;
    CURLM *multi;
    stream_t *first;
};

streams_t *streams_new (client_t *client, void (*settle) (void *self), void *settle_self)
{
    streams_t *self = calloc (1, sizeof (streams_t));
    if (!self || !(self->multi = curl_multi_init ()))
        abort ();
    self->client = client;
    self->settle = settle;
    self->settle_self = settle_self;
    return self;
}

static void forward (void *self_, const char *type, const char *id, const char *data, size_t size)
{
    stream_t *self = self_;
    (void) id;
    self->event_us = clock_monotonic_us ();
    if (!self->closed)
        self->listener.event (self->listener.self, type, data, size);
}

stream_t *streams_open (streams_t *self, const char *path, const listener_t *listener)
{
    stream_t *stream = calloc (1, sizeof (stream_t));
    if (!stream || !(stream->path = strdup (path)))
        abort ();
    stream->all = self;
    stream->listener = *listener;
    stream->sse = sse_new (forward, stream);
    stream->refusal = buffer_new (REFUSAL_MAX);
    stream->start_us = stream->heard_us = clock_monotonic_us ();
    stream->next = self->first;
    self->first = stream;
    return stream;
}

void stream_close (stream_t *self)
{
    self->closed = true;
}

void stream_hurry (stream_t *self, int64_t idle_us)
{
    if (self->idle_us == 0)
        self->event_us = clock_monotonic_us ();
    self->idle_us = idle_us;
}

static void end_transfer (stream_t *self)
{
    if (self->easy) {
        curl_multi_remove_handle (self->all->multi, self->easy);
        curl_easy_cleanup (self->easy);
    }
    curl_slist_free_all (self->headers);
    self->easy = NULL;
    self->headers = NULL;
}

static void destroy (stream_t *self)
{
    end_transfer (self);
    sse_destroy (&self->sse);
    buffer_destroy (&self->refusal);
    free (self->path);
    free (self);
}

void streams_destroy (streams_t **self_p)
{
    streams_t *self = *self_p;
    if (!self)
        return;
    while (self->first) {
        stream_t *stream = self->first;
        self->first = stream->next;
        destroy (stream);
    }
    curl_multi_cleanup (self->multi);
    free (self);
    *self_p = NULL;
}

// ---- one transfer ----

static size_t take (char *bytes, size_t one, size_t count, void *self_)
{
    stream_t *self = self_;
    size_t size = one * count;
    long status = 0;
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        buffer_add (self->refusal, bytes, size);
        return size;
    }
    self->heard_us = clock_monotonic_us ();
    if (!self->opened && !self->closed && self->listener.opened)
        self->listener.opened (self->listener.self);
    self->opened = true;
    if (!self->closed)
        self->overflown = sse_feed (self->sse, bytes, size) != OK;
    return self->closed || self->overflown ? 0 : size;
}

static void start_transfer (stream_t *self)
{
    char last[64];
    self->easy = curl_easy_init ();
    if (!self->easy)
        abort ();
    self->opened = false;
    buffer_clear (self->refusal);
    sse_restart (self->sse);
    self->headers = curl_slist_append (NULL, "Accept: text/event-stream");
    if (*sse_last_id (self->sse)) {
        snprintf (last, sizeof last, "Last-Event-ID: %.40s", sse_last_id (self->sse));
        self->headers = curl_slist_append (self->headers, last);
    }
    client_prepare (self->all->client, self->easy, self->path, &self->headers);
    curl_easy_setopt (self->easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt (self->easy, CURLOPT_WRITEDATA, self);
    curl_easy_setopt (self->easy, CURLOPT_PRIVATE, self);
    curl_easy_setopt (self->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt (self->easy, CURLOPT_LOW_SPEED_TIME, (long) STREAM_SILENT_S);
    curl_multi_add_handle (self->all->multi, self->easy);
}

static void refuse (stream_t *self, turn_t *turn, fault_t fault)
{
    if (self->listener.refused (self->listener.self, fault, turn->detail ? turn->detail : fault_text (fault)))
        self->start_us = clock_monotonic_us () + MILLISECONDS (STREAM_NOT_YET_MS);
    else
        self->closed = true;
}

// A transfer has ended: for good, or to be taken up again.
static void judge (stream_t *self, CURLcode code)
{
    long status = 0;
    turn_t turn;
    int64_t now = clock_monotonic_us ();
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "stream", 0);
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    end_transfer (self);
    fault_t fault = UNAVAILABLE;
    turn.detail = curl_easy_strerror (code);
    if (status != 0 && status != 200)
        fault = client_judge (&turn, client_url (self->all->client), (int) status,
                              buffer_text (self->refusal), buffer_size (self->refusal));
    if (self->overflown)
        fault = turn_fail (&turn, TOO_LARGE, "an event of more than %d bytes", SSE_EVENT_MAX);
    bool passing = fault == UNAVAILABLE || fault == OVERLOADED || fault == TIMEOUT;
    self->start_us = now + MILLISECONDS (STREAM_AGAIN_MS);
    bool lost = now - self->heard_us > MILLISECONDS (STREAM_LOST_MS);
    if (!self->closed && (!passing || lost))
        refuse (self, &turn, fault);
    if (lost && passing)
        self->closed = true;
    arena_destroy (&arena);
}

// ---- all of them ----

static void start_due (streams_t *self)
{
    int64_t now = clock_monotonic_us ();
    for (stream_t *stream = self->first; stream; stream = stream->next) {
        if (!stream->closed && stream->idle_us && stream->event_us + stream->idle_us <= now) {
            (void) stream->listener.refused (stream->listener.self, TIMEOUT, "nothing more came of it");
            stream->closed = true;
        }
        if (!stream->easy && !stream->closed && stream->start_us <= now)
            start_transfer (stream);
    }
}

static void sweep (streams_t *self)
{
    for (stream_t **at = &self->first; *at;) {
        stream_t *stream = *at;
        if (!stream->closed) {
            at = &stream->next;
            continue;
        }
        *at = stream->next;
        destroy (stream);
    }
}

static void take_ended (streams_t *self)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read (self->multi, &left));) {
        stream_t *stream;
        CURLcode code = message->data.result;
        curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **) &stream);
        judge (stream, code);
    }
}

// Until the next stream is due.
static int patience (const streams_t *self)
{
    int64_t now = clock_monotonic_us (), until = now + MILLISECONDS (WAIT_MS);
    for (const stream_t *stream = self->first; stream; stream = stream->next) {
        if (!stream->easy && stream->start_us < until)
            until = stream->start_us;
        if (stream->idle_us && stream->event_us + stream->idle_us < until)
            until = stream->event_us + stream->idle_us;
    }
    return until <= now ? 0 : (int) ((until - now + 999) / 1000);
}

fault_t streams_run (streams_t *self, turn_t *turn, int fd, bool *woken)
{
    struct curl_waitfd waited = {.fd = fd, .events = CURL_WAIT_POLLIN};
    *woken = false;
    while (sweep (self), self->first && !*woken) {
        int running;
        start_due (self);
        CURLMcode code = curl_multi_perform (self->multi, &running);
        take_ended (self);
        self->settle (self->settle_self);
        sweep (self);
        if (code == CURLM_OK && self->first)
            code = curl_multi_poll (self->multi, &waited, fd >= 0, patience (self), NULL);
        if (code != CURLM_OK)
            return turn_fail (turn, BROKEN, "%s", curl_multi_strerror (code));
        *woken = (waited.revents & CURL_WAIT_POLLIN) != 0;
    }
    return OK;
}
