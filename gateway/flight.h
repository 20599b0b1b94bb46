/* flight.h - what is under way: every request being served, until when it may be, and how many.
 *
 * civetweb gives a handler no total deadline: one byte now and then keeps its thread for ever. So a watching thread shuts
 * the socket of a request that is past its deadline; reads and writes then fail and the handler leaves. The socket is found
 * by its peer's address, which is safe because a request cannot leave while it is looked for. Here is also what a graceful stop
 * waits for. */

#ifndef OPENCICD_GATEWAY_FLIGHT_H
#define OPENCICD_GATEWAY_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct flights flights_t;

typedef struct flight {
    struct flight *before, *after;
    const char *address; // Of the peer, "127.0.0.1"
    int port;            // Of the peer
    int64_t until_us;    // Monotonic
    bool stays;          // A stream: a stop does not wait for it, it ends it
} flight_t;

flights_t *flights_new (void);
void flights_destroy (flights_t **self_p); // When nothing is under way any more

void flights_enter (flights_t *self, flight_t *flight); // address, port and until_us are set
void flights_until (flights_t *self, flight_t *flight, int64_t until_us);
void flights_stay (flights_t *self, flight_t *flight);
void flights_leave (flights_t *self, flight_t *flight);

size_t flights_count (flights_t *self);
// Waits until nothing is under way but, where `streams_too` is false, streams. False where the time came first.
bool flights_wait (flights_t *self, bool streams_too, int64_t until_us);
void flights_cut (flights_t *self); // Shuts every socket

#endif
