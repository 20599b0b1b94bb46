/* feed.c - see feed.h. The events that are kept lie in a ring by their number modulo its size; numbers have no gaps among them, but a
 * number may be missing (an older server's). */

#include "gateway/feed.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "gateway/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENT_TEXT  (64 << 10)  // Bytes of one printed event
#define RETRY_US    SECONDS (1) // After the scheduler did not answer
#define MANY        100 // From this many viewers on, reads are spaced out, so that one wake-up serves many commits
#define PAUSE_US    MILLISECONDS (20)
#define DEADLINE_US SECONDS (STREAM_WAIT + 10)

typedef struct {
    int64_t id;
    char project[MAX_ID + 1], run[MAX_ID + 1];
    bool is_public; // Its project was, when it was read
    char *text;
    size_t size;
} kept_t;

struct feed {
    bus_t *bus;
    bus_client_t *client;
    pthread_t thread;
    pthread_mutex_t lock;  // Of what follows
    pthread_cond_t joined; // The thread has something to do, or is to stop
    bool stop;
    feed_viewer_t *viewers;
    size_t count;
    bool known;           // There is a cursor
    int64_t from, cursor; // Events after `from` up to `cursor` are kept
    kept_t *ring;
    size_t first, kept; // Index of the oldest in the ring, and how many there are
};

void feed_print (const event_t *event, buffer_t *into)
{
    buffer_printf (into, "id: %" PRId64 "\nevent: ", event->id);
    for (const char *at = event->type; at && *at; at++)
        if ((unsigned char) *at >= 0x20)
            buffer_putc (into, *at);
    buffer_puts (into, "\ndata: ");
    message_print (MESSAGE (event), event, into);
    buffer_puts (into, "\n\n");
}

// ---- the ring; under the lock ----

static kept_t *kept_at (feed_t *self, size_t i)
{
    return &self->ring[(self->first + i) % FEED_KEPT];
}

static void drop_oldest (feed_t *self)
{
    kept_t *oldest = kept_at (self, 0);
    self->from = oldest->id;
    free (oldest->text);
    self->first = (self->first + 1) % FEED_KEPT;
    self->kept--;
}

static void drop_all (feed_t *self)
{
    while (self->kept > 0)
        drop_oldest (self);
    self->known = false;
}

static void copy_id (char into[MAX_ID + 1], const char *id)
{
    size_t size = id ? strnlen (id, MAX_ID) : 0;
    memcpy (into, id ? id : "", size);
    into[size] = '\0';
}

static void keep (feed_t *self, const event_t *event)
{
    if (self->kept == FEED_KEPT)
        drop_oldest (self);
    kept_t *kept = kept_at (self, self->kept++);
    buffer_t *text = buffer_new (EVENT_TEXT);
    feed_print (event, text);
    kept->id = event->id;
    kept->size = buffer_size (text);
    kept->text = malloc (kept->size + 1);
    if (!kept->text)
        abort ();
    memcpy (kept->text, buffer_text (text), kept->size + 1);
    copy_id (kept->project, event->project_id);
    copy_id (kept->run, event->run_id);
    kept->is_public = event->public;
    buffer_destroy (&text);
}

static bool meets (const feed_viewer_t *viewer, const char *project, const char *run, bool is_public)
{
    return (!*viewer->project || strcmp (viewer->project, project) == 0) &&
           (!*viewer->run || strcmp (viewer->run, run) == 0) &&
           caller_may (viewer->caller, project, is_public, ROLE_VIEWER);
}

static void wake (feed_viewer_t *viewer)
{
    viewer->waits = false;
    pthread_cond_signal (&viewer->wake);
}

static bool meets_any (const feed_viewer_t *viewer, const events_t *events)
{
    for (size_t i = 0; i < events->items.count; i++) {
        const event_t *event = &events->items.items[i];
        if (meets (viewer, event->project_id ? event->project_id : "", event->run_id ? event->run_id : "",
                   event->public))
            return true;
    }
    return false;
}

static void wake_those (feed_t *self, const events_t *events)
{
    for (feed_viewer_t *viewer = self->viewers; viewer; viewer = viewer->after)
        if (meets_any (viewer, events))
            wake (viewer);
        else if (viewer->waits && viewer->cursor < self->cursor)
            viewer->cursor = self->cursor;
}

// It starts, perhaps after events that a viewer has not seen: that viewer reads them itself, and must not wait for the next event. Which viewers
// are behind only they know (their cursors move without the lock while they read for themselves), so all of them check.
static void begin_at (feed_t *self, int64_t from)
{
    drop_all (self); // The kept events would have a gap
    self->from = from;
    self->known = true;
    for (feed_viewer_t *viewer = self->viewers; viewer; viewer = viewer->after)
        wake (viewer);
}

static void take_events (feed_t *self, const events_t *events)
{
    if (!self->known || events->gap)
        begin_at (self, events->gap ? events->gap - 1 : events->cursor);
    for (size_t i = 0; i < events->items.count; i++)
        keep (self, &events->items.items[i]);
    self->cursor = events->cursor;
    wake_those (self, events);
}

// ---- the reader ----

static void pause_until (feed_t *self, int64_t until_us)
{
    struct timespec at = {.tv_sec = until_us / SECONDS (1), .tv_nsec = until_us % SECONDS (1) * 1000};
    while (!self->stop && pthread_cond_timedwait (&self->joined, &self->lock, &at) == 0)
        ;
}

