/* builtin_cache_list.c - which pieces a restored archive has (builtin_cache_pieces.h). The archive is in a folder of the job's: it is read as a
 * stream, never mapped, because a step in the background may change it. */

#include "agent/engine/builtin/builtin_cache_pieces.h"
#include "common/base/bytes.h"
#include "common/base/pack.h"
#include "common/os/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW (2 * CACHE_INDEX_PIECE)

typedef struct {
    int fd;
    char *bytes; // WINDOW of them
    size_t first, end;
    bool ended;
} reader_t;

static const char *list_path (const caching_t *self)
{
    return arena_printf (self->call->arena, "%s/cache-%s.pieces", self->call->temp, self->version);
}

static const char *without_query (arena_t *arena, const char *place)
{
    return arena_strndup (arena, place, strcspn (place, "?"));
}

// Until there is a whole piece, or the file has ended. False with errno.
static bool fill (reader_t *self)
{
    if (self->end - self->first >= CACHE_INDEX_PIECE || self->ended)
        return true;
    memmove (self->bytes, self->bytes + self->first, self->end - self->first);
    self->end -= self->first;
    self->first = 0;
    while (self->end < WINDOW && !self->ended) {
        ssize_t got = read (self->fd, self->bytes + self->end, WINDOW - self->end);
        if (got < 0 && errno != EINTR)
            return false;
        self->ended = got == 0;
        self->end += got > 0 ? (size_t) got : 0;
    }
    return true;
}

// False where it is not made of pieces: an original has packed it as a whole.
static bool list_all (reader_t *self, arena_t *arena, buffer_t *into)
{
    int64_t offset = 0;
    sha256_t sum;
    while (fill (self) && self->first < self->end) {
        const char *piece = self->bytes + self->first;
        size_t size = pack_frame_size (piece, self->end - self->first);
        if (size == 0 || size > CACHE_INDEX_PIECE)
            return false;
        sha256_init (&sum);
        sha256_add (&sum, piece, size);
        cache_index_add (into, sha256_hex (&sum, arena), offset, (int64_t) size);
        offset += (int64_t) size;
        self->first += size;
    }
    return self->ended && self->first == self->end && !buffer_full (into);
}

void cache_pieces_list (caching_t *self, const cache_hit_t *hit)
{
    const builtin_call_t *call = self->call;
    if (!self->packer || !call->caches->copy)
        return;
    const char *path = list_path (self);
    buffer_t *text = buffer_new (CACHE_INDEX_BYTES);
    reader_t reader = {.fd = rooted_open_plain (call->view, self->archive), .bytes = malloc (WINDOW)};
    cache_index_begin (text, hit->key, without_query (call->arena, hit->place));
    (void) rooted_unlink (call->view, path);
    if (reader.fd >= 0 && reader.bytes && list_all (&reader, call->arena, text)) {
        int fd = rooted_open (call->view, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
        // Without it all bytes travel: no loss but of time
        if (fd >= 0 && !bytes_write (fd, buffer_text (text), buffer_size (text)))
            (void) rooted_unlink (call->view, path);
        if (fd >= 0)
            close (fd);
    }
    if (reader.fd >= 0)
        close (reader.fd);
    free (reader.bytes);
    buffer_destroy (&text);
}

bool cache_pieces_listed (caching_t *self, cache_index_t *index, cache_hit_t *base)
{
    const builtin_call_t *call = self->call;
    const cache_port_t *port = call->caches;
    const char *text;
    if (!port->copy ||
        rooted_read (&self->turn, call->view, list_path (self), CACHE_INDEX_BYTES, &text) != OK ||
        cache_index_read (call->arena, text, index) != OK)
        return false;
    fault_t fault = port->look (port->self, &self->turn, index->key, NULL, 0, self->version, base);
    // Another one of that key, since that one was removed, has other pieces
    return fault == OK && base->key && strcmp (base->key, index->key) == 0 &&
           strcmp (without_query (call->arena, base->place), index->place) == 0;
}
