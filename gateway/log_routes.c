/* log_routes.c - a job's log: received in chunks, sent whole, as a window, or as JSON.
 *
 * Plain text is byte-identical to what the job printed; only JSON, which cannot hold every byte, replaces what is not UTF-8. */

#include "common/base/clock.h"
#include "common/base/json.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/text.h"
#include "gateway/transfer.h"

#include <inttypes.h>
#include <string.h>

// ---- in ----

// The sender must know where to continue: at the collector's offset.
static fault_t rewind_sender (request_t *self, const log_append_t *ask)
{
    log_show_t show = {.job = ask->job, .attempt = ask->attempt};
    log_info_t info = {0};
    fault_t fault = gateway_call (self, MESSAGE (log_show), &show, &info, 0);
    if (fault != OK && fault != NOT_FOUND)
        return fault;
    log_offset_t offset = {.offset = info.size, .sealed = info.sealed};
    reply_header (self, "Content-Range", "bytes */%" PRId64, offset.offset);
    reply_header (self, "Log-Offset", "%" PRId64, offset.offset);
    return reply_message (self, 416, MESSAGE (log_offset), &offset, false);
}

static fault_t fill_append (request_t *self, log_append_t *ask)
{
    int64_t first = 0, last = 0, step = 0;
    const char *step_text = http_head_get (self->info, "Log-Step");
    if (!header_content_range (http_head_get (self->info, "Content-Range"), &first, &last))
        return turn_fail (&self->turn, BAD_INPUT, "Content-Range must be: bytes FIRST-LAST/*");
    if (last - first + 1 != (int64_t) self->body_size)
        return turn_fail (&self->turn, BAD_INPUT, "Content-Range names %" PRId64 " bytes, the body has %zu",
                          last - first + 1, self->body_size);
    const char *time_text = http_head_get (self->info, "Log-Time");
    int64_t at = 0;
    if (time_text && clock_parse (time_text, &at) != OK)
        return turn_fail (&self->turn, BAD_INPUT, "Log-Time must be a time as in RFC 3339");
    if (step_text && (!http_number (step_text, strlen (step_text), &step) || step > 10000))
        return turn_fail (&self->turn, BAD_INPUT, "Log-Step must be a number from 0 to 10000");
    *ask = (log_append_t){.job = pairs_get (&self->path, "job"),
                          .attempt = self->turn.caller.attempt,
                          .offset = first,
                          .step = (uint32_t) step,
                          .at = at,
                          .data = {self->body, self->body_size}};
    return OK;
}

fault_t log_put (request_t *self)
{
    log_append_t ask;
    log_offset_t answer = {0};
    fault_t fault = fill_append (self, &ask);
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (log_append), &ask, &answer, 0);
    if (fault == BAD_RANGE)
        return rewind_sender (self, &ask);
    if (fault != OK)
        return fault;
    reply_header (self, "Log-Offset", "%" PRId64, answer.offset);
    return reply_message (self, self->route->status, MESSAGE (log_offset), &answer, false);
}

// ---- out ----

typedef struct {
    const char *job;
    uint32_t attempt;
    int64_t base; // Of what is sent, in the whole log
} source_t;

static fault_t read_window (request_t *self, arena_t *window, void *data, int64_t offset, uint32_t want,
                            bytes_t *out)
{
    const source_t *source = data;
    (void) want; // A log returns what fits; the rest is cut off
    log_read_t ask = {.job = source->job, .attempt = source->attempt, .offset = source->base + offset};
    log_window_t answer;
    fault_t fault = gateway_call_in (self, window, MESSAGE (log_read), &ask, &answer, 0);
    *out = answer.data;
    return fault;
}

typedef struct {
    int64_t offset, size, line, lines;
} step_range_t;

// What one step wrote; all of the log for step 0.
static fault_t find_step_range (request_t *self, const log_info_t *info, uint32_t step, step_range_t *out)
{
    *out = (step_range_t){.size = info->size, .line = 1, .lines = info->lines};
    if (step == 0)
        return OK;
    for (size_t i = 0; i < info->steps.count; i++) {
        const log_step_t *found = &info->steps.items[i];
        if (found->step != step)
            continue;
        int64_t end = i + 1 < info->steps.count ? found[1].offset : info->size;
        *out = (step_range_t){found->offset, end - found->offset, found->first_line, found->lines};
        return OK;
    }
    return turn_fail (&self->turn, NOT_FOUND, "step %u has written nothing", step);
}

