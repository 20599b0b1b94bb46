/* serve.c - one request from its head to its answer: check, match, authorize, read, handle, account.
 *
 * All happens in civetweb's begin_request, before it decodes, authorizes or serves anything by itself; nothing ever falls
 * through to its own handlers. */

#include "common/clock.h"
#include "common/id.h"
#include "common/log.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "gateway/reply.h"

#include <stdio.h>
#include <string.h>

#define DRAIN_MAX     (8 << 20) // Bytes of a refused body that are taken before we close
#define DRAIN_PIECE   (16 << 10)
#define WRITE_SECONDS 60 // A whole answer that is no stream must be taken in this time

static int64_t allowed_us (const request_t *self)
{
    const gateway_config_t *config = gateway_config (self->gateway);
    return SECONDS (config->body_seconds);
}

static void open_request (request_t *self, struct mg_connection *conn, int64_t began_us)
{
    self->conn = conn;
    self->info = mg_get_request_info (conn);
    self->gateway = self->info->user_data;
    turn_init (&self->turn, arena_new (), NULL, gateway_now_us (self->gateway));
    self->turn.caller = (caller_t){.role = ROLE_NOBODY, .subject = ""};
    const char *id = header_get (self->info, "X-Request-Id");
    self->turn.request_id =
        id && header_id_valid (id) ? id : id_new (self->turn.arena, 'q', self->turn.now_us);
    self->head = strcmp (self->info->request_method, "HEAD") == 0;
    self->flight = (flight_t){.address = self->info->remote_addr,
                              .port = self->info->remote_port,
                              .until_us = began_us + allowed_us (self)};
    flights_enter (gateway_flights (self->gateway), &self->flight);
}

static void close_request (request_t *self)
{
    flights_leave (gateway_flights (self->gateway), &self->flight);
    if (self->streaming)
        gateway_give_place (self->gateway);
    arena_destroy (&self->turn.arena);
}

// Everything up to the handler. Until the body was read an unread rest would be taken for the next request: close.
static fault_t prepare (request_t *self)
{
    segments_t path;
    const char *allow = NULL;
    fault_t fault = header_check (&self->turn, self->info);
    if (fault != OK)
        return fault;
    self->unread = header_length (self->info) != 0;
    self->keep = header_keeps (self->info) && !self->unread;
    fault = uri_path (&self->turn, self->info->request_uri, &path);
    if (fault == OK)
        fault = uri_query (&self->turn, self->info->query_string, &self->query);
    if (fault == OK)
        fault =
            route_match (&self->turn, self->info->request_method, &path, &self->route, &self->path, &allow);
    if (allow && fault == NO_METHOD)
        reply_header (self, "Allow", "%s", allow);
    if (fault == OK)
        fault = request_authorize (self);
    if (fault == OK)
        fault = request_query_known (self);
    if (fault == OK)
        fault = request_body (self);
    if (fault == OK) {
        self->unread = false;
        self->keep = header_keeps (self->info);
    }
    return fault;
}

static void account (request_t *self, fault_t fault, int64_t took_us)
{
    char status[16], took[24];
    measure_request (self->route, self->status, took_us);
    snprintf (status, sizeof (status), "%d", self->status);
    snprintf (took, sizeof (took), "%lld", (long long) took_us);
    log_debug ("request", "request", self->turn.request_id, "method", self->info->request_method, "path",
               self->info->request_uri, "status", status, "us", took, "caller", self->turn.caller.subject,
               NULL);
    if (fault == BROKEN)
        log_error ("request failed", "request", self->turn.request_id, "path", self->info->request_uri, "why",
                   self->turn.detail ? self->turn.detail : "", NULL);
}

static fault_t handle (request_t *self)
{
    const gateway_config_t *config = gateway_config (self->gateway);
    int64_t until_us = clock_monotonic_us () + MILLISECONDS (config->deadline_ms) + SECONDS (WRITE_SECONDS);
    flights_until (gateway_flights (self->gateway), &self->flight, until_us);
    return self->route->handler->handle (self);
}

// A client that is still sending when we close would lose the answer to a reset: take some of the rest, for a moment.
static void drain (request_t *self)
{
    char *waste = arena_alloc (self->turn.arena, DRAIN_PIECE);
    flights_until (gateway_flights (self->gateway), &self->flight, clock_monotonic_us () + SECONDS (1));
    for (size_t taken = 0; taken < DRAIN_MAX;) {
        int got = mg_read (self->conn, waste, DRAIN_PIECE);
        if (got <= 0)
            break;
        taken += (size_t) got;
    }
}

int gateway_serve (struct mg_connection *conn)
{
    request_t request = {0};
    int64_t began_us = clock_monotonic_us ();
    open_request (&request, conn, began_us);
    fault_t fault = prepare (&request);
    if (fault == OK)
        fault = handle (&request);
    if (fault != OK && request.status == 0)
        reply_problem (&request, fault);
    else if (fault != OK)
        reply_break (&request);
    if (request.route && !request.keep && request.unread)
        drain (&request);
    account (&request, fault, clock_monotonic_us () - began_us);
    int status = request.status;
    close_request (&request);
    return status;
}
