/* request.c - from bytes to a request's message: the body, and the fields by name. */

#include "gateway/request.h"

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/http/http_chunks.h"
#include "gateway/call.h"
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

fault_t request_pieces (request_t *self, uint32_t most, piece_fn *take, void *to)
{
    int64_t left = http_head_length (self->info);
    self->limit = self->route->limit;
    if (left <= 0)
        return turn_fail (&self->turn, BAD_INPUT, "the body must say its length, and have one");
    TRY (check_length (self, left));
    uint32_t size = left < most ? (uint32_t) left : most;
    char *piece = arena_alloc (self->turn.arena, size);
    while (left > 0) {
        size_t want = left < size ? (size_t) left : size;
        // Each has its own time: a client that is slow but sends is served
        self->until_us = clock_monotonic_us () + SECONDS (gateway_config (self->gateway)->body_seconds);
        TRY (read_into (self, piece, want));
        left -= (int64_t) want;
        TRY (take (to, piece, want, left == 0));
    }
    body_is_read (self);
    return OK;
}

// ---- the ask ----

static bool may_be_asked (const request_t *self, const char *name)
{
    const field_t *field = message_field (self->route->ask, name);
    if (!field)
        return self->route->handler->extra && (strcmp (self->route->handler->extra, "*") == 0 ||
                                               strcmp (name, self->route->handler->extra) == 0);
    return field->kind != KIND_JSON && field->kind != KIND_LIST && field->kind != KIND_BYTES &&
           !pairs_get (&self->path, name);
}

fault_t request_query_known (request_t *self)
{
    for (size_t i = 0; i < self->query.count; i++)
        if (!may_be_asked (self, self->query.items[i].name))
            return turn_fail (&self->turn, BAD_INPUT, "%.100s: unknown query parameter for this path",
                              self->query.items[i].name);
    return OK;
}

static fault_t set_query (request_t *self, void *ask)
{
    for (size_t i = 0; i < self->query.count; i++) {
        const uri_pair_t *pair = &self->query.items[i];
        if (!message_field (self->route->ask, pair->name))
            continue;
        fault_t fault = message_set (self->route->ask, &self->turn, pair->name, pair->value, ask);
        if (fault != OK)
            return fault;
    }
    return OK;
}

// Tools of GitHub's know a run by its github.run_id, a whole number, which stands for the id in every path.
static fault_t run_of (request_t *self, const uri_pair_t *pair, const char **value)
{
    run_find_t ask;
    done_t found = {0};
    *value = pair->value;
    if (strcmp (pair->name, "run") != 0 || !http_number (pair->value, strlen (pair->value), &ask.number))
        return OK;
    TRY (gateway_call (self, MESSAGE (run_find), &ask, &found, 0));
    *value = found.id;
    return OK;
}

static fault_t set_path (request_t *self, void *ask)
{
    for (size_t i = 0; i < self->path.count; i++) {
        const uri_pair_t *pair = &self->path.items[i];
        const char *value;
        if (!message_field (self->route->ask, pair->name))
            continue;
        TRY (run_of (self, pair, &value));
        TRY (message_set (self->route->ask, &self->turn, pair->name, value, ask));
    }
    return OK;
}

fault_t request_fields (request_t *self, void *ask)
{
    fault_t fault = set_query (self, ask);
    if (fault == OK)
        fault = set_path (self, ask);
    return fault == OK ? message_check (self->route->ask, &self->turn, ask) : fault;
}

fault_t request_ask (request_t *self, void *ask)
{
    if (self->body_size) {
        if (!utf8_valid (self->body, self->body_size))
            return turn_fail (&self->turn, BAD_INPUT, "the body is not UTF-8");
        fault_t fault = message_read (self->route->ask, &self->turn, self->body, self->body_size, ask);
        if (fault != OK)
            return fault;
    }
    return request_fields (self, ask);
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
