/* streams.c - see streams.h. A listener only marks its stream: the loop begins, cancels and frees. */

#include "cli/server/streams.h"

#include "common/base/clock.h"
#include "common/http/sse.h"

#include <stdlib.h>
#include <string.h>

#define REFUSAL_MAX 16384 // Bytes of a refusal

struct stream {
    stream_t *next;
    streams_t *all;
    stream_listener_t listener;
    char *path;
    sse_t *sse;
    bool under_way;
    uint64_t transfer; // Where it is
    int64_t start_us;  // Not before
    int64_t seen_us;   // Last time when the server was there
    int64_t event_us;  // Last event
    int64_t idle_us;   // How long it may be without one; 0: for ever
    bool opened, closed, overflown;
};

struct streams {
    client_t *client;
    http_client_t *http; // Apart from the client's, which may be asked while these go on
    void (*settle) (void *self);
    void *settle_self;
    int64_t every_us; // 0: it is not called by time
    stream_t *first;
};

streams_t *streams_new (client_t *client, void (*settle) (void *self), void *settle_self)
{
    streams_t *self = calloc (1, sizeof (streams_t));
    if (!self)
        abort ();
    self->client = client;
    self->http = http_client_new (NULL);
    self->settle = settle;
    self->settle_self = settle_self;
    return self;
}

void streams_settle_every (streams_t *self, int64_t us)
{
    self->every_us = us;
}

static void forward (void *self_, const char *type, const char *id, const char *data, size_t size)
{
    stream_t *self = self_;
    (void) id; // The parser keeps it, for Last-Event-ID
    self->event_us = clock_monotonic_us ();
    if (!self->closed)
        self->listener.event (self->listener.self, type, data, size);
}

stream_t *streams_open (streams_t *self, const char *path, const stream_listener_t *listener)
{
    stream_t *stream = calloc (1, sizeof (stream_t));
    if (!stream || !(stream->path = strdup (path)))
        abort ();
    stream->all = self;
    stream->listener = *listener;
    stream->sse = sse_new (forward, stream);
    stream->start_us = stream->seen_us = clock_monotonic_us ();
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
    // The time runs from the first call: a repeated one must not put the end off
    if (self->idle_us == 0)
        self->event_us = clock_monotonic_us ();
    self->idle_us = idle_us;
}

static void destroy (stream_t *self)
{
    sse_destroy (&self->sse);
    free (self->path);
    free (self);
}

void streams_destroy (streams_t **self_p)
{
    streams_t *self = *self_p;
    if (!self)
        return;
    http_client_destroy (&self->http); // Calls back for what is under way
    while (self->first) {
        stream_t *stream = self->first;
        self->first = stream->next;
        destroy (stream);
    }
    free (self);
    *self_p = NULL;
}

// ---- one transfer ----

static bool take (void *self_, const char *bytes, size_t size)
{
    stream_t *self = self_;
    self->seen_us = clock_monotonic_us ();
    if (!self->opened && !self->closed && self->listener.opened)
        self->listener.opened (self->listener.self);
    self->opened = true;
    if (!self->closed)
        self->overflown = sse_feed (self->sse, bytes, size) != OK;
    return !self->closed && !self->overflown;
}

static void refuse (stream_t *self, turn_t *turn, fault_t fault)
{
    if (self->listener.refused (self->listener.self, fault, turn->detail ? turn->detail : fault_text (fault)))
        self->start_us = clock_monotonic_us () + MILLISECONDS (STREAM_NOT_YET_MS);
    else
        self->closed = true;
}

static fault_t fault_of (stream_t *self, turn_t *turn, const http_answer_t *answer)
{
    if (self->overflown)
        return turn_fail (turn, TOO_LARGE, "an event of more than %d bytes", SSE_EVENT_MAX);
    if (answer->status != 0 && answer->status != 200)
        return client_judge (turn, client_url (self->all->client), answer->status, answer->body,
                             answer->size);
    turn->detail = answer->detail ? answer->detail : "the server ended the stream";
    return UNAVAILABLE;
}

