/* trial_routes.c - the bytes of trials: bundles of commits, part by part in, and to their jobs as one. */

#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/transfer.h"

fault_t trial_part (request_t *self)
{
    trial_put_t ask = {0};
    TRY (request_fields (self, &ask));
    ask.data = (bytes_t){self->body, self->body_size};
    TRY (gateway_call (self, MESSAGE (trial_put), &ask, &(done_t){0}, 0));
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

static fault_t read_window (request_t *self, arena_t *window, void *source, int64_t offset, uint32_t want,
                            bytes_t *out)
{
    const trial_read_t ask = {.job = source, .offset = offset, .size = want};
    trial_bytes_t answer;
    fault_t fault = gateway_call_in (self, window, MESSAGE (trial_read), &ask, &answer, 0);
    *out = answer.data;
    return fault;
}

fault_t trial_bundle (request_t *self)
{
    trial_read_t ask = {0};
    trial_bytes_t found = {.size = 0};
    TRY (request_fields (self, &ask));
    ask.size = 0;
    TRY (gateway_call (self, MESSAGE (trial_read), &ask, &found, 0));
    const transfer_t transfer = {
        .read = read_window, .source = (char *) (uintptr_t) ask.job, .size = found.size, .type = BYTES_TYPE};
    return transfer_send (self, &transfer);
}
