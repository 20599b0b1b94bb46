/* log_stream.c - /jobs/{job}/log/stream: a log from line 1, or from where its client was, and then as it grows.
 *
 * The id of an event is "ATTEMPT:OFFSET": an offset alone would silently skip bytes of another attempt. A client that sends an
 * offset without an attempt, or of another attempt than it requests, starts anew with `event: reset`. A stream of an
 * attempt stays with it, `step` stays within that step. The log collector knows no jobs: when nothing arrives the scheduler says whether
 * anything still can, so that the stream of a job without a log ends as well. */

#include "common/base/json.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/stream.h"
#include "gateway/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SILENCES \
    2 // Waits without a byte, after the end of the attempt, before a log that is not sealed is abandoned

typedef struct {
    request_t *request;
    arena_t *arena; // Of one window
    const char *job;
    uint32_t attempt; // 0 until it is known
    uint32_t step;    // 0 for all
    bool reset;       // The client's position was unusable
    int silences;
    char tail
        [TEXT_TAIL]; // A character that ends in the next window waits here, so that JSON never sees half of it
    size_t tail_size;
} follower_t;

// ---- where it begins ----

static bool read_position (const char *seen, uint32_t *attempt, int64_t *offset)
{
    const char *colon = strchr (seen, ':');
    int64_t number = 0;
    if (colon && (!http_number (seen, (size_t) (colon - seen), &number) || number > UINT32_MAX))
        return false;
    *attempt = (uint32_t) number;
    seen = colon ? colon + 1 : seen;
    return http_number (seen, strlen (seen), offset);
}

// From what the client has seen, if that says where; else from what the query says; else from line 1.
static fault_t choose_begin (follower_t *self, log_read_t *ask)
{
    const char *seen = stream_seen (self->request);
    uint32_t attempt = 0;
    int64_t offset = 0;
    if (seen && !read_position (seen, &attempt, &offset))
        return turn_fail (&self->request->turn, BAD_INPUT, "Last-Event-ID must be ATTEMPT:OFFSET");
    if (seen && attempt == 0)
        attempt = ask->attempt; // As older servers wrote it
    self->reset = seen && (attempt == 0 || (ask->attempt && ask->attempt != attempt));
    if (seen && !self->reset) {
        ask->attempt = attempt;
        ask->offset = offset;
        ask->line = 0;
    } else if (seen || !(ask->line || ask->offset || ask->step)) {
        ask->offset = 0;
        ask->line = ask->step ? 0 : 1;
    }
    ask->lines = ask->wait = 0;
    return OK;
}

// ---- what is sent ----

static bool send_lines (follower_t *self, const log_window_t *window, const char *data, size_t size,
                        int64_t offset)
{
    buffer_t *text = buffer_new (REPLY_MAX);
    buffer_printf (text,
                   "id: %u:%" PRId64 "\nevent: log\ndata: {\"attempt\":%u,\"line\":%" PRId64
                   ",\"offset\":%" PRId64 ",\"step\":%u,\"text\":",
                   window->attempt, offset + (int64_t) size, window->attempt, window->line, offset,
                   window->step);
    json_put (text, data, size);
    buffer_puts (text, "}\n\n");
    return stream_send (self->request, &text);
}

static bool send_window (follower_t *self, const log_window_t *window)
{
    size_t size = self->tail_size + window->data.size;
    char *data = arena_alloc (self->arena, size + 1);
    memcpy (data, self->tail, self->tail_size);
    if (window->data.size)
        memcpy (data + self->tail_size, window->data.data, window->data.size);
    size_t whole = window->complete ? size : text_whole (data, size);
    int64_t offset = window->offset - (int64_t) self->tail_size;
    self->tail_size = size - whole;
    memcpy (self->tail, data + whole, self->tail_size);
    return whole == 0 ? stream_ping (self->request, NULL) : send_lines (self, window, data, whole, offset);
}

static void send_end (follower_t *self, const log_window_t *window)
{
    buffer_t *text = buffer_new (REPLY_MAX);
    buffer_printf (text,
                   "id: %u:%" PRId64 "\nevent: end\ndata: {\"attempt\":%u,\"size\":%" PRId64
                   ",\"lines\":%" PRId64 ",\"complete\":%s}\n\n",
                   self->attempt, window->next_offset, self->attempt, window->size, window->lines,
                   window->complete || window->size == 0 ? "true" : "false");
    bool sent = stream_send (self->request, &text);
    (void) sent; // It was the last
}

static bool begin (follower_t *self)
{
    static const char reset[] = "event: reset\ndata: {}\n\n";
    return stream_begin (self->request) &&
           (!self->reset || reply_more (self->request, reset, sizeof (reset) - 1));
}

// ---- does anything still come? ----

// Is the attempt over, or will there never be one?
static fault_t ask_whether_over (follower_t *self, bool *over)
{
    const job_show_t ask = {.job = self->job};
    job_t job;
    fault_t fault = gateway_call_in (self->request, self->arena, MESSAGE (job_show), &ask, &job, 0);
    *over = fault == OK && (job.state == job_finished || (self->attempt && self->attempt < job.attempt));
    if (*over && !self->attempt)
        self->attempt = job.attempt;
    return fault;
}

// Checked when nothing arrives. A log that has begun is sealed at the end of its attempt: if not, something failed, which is
// waited for a little; without a byte there is nothing to wait for.
static fault_t look_whether_over (follower_t *self, const log_window_t *window, bool *over)
{
    fault_t fault = ask_whether_over (self, over);
    if (fault != OK || !*over || window->size == 0)
        return fault;
    *over = ++self->silences > SILENCES;
    return OK;
}

static fault_t go_on (follower_t *self, log_window_t *window)
{
    for (bool over = false;;) {
        if (window->attempt)
            self->attempt = window->attempt;
        bool empty = window->data.size == 0 && !window->complete;
        if (window->data.size)
            self->silences = 0;
        if (!request_still (self->request) || !send_window (self, window))
            return OK;
        fault_t fault = empty ? look_whether_over (self, window, &over) : OK;
        if (fault != OK)
            return fault;
        if (window->complete || over) {
            send_end (self, window);
            return OK;
        }
        const log_read_t ask = {.job = self->job,
                                .attempt = self->attempt,
                                .offset = window->next_offset,
                                .step = self->step,
                                .wait = STREAM_WAIT};
        fault = gateway_call_in (self->request, self->arena, MESSAGE (log_read), &ask, window, STREAM_WAIT);
        if (fault != OK)
            return fault;
    }
}

static fault_t follow (follower_t *self, const log_read_t *ask)
{
    log_window_t window;
    bool over;
    fault_t fault = gateway_call_in (self->request, self->arena, MESSAGE (log_read), ask, &window, 0);
    if (fault == OK && window.size == 0 && !window.complete)
        fault = ask_whether_over (self, &over); // 404 for a job that is not
    if (fault != OK || !begin (self))
        return fault;
    return go_on (self, &window);
}

fault_t log_follow (request_t *request)
{
    log_read_t ask = {0};
    follower_t self = {.request = request};
    fault_t fault = request_fields (request, &ask);
    if (fault == OK)
        fault = choose_begin (&self, &ask);
    if (fault == OK)
        fault = request_stay (request, SLOT_LOG);
    if (fault != OK)
        return fault;
    self.job = ask.job;
    self.attempt = ask.attempt;
    self.step = ask.step;
    self.arena = arena_new ();
    fault = follow (&self, &ask);
    arena_destroy (&self.arena);
    return fault;
}
