/* chunked_fetch.c - see chunked_fetch.h. Neighbours that are not here come by one request, are checked against their sums, and are kept. */

#include "agent/chunked_fetch.h"

#include "agent/engine/process/counters.h"
#include "agent/server_call.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS_MOST 100000     // Of one cache
#define RUN_MOST    (64 << 20) // Bytes that one request brings

typedef struct {
    server_artifacts_t *of;
    turn_t *turn;
    const char *place;
    cache_take_fn *take;
    void *stream;
    cache_chunk_t *chunks;
    size_t count, capacity;
    int64_t size;      // Of the cache
    char *room;        // CHUNK_COPY_MOST: one chunk
    size_t next;       // The chunk that is coming,
    size_t got;        // of which so much is in `room`
    bool ended, wrong; // `take` has had enough; the bytes are not those of the sum
} fetching_t;

static bool is_next (const fetching_t *self, const cache_chunk_t *chunk)
{
    const cache_chunk_t *last = self->count ? &self->chunks[self->count - 1] : NULL;
    return chunk->size > 0 && chunk->size <= CHUNK_COPY_MOST && sha256_is_hex (chunk->sha256) &&
           (!last ? chunk->offset == 0 : chunk->offset == last->offset + last->size);
}

// Page by page. False where it is not made of chunks throughout.
static bool list_chunks (fetching_t *self)
{
    int64_t end = 0;
    do {
        chunk_page_t page = {.size = 0};
        const char *path =
            arena_printf (self->turn->arena, "%s&comp=chunks&offset=%" PRId64, self->place, end);
        if (server_call (self->of->server, self->turn, "GET", path, NULL, NULL, NULL, MESSAGE (chunk_page),
                         &page) != OK ||
            page.chunks.count == 0)
            return false;
        for (size_t i = 0; i < page.chunks.count; i++) {
            if (self->count == CHUNKS_MOST || !is_next (self, &page.chunks.items[i]))
                return false;
            self->chunks = arena_grow (self->turn->arena, self->chunks, self->count, &self->capacity,
                                       sizeof (self->chunks[0]));
            self->chunks[self->count++] = page.chunks.items[i];
        }
        end = self->chunks[self->count - 1].offset + self->chunks[self->count - 1].size;
        self->size = page.size;
    } while (end < self->size);
    return end == self->size;
}

static bool hand_on (fetching_t *self, const cache_chunk_t *chunk)
{
    self->next++;
    self->got = 0;
    self->ended = !self->take (self->stream, self->room, (size_t) chunk->size);
    return !self->ended;
}

static bool is_copy (const cache_chunk_t *chunk, const char *bytes)
{
    sha256_t sum;
    arena_t *arena = arena_new ();
    sha256_init (&sum);
    sha256_add (&sum, bytes, (size_t) chunk->size);
    bool same = strcmp (sha256_hex (&sum, arena), chunk->sha256) == 0;
    arena_destroy (&arena);
    return same;
}

// Bytes of the run that was asked for: filled into chunks.
static bool take_bytes (void *self_, const char *bytes, size_t size)
{
    fetching_t *self = self_;
    while (size > 0) {
        if (self->next == self->count) { // More than was asked for
            self->wrong = true;
            return false;
        }
        const cache_chunk_t *chunk = &self->chunks[self->next];
        size_t room = (size_t) chunk->size - self->got, some = size < room ? size : room;
        memcpy (self->room + self->got, bytes, some);
        self->got += some;
        bytes += some;
        size -= some;
        if (self->got < (size_t) chunk->size)
            continue;
        if (!is_copy (chunk, self->room)) {
            self->wrong = true;
            return false;
        }
        chunk_folder_put (&self->of->copies, chunk->sha256, self->room, (size_t) chunk->size);
        count_add (COUNT_CACHE_FETCHED, chunk->size);
        if (!hand_on (self, chunk))
            return false;
    }
    return true;
}

// The next chunks, up to `end`, by one request.
static fault_t fetch_run (fetching_t *self, size_t end)
{
    http_answer_t answer;
    server_ask_t ask = {.method = "GET", .path = self->place, .take = take_bytes, .stream = self};
    ask.headers[0] =
        arena_printf (self->turn->arena, "Range: bytes=%" PRId64 "-%" PRId64, self->chunks[self->next].offset,
                      self->chunks[end - 1].offset + self->chunks[end - 1].size - 1);
    fault_t fault = server_exchange (self->of->server, self->turn, &ask, &answer);
    if (self->wrong)
        return turn_fail (self->turn, BROKEN, "what came of the cache does not have its checksum");
    if (self->ended)
        return GONE;
    if (!fault && self->next < end)
        return turn_fail (self->turn, UNAVAILABLE, "the answer ended early");
    return fault;
}

// Up to which of the next ones none is here.
static size_t find_run (const fetching_t *self)
{
    size_t end = self->next;
    int64_t bytes = 0;
    for (; end < self->count && bytes < RUN_MOST; end++) {
        const cache_chunk_t *chunk = &self->chunks[end];
        if (chunk_folder_has (&self->of->copies, chunk->sha256, (size_t) chunk->size))
            break;
        bytes += chunk->size;
    }
    return end;
}

static fault_t step (fetching_t *self)
{
    size_t end = find_run (self);
    if (end > self->next)
        return fetch_run (self, end);
    const cache_chunk_t *chunk = &self->chunks[self->next];
    if (!chunk_folder_take (&self->of->copies, chunk->sha256, self->room, (size_t) chunk->size))
        return fetch_run (self, self->next + 1); // It has gone at this moment, or was damaged
    self->of->copied_bytes += chunk->size;
    count_add (COUNT_CACHE_COPIED, chunk->size);
    return hand_on (self, chunk) ? OK : GONE;
}

fault_t chunked_fetch (server_artifacts_t *artifacts, turn_t *turn, const char *place, int64_t offset,
                       cache_take_fn *take, void *stream)
{
    fetching_t self = {.of = artifacts, .turn = turn, .place = place, .take = take, .stream = stream};
    fault_t fault = OK;
    if (!*artifacts->copies.folder || !list_chunks (&self))
        return NOT_FOUND;
    while (self.next < self.count && self.chunks[self.next].offset < offset)
        self.next++;
    if (self.next < self.count && self.chunks[self.next].offset != offset)
        return NOT_FOUND;
    self.room = malloc (CHUNK_COPY_MOST);
    if (!self.room)
        abort ();
    while (!fault && self.next < self.count) {
        self.got = 0;
        fault = step (&self);
    }
    free (self.room);
    chunk_folder_trim (&artifacts->copies, clock_now_us (clock_system ()));
    return fault;
}