// Takes the lock only to store what it read.
static void read_on (feed_t *self, arena_t *arena)
{
    turn_t turn;
    events_t events = {0};
    events_read_t ask = {.after = self->known ? self->cursor : -1,
                         .project = "",
                         .run = "",
                         .wait = self->known ? STREAM_WAIT : 0};
    pthread_mutex_unlock (&self->lock);
    arena_reset (arena);
    turn_init (&turn, arena, "feed", clock_now_us (bus_clock (self->bus)));
    turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    turn.deadline_us = turn.now_us + DEADLINE_US;
    fault_t fault = bus_client_call (self->client, &turn, MESSAGE (events_read)->number, &ask, &events);
    pthread_mutex_lock (&self->lock);
    if (fault == OK)
        take_events (self, &events);
    else if (!self->stop)
        log_debug ("events cannot be read", "reason", turn.detail ? turn.detail : fault_text (fault), NULL);
    if (fault != OK)
        pause_until (self, clock_monotonic_us () + RETRY_US);
    else if (self->count > MANY)
        pause_until (self, clock_monotonic_us () + PAUSE_US);
}

static void *run (void *data)
{
    feed_t *self = data;
    arena_t *arena = arena_new ();
    log_name_thread ("feed");
    pthread_mutex_lock (&self->lock);
    while (!self->stop) {
        if (self->viewers)
            read_on (self, arena);
        else {
            drop_all (self); // It would be stale by the next viewer
            pthread_cond_wait (&self->joined, &self->lock);
        }
    }
    pthread_mutex_unlock (&self->lock);
    arena_destroy (&arena);
    return NULL;
}

// ---- viewers ----

static void cond_init (pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init (&monotonic);
    pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init (cond, &monotonic);
    pthread_condattr_destroy (&monotonic);
}

void feed_join (feed_t *self, feed_viewer_t *viewer)
{
    cond_init (&viewer->wake);
    viewer->waits = false;
    pthread_mutex_lock (&self->lock);
    viewer->before = NULL;
    viewer->after = self->viewers;
    if (self->viewers)
        self->viewers->before = viewer;
    self->viewers = viewer;
    self->count++;
    pthread_cond_signal (&self->joined);
    pthread_mutex_unlock (&self->lock);
}

void feed_leave (feed_t *self, feed_viewer_t *viewer)
{
    pthread_mutex_lock (&self->lock);
    if (viewer->before)
        viewer->before->after = viewer->after;
    else
        self->viewers = viewer->after;
    if (viewer->after)
        viewer->after->before = viewer->before;
    self->count--;
    pthread_mutex_unlock (&self->lock);
    pthread_cond_destroy (&viewer->wake);
}

// Adds what is new for it; under the lock.
static void collect (feed_t *self, feed_viewer_t *viewer, buffer_t *into)
{
    size_t i = self->kept;
    while (i > 0 && kept_at (self, i - 1)->id > viewer->cursor)
        i--;
    for (; i < self->kept; i++) {
        const kept_t *kept = kept_at (self, i);
        if (meets (viewer, kept->project, kept->run, kept->is_public)) {
            if (buffer_size (into) + kept->size > FEED_TEXT)
                return;
            buffer_add (into, kept->text, kept->size);
        }
        viewer->cursor = kept->id;
    }
    if (viewer->cursor < self->cursor)
        viewer->cursor = self->cursor;
}

feed_state_t feed_take (feed_t *self, feed_viewer_t *viewer, buffer_t *into, int64_t until_us)
{
    const struct timespec at = {.tv_sec = until_us / SECONDS (1), .tv_nsec = until_us % SECONDS (1) * 1000};
    feed_state_t state = FEED_IDLE;
    bool late = false;
    pthread_mutex_lock (&self->lock);
    for (;;) {
        if (self->stop)
            state = FEED_ENDED;
        else if (self->known && viewer->cursor < self->from)
            state = FEED_BEHIND;
        else if (self->known) {
            collect (self, viewer, into);
            state = buffer_size (into) > 0 ? FEED_EVENTS : FEED_IDLE;
        }
        if (state != FEED_IDLE || late)
            break;
        viewer->waits = self->known;
        late = pthread_cond_timedwait (&viewer->wake, &self->lock, &at) != 0;
        viewer->waits = false;
    }
    pthread_mutex_unlock (&self->lock);
    return state;
}

// ---- beginning and end ----

feed_t *feed_new (bus_t *bus, bus_client_t *client)
{
    feed_t *self = calloc (1, sizeof (feed_t));
    if (!self || !(self->ring = calloc (FEED_KEPT, sizeof (kept_t))))
        abort ();
    self->bus = bus;
    self->client = client;
    pthread_mutex_init (&self->lock, NULL);
    cond_init (&self->joined);
    if (pthread_create (&self->thread, NULL, run, self) != 0)
        abort ();
    return self;
}

void feed_stop (feed_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stop = true;
    pthread_cond_broadcast (&self->joined);
    for (feed_viewer_t *viewer = self->viewers; viewer; viewer = viewer->after)
        pthread_cond_signal (&viewer->wake);
    pthread_mutex_unlock (&self->lock);
}

void feed_destroy (feed_t **self_p)
{
    feed_t *self = *self_p;
    if (!self)
        return;
    feed_stop (self);
    pthread_join (self->thread, NULL);
    drop_all (self);
    pthread_cond_destroy (&self->joined);
    pthread_mutex_destroy (&self->lock);
    free (self->ring);
    free (self);
    *self_p = NULL;
}
