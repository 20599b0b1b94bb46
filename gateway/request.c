/* request.c - what a request takes while it is served: its body, and the slot that it holds. */

#include "gateway/request.h"

#include "common/base/clock.h"
#include "common/http/http_chunks.h"
#include "gateway/inside.h"

#include <string.h>

// ---- the body ----

// `got` of a read that gave nothing.
static fault_t early_end (request_t *self, int got)
{
    if (got < 0) {
        self->timed_out = true;
        return turn_fail (&self->turn, TIMEOUT, "the body did not arrive in time");
    }
    return turn_fail (&self->turn, BAD_INPUT, "the body ended before it was complete");
}

static fault_t read_into (request_t *self, char *into, size_t size)
{
    for (size_t have = 0; have < size;) {
        int got = http_conn_read (self->conn, into + have, size - have, self->until_us);
        if (got <= 0)
            return early_end (self, got);
        have += (size_t) got;
    }
    return OK;
}

static fault_t read_known (request_t *self, size_t size)
{
    char *body = arena_room (self->turn.arena, size + 1);
    TRY (read_into (self, body, size));
    body[size] = 0;
    self->body = body;
    self->body_size = size;
    return OK;
}

// Doubles; the old halves live until the request ends.
static fault_t add_data (request_t *self, const char *data, size_t size, size_t *capacity)
{
    size_t have = self->body_size;
    if (have + size > self->limit)
        return turn_fail (&self->turn, TOO_LARGE, "the body has more than %u bytes", self->limit);
    if (have + size + 1 > *capacity) {
        while (have + size + 1 > *capacity)
            *capacity = *capacity ? *capacity * 2 : REQUEST_FIRST;
        char *larger = arena_room (self->turn.arena, *capacity);
        memcpy (larger, self->body, have);
        self->body = larger;
    }
    memcpy (self->body + have, data, size);
    self->body_size = have + size;
    self->body[self->body_size] = 0;
    return OK;
}

static fault_t read_chunks (request_t *self)
{
    http_chunks_t chunks = {0};
    size_t capacity = 0;
    for (;;) {
        const char *in, *data;
        size_t used, size;
        int got = http_conn_peek (self->conn, &in, self->until_us);
        if (got <= 0)
            return early_end (self, got);
        chunks_t what = http_chunks_take (&chunks, in, (size_t) got, &used, &data, &size);
        fault_t fault = what == CHUNKS_DATA ? add_data (self, data, size, &capacity) : OK;
        http_conn_skip (self->conn, used); // After the last look at `data`
        if (what == CHUNKS_BAD)
            return turn_fail (&self->turn, BAD_INPUT, "the body is not well formed as chunks");
        if (what == CHUNKS_END || fault != OK)
            return fault;
    }
}

static fault_t check_length (request_t *self, int64_t size)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (self->limit == 0)
        return turn_fail (&self->turn, TOO_LARGE, "this route takes no body");
    if (size > self->limit)
        return turn_fail (&self->turn, TOO_LARGE, "the body has %lld bytes, at most %u are allowed",
                          (long long) size, self->limit);
    if (http_head_get (self->info, "Expect") && self->info->minor == 1)
        (void) http_conn_write (self->conn, go_on, sizeof (go_on) - 1, self->until_us);
    return OK;
}

static void body_is_read (request_t *self)
{
    self->unread = false;
    self->keep = http_head_keeps (self->info);
}

fault_t request_body (request_t *self, uint32_t limit)
{
    static char no_body[1];
    int64_t size = http_head_length (self->info);
    self->body = no_body;
    self->limit = limit;
    if (size != 0) {
        TRY (check_length (self, size));
        TRY (size < 0 ? read_chunks (self) : read_known (self, (size_t) size));
    }
    body_is_read (self);
    return OK;
}

// Each piece has its own time: a client that is slow but sends is served.
static void allow_piece (request_t *self)
{
    self->until_us = clock_monotonic_us () + SECONDS (gateway_config (self->gateway)->body_seconds);
}

