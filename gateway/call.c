/* call.c - see call.h. */

#include "gateway/call.h"

#include "gateway/audit.h"
#include "gateway/inside.h"

#include <string.h>

void *gateway_answer (request_t *request, const message_t *ask_message)
{
    return arena_alloc (request->turn.arena, call_of (ask_message)->answer->size);
}

// Internal errors of a service are for its operator: a client gets the request id, by which the log has the details.
static fault_t hide_inside (request_t *request, fault_t fault)
{
    if (fault == BROKEN) {
        request->inside = request->turn.detail;
        request->turn.detail = NULL;
    }
    return fault;
}

static fault_t call (request_t *request, const message_t *ask_message, const void *ask, void *answer,
                     int64_t timeout_us)
{
    gateway_t *self = request->gateway;
    request->turn.detail = NULL;
    request->turn.now_us = gateway_now_us (self);
    request->turn.deadline_us = request->turn.now_us + timeout_us;
    request->turn.audit = audit_of_call (request, ask_message, ask);
    fault_t fault = bus_client_call (gateway_client (self), &request->turn, ask_message->number, ask, answer);
    request->turn.audit = NULL; // Once: other calls of this request are not what was asked for
    return hide_inside (request, fault);
}

fault_t gateway_call_within (request_t *request, const message_t *ask_message, const void *ask, void *answer,
                             uint32_t ms)
{
    return call (request, ask_message, ask, answer, MILLISECONDS (ms));
}

fault_t gateway_call (request_t *request, const message_t *ask_message, const void *ask, void *answer,
                      uint32_t wait_seconds)
{
    int64_t timeout_us = MILLISECONDS (gateway_config (request->gateway)->deadline_ms);
    // The bus sends a request with more time than its own deadline only once
    if (wait_seconds && timeout_us < MILLISECONDS (BUS_DEADLINE_MS))
        timeout_us = MILLISECONDS (BUS_DEADLINE_MS);
    return call (request, ask_message, ask, answer, timeout_us + SECONDS (wait_seconds));
}

fault_t gateway_call_in (request_t *request, arena_t *window, const message_t *ask_message, const void *ask,
                         void *answer, uint32_t wait_seconds)
{
    arena_t *whole = request->turn.arena;
    arena_reset (window);
    memset (answer, 0, call_of (ask_message)->answer->size);
    request->turn.arena = window;
    fault_t fault = gateway_call (request, ask_message, ask, answer, wait_seconds);
    request->turn.arena = whole;
    request->turn.detail = arena_strdup (whole, fault == OK ? NULL : request->turn.detail);
    return fault;
}
