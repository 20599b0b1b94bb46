/* builtin_cache_pieces.c - see builtin_cache_pieces.h. Neighbours go together: what travels in blocks of PIECE bytes, what is copied as one range. */

#include "agent/engine/builtin/builtin_cache_pieces.h"

#include "common/base/chunk.h"
#include "common/base/clock.h"
#include "common/base/pack.h"
#include "proto/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE \
    MAX_PART // Bytes that travel in one request: the server stores whole chunks of them, which it can share
#define COPIED (32 << 20) // Bytes that one request copies
#define COPIES_MOST   \
    (MAX_BLOCKS * 9 / \
     10) // Past so many blocks no more ranges: they could be too small for the rest to have room
#define LOOK_AGAIN SECONDS (300) // An address that the server has signed does not last

typedef struct {
    caching_t *of;
    const char *place;
    int fd;
    cache_sent_t *sent;
    cache_index_t index;
    cache_hit_t base; // key NULL: none
    int64_t looked_us;
    chunker_t chunker;
    char *in;  // 2 * CHUNK_MOST, of the file
    char *out; // To travel next
    size_t in_size, out_size, room;
    int64_t copy_from, copy_size; // To be copied next
    bool ended;                   // The file
} sender_t;

static fault_t next_start (sender_t *self, int64_t *offset)
{
    cache_sent_t *sent = self->sent;
    if (sent->count == MAX_BLOCKS)
        return turn_fail (&self->of->turn, TOO_LARGE, "the cache has more than %d blocks", MAX_BLOCKS);
    if (sent->count == sent->capacity) {
        sent->capacity = sent->capacity ? 2 * sent->capacity : 64;
        sent->starts = realloc (sent->starts, sent->capacity * sizeof (sent->starts[0]));
        if (!sent->starts)
            abort ();
    }
    *offset = sent->starts[sent->count++] = sent->size;
    return OK;
}

static fault_t check_stop (sender_t *self)
{
    const builtin_call_t *call = self->of->call;
    return call->stopped (call->self) ? turn_fail (&self->of->turn, GONE, "the job is being stopped") : OK;
}

static fault_t flush_bytes (sender_t *self)
{
    caching_t *of = self->of;
    const cache_port_t *port = of->call->caches;
    builtin_retry_t retry = {.until_us = 0};
    int64_t offset;
    fault_t fault;
    if (self->out_size == 0)
        return OK;
    TRY (next_start (self, &offset));
    do {
        TRY (check_stop (self));
        fault = port->put (port->self, &of->turn, self->place, offset, self->out, self->out_size);
    } while (caching_retry (of, fault, &retry));
    self->sent->size += (int64_t) self->out_size;
    self->sent->sent += (int64_t) self->out_size;
    self->out_size = 0;
    return fault;
}

// The address is renewed before it ends. If the cache has gone meanwhile, so has this one: its other pieces cannot be read either.
static fault_t renew (sender_t *self)
{
    caching_t *of = self->of;
    if (clock_monotonic_us () < self->looked_us + LOOK_AGAIN)
        return OK;
    if (!cache_pieces_listed (of, &self->index, &self->base))
        return turn_fail (&of->turn, GONE, "the cache %s, of which it has parts, was removed",
                          self->sent->base);
    self->looked_us = clock_monotonic_us ();
    return OK;
}

static fault_t flush_copy (sender_t *self)
{
    caching_t *of = self->of;
    const cache_port_t *port = of->call->caches;
    builtin_retry_t retry = {.until_us = 0};
    int64_t offset;
    fault_t fault;
    if (self->copy_size == 0)
        return OK;
    TRY (renew (self));
    TRY (next_start (self, &offset));
    do {
        TRY (check_stop (self));
        fault = port->copy (port->self, &of->turn, self->place, offset, &self->base, self->copy_from,
                            self->copy_size);
    } while (caching_retry (of, fault, &retry));
    self->sent->size += self->copy_size;
    self->copy_size = 0;
    return fault;
}

static fault_t add_copy (sender_t *self, const cache_piece_t *piece)
{
    TRY (flush_bytes (self));
    if (self->copy_size &&
        (self->copy_from + self->copy_size != piece->offset || self->copy_size + piece->size > COPIED))
        TRY (flush_copy (self));
    if (self->copy_size == 0)
        self->copy_from = piece->offset;
    self->copy_size += piece->size;
    return OK;
}

// Cut, packed, and either copied or put to what travels.
static fault_t add_packed (sender_t *self, const char *data, size_t size)
{
    sha256_t sum;
    char *frame = self->out + self->out_size;
    size_t packed = pack_frame (frame, self->room - self->out_size, data, size);
    if (self->base.key && self->sent->count < COPIES_MOST) {
        sha256_init (&sum);
        sha256_add (&sum, frame, packed);
        arena_t *arena = arena_new ();
        const cache_piece_t *piece = cache_index_find (&self->index, sha256_hex (&sum, arena));
        arena_destroy (&arena);
        if (piece && piece->size == (int64_t) packed)
            return add_copy (self, piece);
    }
    TRY (flush_copy (self)); // It goes before these bytes
    if (self->out_size > 0 && self->out_size + packed > PIECE) {
        TRY (flush_bytes (self));
        memmove (self->out, frame, packed);
    }
    self->out_size += packed;
    return OK;
}

// As much as there is room for, to the end of the file.
static fault_t fill (sender_t *self, char *into, size_t *size, size_t room)
{
    while (*size < room && !self->ended) {
        ssize_t got = read (self->fd, into + *size, room - *size);
        if (got < 0 && errno != EINTR)
            return turn_fail (&self->of->turn, BROKEN, "%s: %s", self->of->archive, strerror (errno));
        self->ended = got == 0;
        *size += got > 0 ? (size_t) got : 0;
    }
    return OK;
}

static fault_t send_packed (sender_t *self)
{
    do {
        TRY (fill (self, self->in, &self->in_size, 2 * CHUNK_MOST));
        size_t at = 0;
        while (self->in_size - at >= CHUNK_MOST || (self->ended && at < self->in_size)) {
            size_t size = chunk_next (&self->chunker, self->in + at, self->in_size - at);
            TRY (add_packed (self, self->in + at, size));
            at += size;
        }
        memmove (self->in, self->in + at, self->in_size - at);
        self->in_size -= at;
    } while (self->in_size || !self->ended);
    TRY (flush_copy (self));
    return flush_bytes (self);
}

static fault_t send_plain (sender_t *self)
{
    while (!self->ended) {
        TRY (fill (self, self->out, &self->out_size, PIECE));
        TRY (flush_bytes (self));
    }
    return OK;
}

fault_t cache_pieces_send (caching_t *self, int fd, const char *place, bool packs, cache_sent_t *out)
{
    sender_t sender = {.of = self, .place = place, .sent = out, .fd = fd};
    *out = (cache_sent_t){.starts = NULL};
    sender.room = PIECE + pack_frame_bound (CHUNK_MOST);
    sender.in = malloc (2 * CHUNK_MOST);
    sender.out = malloc (sender.room);
    if (!sender.in || !sender.out)
        abort ();
    chunker_init (&sender.chunker);
    sender.looked_us = clock_monotonic_us ();
    if (!packs || !cache_pieces_listed (self, &sender.index, &sender.base))
        sender.base.key = NULL;
    out->base = sender.base.key;
    self->turn.detail = NULL;
    fault_t fault = packs ? send_packed (&sender) : send_plain (&sender);
    free (sender.in);
    free (sender.out);
    return fault;
}