static fault_t known_pieces (request_t *self, int64_t left, uint32_t most, piece_fn *take, void *to)
{
    uint32_t size = left < most ? (uint32_t) left : most;
    char *piece = arena_alloc (self->turn.arena, size);
    while (left > 0) {
        size_t want = left < size ? (size_t) left : size;
        allow_piece (self);
        TRY (read_into (self, piece, want));
        left -= (int64_t) want;
        TRY (take (to, piece, want, left == 0));
    }
    return OK;
}

// A body in chunks, of which it is not known which byte is the last until its end: a full piece is kept until another byte comes.
typedef struct {
    request_t *request;
    char *piece;
    uint32_t most;
    size_t have;
    int64_t total;
    piece_fn *take;
    void *to;
} chunk_pieces_t;

static fault_t add_to_piece (chunk_pieces_t *self, const char *data, size_t size)
{
    request_t *request = self->request;
    self->total += (int64_t) size;
    if (self->total > request->limit)
        return turn_fail (&request->turn, TOO_LARGE, "the body has more than %u bytes", request->limit);
    while (size > 0) {
        if (self->have == self->most) {
            TRY (self->take (self->to, self->piece, self->have, false));
            self->have = 0;
            allow_piece (request);
        }
        size_t some = self->most - self->have < size ? self->most - self->have : size;
        memcpy (self->piece + self->have, data, some);
        self->have += some;
        data += some;
        size -= some;
    }
    return OK;
}

static fault_t chunked_pieces (request_t *self, uint32_t most, piece_fn *take, void *to)
{
    http_chunks_t chunks = {0};
    chunk_pieces_t pieces = {.request = self, .most = most, .take = take, .to = to};
    pieces.piece = arena_alloc (self->turn.arena, most);
    allow_piece (self);
    for (;;) {
        const char *in, *data;
        size_t used, size;
        int got = http_conn_peek (self->conn, &in, self->until_us);
        if (got <= 0)
            return early_end (self, got);
        chunks_t what = http_chunks_take (&chunks, in, (size_t) got, &used, &data, &size);
        fault_t fault = what == CHUNKS_DATA ? add_to_piece (&pieces, data, size) : OK;
        http_conn_skip (self->conn, used); // After the last look at `data`
        if (what == CHUNKS_BAD)
            return turn_fail (&self->turn, BAD_INPUT, "the body is not well formed as chunks");
        TRY (fault);
        if (what != CHUNKS_END)
            continue;
        return pieces.total > 0 ? take (to, pieces.piece, pieces.have, true)
                                : turn_fail (&self->turn, BAD_INPUT, "the body is empty");
    }
}

fault_t request_pieces (request_t *self, uint32_t most, piece_fn *take, void *to)
{
    int64_t size = http_head_length (self->info);
    self->limit = self->route->limit;
    if (size == 0)
        return turn_fail (&self->turn, BAD_INPUT, "the body is empty");
    TRY (check_length (self, size));
    TRY (size < 0 ? chunked_pieces (self, most, take, to) : known_pieces (self, size, most, take, to));
    body_is_read (self);
    return OK;
}

// ---- slots ----

fault_t request_slot (request_t *self, slot_kind_t kind)
{
    if (self->placed)
        return OK;
    fault_t fault = slots_take (gateway_slots (self->gateway), &self->turn, kind, self->credential);
    self->placed = fault == OK;
    self->slot = kind;
    return fault;
}

void request_leave (request_t *self)
{
    if (self->placed)
        slots_give (gateway_slots (self->gateway), self->slot, self->credential);
    self->placed = false;
}

fault_t request_stay (request_t *self, slot_kind_t kind)
{
    fault_t fault = request_slot (self, kind);
    if (fault == OK && !self->stays) {
        self->stays = true;
        http_conn_stay (self->conn);
    }
    return fault;
}
