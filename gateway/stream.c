/* stream.c - server-sent events: what changes (/events), and a log as it grows (/jobs/{job}/log/stream).
 *
 * Each is a loop over a call that waits in the service until there is news or STREAM_WAIT has passed; then a comment goes out,
 * because only a write tells that the client has gone. The id of an event is the cursor to go on from (Last-Event-ID).
 * Source: the HTML standard, server-sent events. */

#include "common/json.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/text.h"

#include <inttypes.h>
#include <string.h>

#define STREAM_WAIT 10 // Seconds without news until a comment is sent

static bool start_stream (request_t *self)
{
    static const char hello[] = "retry: 1000\n\n";
    reply_header (self, "X-Accel-Buffering", "no"); // Proxies must not hold it back
    return reply_begin (self, 200, SSE_TYPE, REPLY_CLOSE) && reply_more (self, hello, sizeof (hello) - 1);
}

// Takes the text: a stream that waits holds no memory for what it has said.
static bool send_text (request_t *self, buffer_t **text_p)
{
    bool sent = !buffer_full (*text_p) && reply_more (self, buffer_text (*text_p), buffer_size (*text_p));
    buffer_destroy (text_p);
    return sent;
}

static bool ping (request_t *self)
{
    return reply_more (self, ": ping\n\n", 8);
}

// What the client has seen last; false where it says nothing. Anything but a number is refused.
static fault_t last_seen (request_t *self, int64_t *seen, bool *said)
{
    const char *id = header_get (self->info, "Last-Event-ID");
    *said = id && *id;
    if (*said && !header_number (id, strlen (id), seen))
        return turn_fail (&self->turn, BAD_INPUT, "Last-Event-ID must be a number");
    return OK;
}

// ---- events ----

static void print_event (const event_t *event, buffer_t *into)
{
    buffer_printf (into, "id: %" PRId64 "\nevent: ", event->id);
    for (const char *at = event->type; at && *at; at++)
        if ((unsigned char) *at >= 0x20)
            buffer_putc (into, *at);
    buffer_puts (into, "\ndata: ");
    message_print (MESSAGE (event), event, into);
    buffer_puts (into, "\n\n");
}

static bool send_events (request_t *self, const events_t *events)
{
    if (events->items.count == 0)
        return ping (self);
    buffer_t *text = buffer_new (REPLY_MAX);
    for (size_t i = 0; i < events->items.count; i++)
        print_event (&events->items.items[i], text);
    return send_text (self, &text);
}

static fault_t follow_events (request_t *self, events_read_t *ask, arena_t *window)
{
    events_t news;
    ask->wait = 0; // Where it begins is settled before the client sees the head
    fault_t fault = gateway_call_in (self, window, MESSAGE (events_read), ask, &news, 0);
    if (fault != OK || !start_stream (self))
        return fault;
    ask->wait = STREAM_WAIT;
    while (fault == OK && send_events (self, &news)) {
        ask->after = news.cursor;
        fault = gateway_call_in (self, window, MESSAGE (events_read), ask, &news, STREAM_WAIT);
    }
    return fault; // The client comes back with its cursor
}

fault_t events_follow (request_t *self)
{
    events_read_t ask = {.after = -1};
    int64_t seen = 0;
    bool said;
    fault_t fault = request_fields (self, &ask);
    if (fault == OK)
        fault = last_seen (self, &seen, &said);
    if (fault == OK)
        fault = request_stay (self);
    if (fault != OK)
        return fault;
    if (said)
        ask.after = seen;
    arena_t *window = arena_new ();
    fault = follow_events (self, &ask, window);
    arena_destroy (&window);
    return fault;
}

// ---- a log ----

// A character that ends in the next window waits here, so that JSON never sees half of it.
typedef struct {
    char bytes[TEXT_TAIL];
    size_t size;
} tail_t;

static bool send_lines (request_t *self, const log_window_t *news, const char *data, size_t size,
                        int64_t offset)
{
    buffer_t *text = buffer_new (REPLY_MAX);
    buffer_printf (text,
                   "id: %" PRId64 "\nevent: log\ndata: {\"attempt\":%u,\"line\":%" PRId64
                   ",\"offset\":%" PRId64 ",\"step\":%u,\"text\":",
                   offset + (int64_t) size, news->attempt, news->line, offset, news->step);
    json_put (text, data, size);
    buffer_puts (text, "}\n\n");
    return send_text (self, &text);
}

static bool send_window (request_t *self, arena_t *window, const log_window_t *news, tail_t *tail)
{
    size_t size = tail->size + news->data.size;
    char *data = arena_alloc (window, size + 1);
    memcpy (data, tail->bytes, tail->size);
    if (news->data.size)
        memcpy (data + tail->size, news->data.data, news->data.size);
    size_t whole = news->complete ? size : text_whole (data, size);
    int64_t offset = news->offset - (int64_t) tail->size;
    tail->size = size - whole;
    memcpy (tail->bytes, data + whole, tail->size);
    return whole == 0 ? ping (self) : send_lines (self, news, data, whole, offset);
}

static void send_end (request_t *self, const log_window_t *news)
{
    buffer_t *text = buffer_new (REPLY_MAX);
    buffer_printf (text,
                   "id: %" PRId64 "\nevent: end\ndata: {\"attempt\":%u,\"size\":%" PRId64
                   ",\"lines\":%" PRId64 "}\n\n",
                   news->next_offset, news->attempt, news->size, news->lines);
    (void) send_text (self, &text);
}

// The log collector knows no jobs: where it has no log yet, the scheduler says whether there will ever be one.
static fault_t job_is_there (request_t *self, arena_t *window, const char *id)
{
    job_show_t ask = {.job = id};
    job_t job;
    return gateway_call_in (self, window, MESSAGE (job_show), &ask, &job, 0);
}

static fault_t follow_log (request_t *self, log_read_t *ask, arena_t *window)
{
    log_window_t news;
    tail_t tail = {.size = 0};
    fault_t fault = gateway_call_in (self, window, MESSAGE (log_read), ask, &news, 0);
    if (fault == OK && news.size == 0 && !news.complete)
        fault = job_is_there (self, window, ask->job);
    if (fault != OK || !start_stream (self))
        return fault;
    while (fault == OK && send_window (self, window, &news, &tail)) {
        if (news.complete) {
            send_end (self, &news);
            break;
        }
        *ask = (log_read_t){.job = ask->job,
                            .attempt = news.attempt ? news.attempt : ask->attempt,
                            .offset = news.next_offset,
                            .wait = STREAM_WAIT};
        fault = gateway_call_in (self, window, MESSAGE (log_read), ask, &news, STREAM_WAIT);
    }
    return fault;
}

fault_t log_follow (request_t *self)
{
    log_read_t ask = {0};
    int64_t seen = 0;
    bool said;
    fault_t fault = request_fields (self, &ask);
    if (fault == OK)
        fault = last_seen (self, &seen, &said);
    if (fault == OK)
        fault = request_stay (self);
    if (fault != OK)
        return fault;
    if (said || !(ask.line || ask.offset || ask.step))
        ask = (log_read_t){.job = ask.job, .attempt = ask.attempt, .offset = seen, .line = said ? 0 : 1};
    ask.wait = 0;
    arena_t *window = arena_new ();
    fault = follow_log (self, &ask, window);
    arena_destroy (&window);
    return fault;
}
