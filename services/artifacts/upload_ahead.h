/* upload_ahead.h - bytes that a reader is going to ask for next, where the blob store is far.
 *
 * Whoever downloads asks for one window after the other. From the second on, what follows is fetched with it, several requests at once, and
 * kept until it is asked for: so most windows cost no time at the store. At most AHEAD_KEPT windows of all readers are kept; the oldest make room. */

#ifndef OPENCICD_UPLOAD_AHEAD_H
#define OPENCICD_UPLOAD_AHEAD_H

#include "common/base/id.h"
#include "proto/messages.h"

#include <pthread.h>

#define AHEAD_WINDOWS 7 // That are fetched with the one that was asked for
#define AHEAD_KEPT    56
#define AHEAD_READERS 64 // Whose next window is foreseen

typedef struct {
    char upload[ID_SIZE];
    int64_t offset;
    char *bytes; // NULL: free
    size_t size;
    uint64_t turn; // When it was put
} ahead_window_t;

typedef struct {
    char upload[ID_SIZE];
    int64_t next;
} ahead_reader_t;

typedef struct {
    pthread_mutex_t lock; // Of the windows: helper threads put them
    ahead_window_t windows[AHEAD_KEPT];
    uint64_t count;
    ahead_reader_t readers[AHEAD_READERS]; // The actor's own
    size_t reader;
} upload_ahead_t;

void upload_ahead_init (upload_ahead_t *self);
void upload_ahead_clear (upload_ahead_t *self);
// Does somebody read one window of it after the other, and asks for this one? Remembers what comes next.
bool upload_ahead_foresees (upload_ahead_t *self, const char *upload, int64_t offset, size_t size);
// Gives a window that was fetched, and forgets it. False where it is not there.
bool upload_ahead_take (upload_ahead_t *self, arena_t *arena, const char *upload, int64_t offset, size_t size,
                        bytes_t *out);
// From any thread: keeps the bytes as windows of MAX_CHUNK.
void upload_ahead_put (upload_ahead_t *self, const char *upload, int64_t offset, const char *bytes,
                       size_t size);

#endif
