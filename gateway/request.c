/* request.c - from bytes to an ask: the body, and the fields by name. */

#include "gateway/request.h"

#include "common/clock.h"
#include "common/utf8.h"
#include "gateway/inside.h"

#include <string.h>

// ---- the body ----

static fault_t early_end (request_t *self)
{
    return turn_fail (&self->turn, BAD_INPUT, "the body ended, or did not come in time, before it was whole");
}

static fault_t read_known (request_t *self, size_t size)
{
    char *body = arena_alloc (self->turn.arena, size + 1);
    size_t have = 0;
    while (have < size) {
        size_t want = size - have < REQUEST_READ ? size - have : REQUEST_READ;
        int got = mg_read (self->conn, body + have, want);
        if (got <= 0)
            return early_end (self);
        have += (size_t) got;
    }
    self->body = body;
    self->body_size = size;
    return OK;
}

static fault_t read_chunks (request_t *self)
{
    size_t capacity = 0, have = 0;
    char *body = NULL;
    for (;;) {
        if (have + 1 >= capacity) { // Doubles; the old halves live until the request ends
            size_t more = capacity ? capacity * 2 : REQUEST_READ / 8;
            char *larger = arena_alloc (self->turn.arena, more);
            if (have)
                memcpy (larger, body, have);
            body = larger;
            capacity = more;
        }
        size_t room = capacity - have - 1,
               most = self->route->limit + 1 - have; // mg_read waits for all it is asked
        int got = mg_read (self->conn, body + have, room < most ? room : most);
        if (got < 0)
            return early_end (self);
        if (got == 0)
            break;
        have += (size_t) got;
        if (have > self->route->limit)
            return turn_fail (&self->turn, TOO_LARGE, "the body has more than %u bytes", self->route->limit);
    }
    body[have] = '\0';
    self->body = body;
    self->body_size = have;
    return OK;
}

fault_t request_body (request_t *self)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    int64_t size = header_length (self->info);
    self->body = "";
    if (size == 0)
        return OK;
    if (self->route->limit == 0)
        return turn_fail (&self->turn, TOO_LARGE, "this takes no body");
    if (size > self->route->limit)
        return turn_fail (&self->turn, TOO_LARGE, "the body has %lld bytes, at most %u are taken",
                          (long long) size, self->route->limit);
    if (header_get (self->info, "Expect") && strcmp (self->info->http_version, "1.1") == 0)
        mg_write (self->conn, go_on, sizeof (go_on) - 1);
    return size < 0 ? read_chunks (self) : read_known (self, (size_t) size);
}

// ---- the ask ----

static bool may_be_asked (const request_t *self, const char *name)
{
    const field_t *field = message_field (self->route->ask, name);
    if (!field)
        return self->route->handler->extra && strcmp (name, self->route->handler->extra) == 0;
    return field->kind != KIND_JSON && field->kind != KIND_LIST && field->kind != KIND_BYTES &&
           !pairs_get (&self->path, name);
}

fault_t request_query_known (request_t *self)
{
    for (size_t i = 0; i < self->query.count; i++)
        if (!may_be_asked (self, self->query.items[i].name))
            return turn_fail (&self->turn, BAD_INPUT, "%.100s: this path has no such query parameter",
                              self->query.items[i].name);
    return OK;
}

static fault_t set_query (request_t *self, void *ask)
{
    for (size_t i = 0; i < self->query.count; i++) {
        const pair_t *pair = &self->query.items[i];
        if (!message_field (self->route->ask, pair->name))
            continue;
        fault_t fault = message_set (self->route->ask, &self->turn, pair->name, pair->value, ask);
        if (fault != OK)
            return fault;
    }
    return OK;
}

static fault_t set_path (request_t *self, void *ask)
{
    fault_t fault = OK;
    for (size_t i = 0; fault == OK && i < self->path.count; i++)
        if (message_field (self->route->ask, self->path.items[i].name))
            fault = message_set (self->route->ask, &self->turn, self->path.items[i].name,
                                 self->path.items[i].value, ask);
    return fault;
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

// ---- places ----

fault_t request_stay (request_t *self)
{
    if (self->streaming)
        return OK;
    if (!gateway_take_place (self->gateway))
        return turn_fail (&self->turn, OVERLOADED, "all %u places for streams are taken",
                          gateway_config (self->gateway)->streams);
    self->streaming = true;
    flights_stay (gateway_flights (self->gateway), &self->flight);
    return OK;
}
