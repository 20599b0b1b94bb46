/* summary_routes.c - a job's summaries: one comes in, all go out as one text, a line between them. */

#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/transfer.h"

#define SEPARATOR "\n" // After each: what a step wrote need not end with a line

fault_t summary_put (request_t *self)
{
    summary_put_t ask = {0};
    done_t answer = {0};
    fault_t fault = request_fields (self, &ask);
    ask.attempt = self->turn.caller.attempt;
    ask.data = (bytes_t){self->body, self->body_size};
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (summary_put), &ask, &answer, 0);
    if (fault == OK)
        reply_bytes (self, self->route->status, NULL, "", 0);
    return fault;
}

typedef struct {
    const char *job;
    summaries_t all;
} source_t;

static fault_t read_window (request_t *self, arena_t *window, void *data, int64_t offset, uint32_t want,
                            bytes_t *out)
{
    const source_t *source = data;
    (void) want;
    for (size_t i = 0; i < source->all.items.count; i++) {
        const summary_t *summary = &source->all.items.items[i];
        if (offset > summary->size) {
            offset -= summary->size + 1;
            continue;
        }
        *out = (bytes_t){SEPARATOR, 1};
        if (offset == summary->size)
            return OK;
        summary_read_t ask = {.job = source->job, .attempt = source->all.attempt, .step = summary->step};
        summary_text_t answer;
        fault_t fault = gateway_call_in (self, window, MESSAGE (summary_read), &ask, &answer, 0);
        if (!fault && (int64_t) answer.data.size < offset)
            fault = turn_fail (&self->turn, GONE, "the summary was replaced meanwhile");
        if (!fault)
            *out = (bytes_t){(const char *) answer.data.data + offset, answer.data.size - (size_t) offset};
        return fault;
    }
    *out = (bytes_t){NULL, 0};
    return OK;
}

// All of them, or that of one step.
fault_t summary_show (request_t *self)
{
    summary_read_t ask = {0};
    source_t source = {0};
    fault_t fault = request_fields (self, &ask);
    summary_list_t list = {.job = ask.job, .attempt = ask.attempt};
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (summary_list), &list, &source.all, 0);
    if (fault != OK)
        return fault;
    size_t kept = 0;
    int64_t size = 0;
    for (size_t i = 0; i < source.all.items.count; i++) {
        const summary_t *summary = &source.all.items.items[i];
        if (ask.step && summary->step != ask.step)
            continue;
        source.all.items.items[kept++] = *summary;
        size += summary->size + 1;
    }
    source.job = ask.job;
    source.all.items.count = kept;
    if (kept == 0)
        return turn_fail (&self->turn, NOT_FOUND, "job %s has no summary%s", ask.job,
                          ask.step ? " of that step" : "");
    transfer_t transfer = {
        .read = read_window, .source = &source, .size = size, .type = "text/markdown; charset=utf-8"};
    return transfer_send (self, &transfer);
}
