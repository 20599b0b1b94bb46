/* stream_http.h - many streams of server-sent events from one server, in one thread.
 *
 * A stream that breaks is taken up again where it was (Last-Event-ID). One that was away for too long, or that the server refuses
 * for good, is told so to its listener and closed. Between events the thread waits in the kernel: nothing is polled. */

#ifndef OPENCICD_CLI_STREAM_HTTP_H
#define OPENCICD_CLI_STREAM_HTTP_H

#include "cli/client_http.h"

#define STREAM_AGAIN_MS   1000  // Before a broken stream is taken up again
#define STREAM_NOT_YET_MS 250   // Before one is asked for again that does not exist yet
#define STREAM_LOST_MS    60000 // So long without a connection, and it is given up
#define STREAM_SILENT_S   45    // The server says something every 10 s

typedef struct streams streams_t;
typedef struct stream stream_t;

typedef struct {
    void *self;
    void (*event) (void *self, const char *type, const char *data, size_t size);
    void (*opened) (void *self); // The server accepted it, the first time or again; may be NULL
    // The server refuses it. True: ask again soon (it may not exist yet).
    bool (*refused) (void *self, fault_t fault, const char *detail);
} listener_t;

// Borrows client. `settle` is called after each piece of work, outside of any listener: there the client may be asked.
streams_t *streams_new (client_t *client, void (*settle) (void *self), void *settle_self);
void streams_destroy (streams_t **self_p); // Closes what is open

// Both may be called by a listener. `path` is copied.
stream_t *streams_open (streams_t *self, const char *path, const listener_t *listener);
void stream_close (stream_t *self); // Its listener hears no more
// From now on it is refused (TIMEOUT) where no event comes for so long.
void stream_hurry (stream_t *self, int64_t idle_us);

// Until none is open, or `fd` (-1: none) is readable: then *woken. Gives a fault of this machine only.
MUST_USE fault_t streams_run (streams_t *self, turn_t *turn, int fd, bool *woken);

#endif
