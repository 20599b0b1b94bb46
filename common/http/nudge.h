/* nudge.h - stops a server that wakes only when a client connects.
 *
 * civetweb's stop waits until its listening thread comes back from a poll of two seconds. A connection brings it back at once. */

#ifndef OPENCICD_NUDGE_H
#define OPENCICD_NUDGE_H

// Runs `stop (server)` to its end, in a thread of its own, and keeps connecting to "HOST:PORT" (IPv4) until then.
void nudge_while (void (*stop) (void *server), void *server, const char *address);

#endif