// A transfer has ended: for good, or to be resumed.
static void judge (void *self_, const http_answer_t *answer)
{
    stream_t *self = self_;
    turn_t turn;
    int64_t now = clock_monotonic_us ();
    self->under_way = false;
    if (self->closed || answer->cancelled)
        return;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "stream", 0);
    fault_t fault = fault_of (self, &turn, answer);
    // A restart of the server, or a busy one, passes: to whoever follows nothing has happened
    bool passing = fault == UNAVAILABLE || fault == OVERLOADED || fault == TIMEOUT;
    bool lost = now - self->seen_us > MILLISECONDS (STREAM_LOST_MS);
    self->start_us = now + MILLISECONDS (STREAM_AGAIN_MS);
    if (!passing || lost)
        refuse (self, &turn, fault);
    if (lost && passing)
        self->closed = true;
    arena_destroy (&arena);
}

static fault_t start_transfer (stream_t *self, turn_t *turn)
{
    const char *headers[CLIENT_HEADERS], *last = sse_last_id (self->sse);
    arena_t *arena = arena_new ();
    self->opened = false;
    sse_restart (self->sse); // Half an event is sent again: its id was not the last one that came
    last = *last ? arena_printf (arena, "Last-Event-ID: %.40s", last) : NULL;
    http_request_t request =
        client_request (self->all->client, arena, self->path, "Accept: text/event-stream", last, headers);
    request.take = take;
    request.stream = self;
    request.answer_max = REFUSAL_MAX;
    request.total_ms = HTTP_NO_END;
    request.silence_ms = STREAM_SILENT_MS;
    fault_t fault = http_client_begin (self->all->http, &request, judge, self, &self->transfer);
    self->under_way = fault == OK;
    arena_destroy (&arena);
    return fault == OK ? OK : turn_fail (turn, fault, "more streams than can be followed");
}

// ---- all of them ----

static fault_t start_due (streams_t *self, turn_t *turn)
{
    fault_t fault = OK;
    int64_t now = clock_monotonic_us ();
    for (stream_t *stream = self->first; stream && fault == OK; stream = stream->next) {
        if (!stream->closed && stream->idle_us && stream->event_us + stream->idle_us <= now) {
            (void) stream->listener.refused (stream->listener.self, TIMEOUT, "nothing more arrived");
            stream->closed = true;
        }
        if (!stream->under_way && !stream->closed && stream->start_us <= now)
            fault = start_transfer (stream, turn);
    }
    return fault;
}

// One that is closed while it is under way is freed when its end was called back.
static void sweep (streams_t *self)
{
    for (stream_t **at = &self->first; *at;) {
        stream_t *stream = *at;
        if (stream->closed && stream->under_way)
            http_client_cancel (self->http, stream->transfer);
        if (!stream->closed || stream->under_way) {
            at = &stream->next;
            continue;
        }
        *at = stream->next;
        destroy (stream);
    }
}

// When the next stream is due.
static int64_t next_due_us (const streams_t *self)
{
    int64_t until = self->every_us ? clock_monotonic_us () + self->every_us : NEVER;
    for (const stream_t *stream = self->first; stream; stream = stream->next) {
        if (stream->closed)
            continue;
        if (!stream->under_way && stream->start_us < until)
            until = stream->start_us;
        if (stream->idle_us && stream->event_us + stream->idle_us < until)
            until = stream->event_us + stream->idle_us;
    }
    return until;
}

fault_t streams_run (streams_t *self, turn_t *turn, int fd, bool *woken)
{
    *woken = false;
    while (sweep (self), self->first && !*woken) {
        TRY (start_due (self, turn));
        TRY (http_client_drive (self->http, turn, fd, next_due_us (self), woken));
        self->settle (self->settle_self);
    }
    return OK;
}
