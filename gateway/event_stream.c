/* event_stream.c - /events: what changes, as it changes, from a cursor on.
 *
 * The scheduler provides the start and what is older than the feed; the rest comes from the feed (feed.h). A client whose cursor
 * is older than the oldest event first gets `event: gap` with that event. */

#include "common/base/clock.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/feed.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_all (const events_t *events, buffer_t *into)
{
    if (events->gap)
        buffer_printf (into, "id: %" PRId64 "\nevent: gap\ndata: {\"oldest\":%" PRId64 "}\n\n",
                       events->gap - 1, events->gap);
    for (size_t i = 0; i < events->items.count; i++)
        feed_print (&events->items.items[i], into);
}

// From the scheduler: what is older than the feed keeps.
static fault_t catch_up (request_t *self, events_read_t *ask, feed_viewer_t *viewer, arena_t *window,
                         bool *left)
{
    events_t events;
    ask->after = viewer->cursor;
    fault_t fault = gateway_call_in (self, window, MESSAGE (events_read), ask, &events, 0);
    if (fault != OK)
        return fault;
    buffer_t *text = buffer_new (REPLY_MAX);
    print_all (&events, text);
    viewer->cursor = events.cursor;
    *left = !stream_send (self, &text);
    return OK;
}

static fault_t follow (request_t *self, feed_t *feed, events_read_t *ask, feed_viewer_t *viewer,
                       arena_t *window)
{
    for (bool left = false; !left;) {
        buffer_t *text = buffer_new (FEED_TEXT);
        char id[32];
        feed_state_t state = feed_take (feed, viewer, text, clock_monotonic_us () + SECONDS (STREAM_WAIT));
        snprintf (id, sizeof (id), "%" PRId64, viewer->cursor);
        if (!request_still (self)) { // It comes back with its cursor, as who it is now
            buffer_destroy (&text);
            return OK;
        }
        if (state == FEED_EVENTS)
            left = !stream_send (self, &text);
        else if (state == FEED_IDLE)
            left = !stream_ping (self, id);
        buffer_destroy (&text);
        fault_t fault = state == FEED_BEHIND ? catch_up (self, ask, viewer, window, &left) : OK;
        if (fault != OK || state == FEED_ENDED)
            return fault; // The client comes back with its cursor
    }
    return OK;
}

// Where it begins is settled before the client sees the head. A project's name becomes its id, which events carry.
static fault_t begin (request_t *self, events_read_t *ask, feed_viewer_t *viewer, arena_t *window)
{
    events_t events;
    project_t project;
    const project_show_t show = {.project = ask->project};
    if (ask->project && *ask->project) {
        fault_t fault = gateway_call_in (self, window, MESSAGE (project_show), &show, &project, 0);
        if (fault != OK)
            return fault;
        snprintf (viewer->project, sizeof (viewer->project), "%s", project.id);
    }
    snprintf (viewer->run, sizeof (viewer->run), "%s", ask->run ? ask->run : "");
    ask->wait = 0;
    fault_t fault = gateway_call_in (self, window, MESSAGE (events_read), ask, &events, 0);
    if (fault != OK)
        return fault;
    viewer->cursor = events.cursor;
    if (!stream_begin (self))
        return OK;
    buffer_t *text = buffer_new (REPLY_MAX);
    print_all (&events, text);
    if (!stream_send (self, &text))
        return OK;
    feed_t *feed = gateway_feed (self->gateway);
    feed_join (feed, viewer); // Only now: from here on another thread reads its filter
    fault = follow (self, feed, ask, viewer, window);
    feed_leave (feed, viewer);
    return fault;
}

fault_t events_follow (request_t *self)
{
    events_read_t ask = {.after = -1};
    feed_viewer_t viewer = {.cursor = 0, .caller = &self->turn.caller};
    const char *seen = stream_seen (self);
    fault_t fault = request_fields (self, &ask);
    if (fault == OK && seen && !http_number (seen, strlen (seen), &ask.after))
        fault = turn_fail (&self->turn, BAD_INPUT, "Last-Event-ID must be a number");
    if (fault == OK)
        fault = request_stay (self, SLOT_EVENTS);
    if (fault != OK)
        return fault;
    arena_t *window = arena_new ();
    fault = begin (self, &ask, &viewer, window);
    arena_destroy (&window);
    return fault;
}
