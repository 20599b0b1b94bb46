/* audit_routes.c - the audit as lines of JSON, an entry each, for programs that keep it elsewhere.
 *
 * It ends with the connection. What could not be completed ends with a line {"error": ...}: continue after the last `number`. */

#include "common/base/clock.h"
#include "common/base/json.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/stream.h"

#include <string.h>

#define LINES_MAX (8 << 20) // Bytes of the lines of one answer of identity

static bool send_lines (request_t *self, const audit_entries_t *entries)
{
    buffer_t *text = buffer_new (LINES_MAX);
    for (size_t i = 0; i < entries->items.count; i++) {
        message_print (MESSAGE (audit_entry), &entries->items.items[i], text);
        buffer_putc (text, '\n');
    }
    if (entries->items.count == 0)
        buffer_putc (text, '\n'); // Only a write shows that the client has gone
    return stream_send (self, &text);
}

static void send_error (request_t *self, fault_t fault)
{
    const char *detail = self->turn.detail ? self->turn.detail : fault_text (fault);
    buffer_t *text = buffer_new (LINES_MAX);
    buffer_puts (text, "{\"error\":");
    json_put (text, detail, strlen (detail));
    buffer_puts (text, "}\n");
    if (!stream_send (self, &text))
        reply_break (self);
}

// From the first answer on, which was taken before the head was sent.
static void send_all (request_t *self, arena_t *window, audit_read_t *ask, audit_entries_t *entries,
                      bool follow)
{
    fault_t fault = OK;
    bool more = entries->items.count > 0 || follow;
    while (more && fault == OK && !gateway_stopping (self->gateway)) {
        if ((follow && !request_still (self)) || !send_lines (self, entries))
            return;
        ask->after = entries->cursor;
        ask->wait = follow ? STREAM_WAIT : 0;
        fault = gateway_call_in (self, window, MESSAGE (audit_read), ask, entries, ask->wait);
        more = follow || (fault == OK && entries->items.count > 0);
    }
    if (fault != OK)
        send_error (self, fault);
}

fault_t audit_lines (request_t *self)
{
    audit_read_t ask = {0};
    audit_entries_t entries = {0};
    const char *follow = pairs_get (&self->query, "follow");
    if (follow && strcmp (follow, "true") != 0 && strcmp (follow, "false") != 0)
        return turn_fail (&self->turn, BAD_INPUT, "follow: must be true or false");
    TRY (request_fields (self, &ask));
    TRY (request_stay (self, SLOT_EVENTS));
    ask.wait = 0;
    arena_t *window = arena_new ();
    fault_t fault = gateway_call_in (self, window, MESSAGE (audit_read), &ask, &entries, 0);
    reply_header (self, "X-Accel-Buffering", "no");
    if (fault == OK && reply_begin (self, 200, LINES_TYPE, REPLY_CLOSE))
        send_all (self, window, &ask, &entries, follow && strcmp (follow, "true") == 0);
    arena_destroy (&window);
    return fault;
}
