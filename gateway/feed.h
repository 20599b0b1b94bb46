/* feed.h - one reader of the scheduler's events for all their viewers here.
 *
 * A thousand viewers must not each query a table at every commit. While there are viewers, one thread reads on from where
 * it is, formats each event once, and keeps the last FEED_KEPT; a viewer takes those that match its filter, and is woken only by
 * them: while it sleeps its cursor moves on, so that it does not fall behind. A viewer whose cursor is older than the kept events reads from the scheduler itself until it has caught up. Nothing is lost
 * here: what counts is the viewer's cursor. */

#ifndef OPENCICD_GATEWAY_FEED_H
#define OPENCICD_GATEWAY_FEED_H

#include "common/bus/bus.h"
#include "proto/messages.h"

#include <pthread.h>

#define FEED_KEPT 2048      // Events
#define FEED_TEXT (1 << 20) // Bytes that a viewer takes at once

typedef struct feed feed_t;

typedef struct feed_viewer {
    char project[MAX_ID + 1], run[MAX_ID + 1]; // Ids; "" for any; settled before it joins
    const caller_t *caller;                    // Who looks: only what it may see is for it
    int64_t cursor; // Events up to this one were seen or filtered out; only its own thread reads it
    // The feed's:
    bool waits; // It has seen everything and sleeps: its cursor moves past events that its filter excludes
    struct feed_viewer *before, *after;
    pthread_cond_t wake;
} feed_viewer_t;

typedef enum { FEED_EVENTS, FEED_IDLE, FEED_BEHIND, FEED_ENDED } feed_state_t;

feed_t *feed_new (bus_t *bus, bus_client_t *client); // Borrows both
void feed_stop (feed_t *self);                       // Viewers get FEED_ENDED
void feed_destroy (feed_t **self_p);                 // After its viewers; the client is closed

void feed_join (feed_t *self, feed_viewer_t *viewer);
void feed_leave (feed_t *self, feed_viewer_t *viewer);
// FEED_EVENTS: printed events are added to `into` and the cursor has moved. FEED_BEHIND: what follows the cursor is not kept. FEED_IDLE:
// nothing until `until_us` (monotonic); the cursor may have moved.
feed_state_t feed_take (feed_t *self, feed_viewer_t *viewer, buffer_t *into, int64_t until_us);

void feed_print (const event_t *event, buffer_t *into); // As one server-sent event

#endif
