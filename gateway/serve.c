/* serve.c - one request from its head to its answer: match, authorize, read, handle, measure. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "gateway/ask.h"
#include "gateway/audit.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "gateway/pages.h"
#include "gateway/reply.h"

#include <stdio.h>
#include <string.h>

#define WRITE_SECONDS 60 // Time for a client to read an answer that is not a stream

static bool begins (const char *text, const char *with)
{
    return strncmp (text, with, strlen (with)) == 0;
}

static bool ends (const char *text, const char *with)
{
    size_t size = strlen (text), most = strlen (with);
    return size >= most && strcmp (text + size - most, with) == 0;
}

// By the path alone, before authentication: a forged path gains a place in a queue, and a refusal. Requests of agents and jobs
// go first, because leases and running jobs depend on them.
http_lane_t gateway_lane (const http_head_t *head)
{
    const char *path = head->path + (begins (head->path, "/api/v1/") ? strlen ("/api/v1") : 0);
    if (strcmp (path, "/healthz") == 0 || strcmp (path, "/readyz") == 0)
        return LANE_URGENT;
    bool first = begins (path, "/agents/") || strcmp (path, "/register") == 0 || ends (path, "/status") ||
                 strcmp (head->method, "PATCH") == 0 || strcmp (head->method, "PUT") == 0;
    return first ? LANE_FIRST : LANE_OTHERS;
}

static void open_request (request_t *self, gateway_t *gateway, http_conn_t *conn, const http_head_t *head,
                          int64_t began_us)
{
    self->conn = conn;
    self->info = head;
    self->gateway = gateway;
    self->credential = "";
    turn_init (&self->turn, arena_new (), NULL, gateway_now_us (gateway));
    self->turn.caller = (caller_t){.role = ROLE_NOBODY, .subject = ""};
    const char *id = http_head_get (head, "X-Request-Id");
    self->turn.request_id =
        id && header_id_valid (id) ? id : id_new (self->turn.arena, 'q', self->turn.now_us);
    self->head = strcmp (head->method, "HEAD") == 0;
    self->until_us = began_us + SECONDS (gateway_config (gateway)->body_seconds);
}

// Everything up to the handler. Until the body was read, unread bytes would be parsed as the next request: close.
static fault_t prepare (request_t *self)
{
    segments_t path;
    const char *allow = NULL;
    self->unread = http_head_length (self->info) != 0;
    self->keep = http_head_keeps (self->info) && !self->unread;
    fault_t fault = uri_path (&self->turn, self->info->path, &path);
    if (fault == OK)
        fault = uri_query (&self->turn, self->info->query, &self->query);
    if (fault == OK)
        fault = route_match (&self->turn, self->info->method, &path, &self->route, &self->path, &allow);
    if ((fault == OK || fault == NOT_FOUND) && pages_serve (gateway_pages (self->gateway), self))
        return OK;
    if (allow && fault == NO_METHOD)
        reply_header (self, "Allow", "%s", allow);
    if (fault == OK)
        fault = request_authorize (self);
    if (fault == OK)
        fault = request_query_known (self);
    if (fault == OK && !(self->route->handler->flags & STREAMS))
        fault = request_body (self, self->route->limit);
    return fault;
}

static void account (request_t *self, fault_t fault, int64_t took_us)
{
    char status[16], took[24];
    measure_request (self->route, self->status, took_us);
    snprintf (status, sizeof (status), "%d", self->status);
    snprintf (took, sizeof (took), "%lld", (long long) took_us);
    log_debug ("request", "request", self->turn.request_id, "method", self->info->method, "path",
               self->info->path, "status", status, "us", took, "caller", self->turn.caller.subject, NULL);
    const char *reason = self->inside ? self->inside : self->turn.detail;
    if (fault == BROKEN)
        log_error ("request failed", "request", self->turn.request_id, "path", self->info->path, "reason",
                   reason ? reason : "", NULL);
}

// Who is not signed in sees what everybody may; whether there is something else at this address is not said before.
static fault_t ask_to_sign_in (request_t *self, fault_t fault)
{
    bool anonymous = self->route && (self->route->roles & PUBLICLY) && self->turn.caller.role == ROLE_NOBODY;
    return anonymous && (fault == NOT_FOUND || fault == FORBIDDEN)
               ? turn_fail (&self->turn, UNAUTHORIZED, "this needs a token: Authorization: Bearer TOKEN")
               : fault;
}

http_after_t gateway_serve (void *gateway, http_conn_t *conn, const http_head_t *head)
{
    request_t request = {0};
    int64_t began_us = clock_monotonic_us ();
    open_request (&request, gateway, conn, head, began_us);
    fault_t fault = prepare (&request);
    request.until_us = clock_monotonic_us () + MILLISECONDS (gateway_config (gateway)->deadline_ms) +
                       SECONDS (WRITE_SECONDS);
    if (fault == OK && request.status == 0) // A page has been sent already
        fault = ask_to_sign_in (&request, request.route->handler->handle (&request));
    if (fault != OK && request.status == 0)
        reply_problem (&request, fault);
    else if (fault != OK)
        reply_break (&request);
    audit_end (&request, fault);
    account (&request, fault, clock_monotonic_us () - began_us);
    http_after_t after = request.keep ? HTTP_KEEP : request.unread ? HTTP_DRAIN : HTTP_CLOSE;
    request_leave (&request);
    arena_destroy (&request.turn.arena);
    return after;
}
