/* shell_routes.c - bytes of a shell in a held job, as they are: in the body, with the rest in the query and in headers. */

#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"

#include <inttypes.h>

fault_t hold_wait (request_t *self)
{
    hold_show_t ask = {0};
    held_job_t hold = {0};
    TRY (request_fields (self, &ask));
    if (ask.wait)
        TRY (request_stay (self, SLOT_PARKED));
    TRY (gateway_call (self, MESSAGE (hold_show), &ask, &hold, ask.wait));
    return reply_message (self, self->route->status, MESSAGE (held_job), &hold, false);
}

fault_t shell_get (request_t *self)
{
    shell_read_t ask = {0};
    shell_bytes_t answer = {0};
    TRY (request_fields (self, &ask));
    if (ask.wait)
        TRY (request_stay (self, SLOT_PARKED));
    TRY (gateway_call (self, MESSAGE (shell_read), &ask, &answer, ask.wait));
    reply_header (self, "Shell-Next", "%" PRId64, answer.next);
    reply_header (self, "Shell-Window", "%ux%u", answer.columns, answer.rows);
    if (answer.ended)
        reply_header (self, "Shell-Ended", "%u", answer.exit_status);
    if (answer.ended && answer.reason && *answer.reason)
        reply_header (self, "Shell-Reason", "%s", answer.reason);
    reply_bytes (self, self->route->status, BYTES_TYPE, answer.data.data, answer.data.size);
    return OK;
}

fault_t shell_put (request_t *self)
{
    shell_write_t ask = {.data = {self->body, self->body_size}};
    done_t done = {0};
    TRY (request_fields (self, &ask));
    TRY (gateway_call (self, MESSAGE (shell_write), &ask, &done, 0));
    return reply_message (self, self->route->status, MESSAGE (done), &done, false);
}
