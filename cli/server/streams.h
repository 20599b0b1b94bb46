/* streams.h - many streams of server-sent events from one server, in one thread.
 *
 * A stream that breaks is resumed where it was (Last-Event-ID). One that was away for too long, or that the server refuses
 * for good, is reported to its listener and closed. Between events the thread waits in the kernel: nothing is polled. */

#ifndef OPENCICD_CLI_SERVER_STREAMS_H
#define OPENCICD_CLI_SERVER_STREAMS_H

#include "cli/server/client.h"

#define STREAM_AGAIN_MS   1000  // Delay before a broken stream is resumed
#define STREAM_NOT_YET_MS 250   // Delay before one that does not exist yet is requested again
#define STREAM_LOST_MS    60000 // Without a connection for this long it is abandoned
#define STREAM_SILENT_MS  45000 // The server sends something every 10 s

typedef struct streams streams_t;
typedef struct stream stream_t;

typedef struct {
    void *self;
    void (*event) (void *self, const char *type, const char *data, size_t size);
    void (*opened) (void *self); // The server accepted it, the first time or again; may be NULL
    // The server refuses it. True: request it again soon (it may not exist yet).
    bool (*refused) (void *self, fault_t fault, const char *detail);
} stream_listener_t;

// Borrows client. `settle` is called after each piece of work, outside of any listener: there the client may be asked.
streams_t *streams_new (client_t *client, void (*settle) (void *self), void *settle_self);
void streams_destroy (streams_t **self_p); // Closes what is open

// `settle` is called at least this often; 0: only after a piece of work.
void streams_settle_every (streams_t *self, int64_t us);

// Both may be called by a listener. `path` is copied.
stream_t *streams_open (streams_t *self, const char *path, const stream_listener_t *listener);
void stream_close (stream_t *self); // Its listener is not called any more
// From now on it is refused (TIMEOUT) if no event arrives for this long.
void stream_hurry (stream_t *self, int64_t idle_us);

// Until none is open, or `fd` (-1: none) is readable: then *woken. Returns faults of this machine only.
MUST_USE fault_t streams_run (streams_t *self, turn_t *turn, int fd, bool *woken);

#endif