// All of the log, or of one step's part of it.
static fault_t send_whole (request_t *self, const log_read_t *read)
{
    log_show_t ask = {.job = read->job, .attempt = read->attempt};
    log_info_t info = {0};
    step_range_t range;
    fault_t fault = gateway_call (self, MESSAGE (log_show), &ask, &info, 0);
    if (fault == OK)
        fault = find_step_range (self, &info, read->step, &range);
    if (fault != OK)
        return fault;
    reply_header (self, "Log-Attempt", "%u", info.attempt);
    reply_header (self, "Log-Line", "%" PRId64, range.line);
    reply_header (self, "Log-Next-Line", "%" PRId64, range.line + range.lines);
    reply_header (self, "Log-Size", "%" PRId64, info.size);
    reply_header (self, "Log-Complete", "%s", info.sealed ? "true" : "false");
    bool known = info.sealed && !read->step && info.sha256 && header_id_valid (info.sha256);
    source_t source = {.job = read->job, .attempt = info.attempt, .base = range.offset};
    transfer_t transfer = {.read = read_window,
                           .source = &source,
                           .size = range.size,
                           .type = "text/plain; charset=utf-8",
                           .etag = known ? arena_printf (self->turn.arena, "\"%s\"", info.sha256) : NULL};
    return transfer_send (self, &transfer);
}

static void send_window (request_t *self, const log_window_t *window)
{
    reply_header (self, "Log-Attempt", "%u", window->attempt);
    reply_header (self, "Log-Line", "%" PRId64, window->line);
    reply_header (self, "Log-Next-Line", "%" PRId64, window->next_line);
    reply_header (self, "Log-Offset", "%" PRId64, window->offset);
    reply_header (self, "Log-Next-Offset", "%" PRId64, window->next_offset);
    reply_header (self, "Log-Step", "%u", window->step);
    reply_header (self, "Log-Size", "%" PRId64, window->size);
    reply_header (self, "Log-Complete", "%s", window->complete ? "true" : "false");
    reply_bytes (self, 200, "text/plain; charset=utf-8", window->data.data, window->data.size);
}

// A character that the window's end cuts in two comes whole with the next window.
static fault_t send_json (request_t *self, const log_window_t *window)
{
    size_t whole = text_whole (window->data.data, window->data.size);
    if (whole == 0 || window->complete)
        whole = window->data.size;
    buffer_t *body = buffer_new (REPLY_MAX);
    buffer_printf (body,
                   "{\"attempt\":%u,\"line\":%" PRId64 ",\"offset\":%" PRId64 ",\"next_line\":%" PRId64
                   ",\"next_offset\":%" PRId64 ",\"step\":%u,\"complete\":%s,\"size\":%" PRId64
                   ",\"lines\":%" PRId64 ",\"data\":",
                   window->attempt, window->line, window->offset, window->next_line,
                   window->next_offset - (int64_t) (window->data.size - whole), window->step,
                   window->complete ? "true" : "false", window->size, window->lines);
    json_put (body, window->data.data, whole);
    buffer_puts (body, "}\n");
    bool full = buffer_full (body);
    if (!full)
        reply_bytes (self, 200, JSON_TYPE, buffer_text (body), buffer_size (body));
    buffer_destroy (&body);
    return full ? turn_fail (&self->turn, TOO_LARGE, "ask for fewer lines") : OK;
}

static bool wants_json (const request_t *self, const char *format)
{
    return format ? strcmp (format, "json") == 0 : http_head_has (self->info, "Accept", JSON_TYPE);
}

fault_t log_text (request_t *self)
{
    log_read_t ask = {0};
    log_window_t window = {0};
    const char *format = pairs_get (&self->query, "format");
    if (format && strcmp (format, "json") != 0 && strcmp (format, "text") != 0)
        return turn_fail (&self->turn, BAD_INPUT, "format: must be json or text");
    fault_t fault = request_fields (self, &ask);
    if (fault != OK)
        return fault;
    bool json = wants_json (self, format);
    bool part = ask.line || ask.offset || ask.lines || ask.wait;
    if (!part && !json)
        return send_whole (self, &ask);
    if (ask.wait)
        fault = request_stay (self, SLOT_LOG);
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (log_read), &ask, &window, ask.wait);
    if (fault != OK)
        return fault;
    if (json)
        return send_json (self, &window);
    send_window (self, &window);
    return OK;
}
