/* reply.c - see reply.h. */

#include "gateway/reply.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/sha256.h"
#include "gateway/inside.h"
#include "gateway/measure.h"
#include "proto/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD_MAX      (16 << 10) // Bytes of an answer's head
#define ONE_WRITE     (64 << 10) // A body up to this goes out with its head
#define PIECE_SECONDS 60         // A piece of a long answer must be taken in this time

void reply_header (request_t *self, const char *name, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    const char *value = arena_vprintf (self->turn.arena, format, args);
    va_end (args);
    if (strpbrk (value, "\r\n"))
        return; // Our own bug; it must not split an answer
    self->headers =
        arena_printf (self->turn.arena, "%s%s: %s\r\n", self->headers ? self->headers : "", name, value);
}

static const char *phrase (int status)
{
    static const struct {
        int status;
        const char *text;
    } phrases[] = {{200, "OK"},
                   {201, "Created"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {206, "Partial Content"},
                   {302, "Found"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {410, "Gone"},
                   {413, "Content Too Large"},
                   {416, "Range Not Satisfiable"},
                   {422, "Unprocessable Content"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"},
                   {505, "HTTP Version Not Supported"},
                   {507, "Insufficient Storage"}};
    for (size_t i = 0; i < sizeof (phrases) / sizeof (phrases[0]); i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return status < 500 ? "Refused" : "Failed";
}

static bool has_body (int status)
{
    return status != 204 && status != 304;
}

static void print_head (request_t *self, buffer_t *into, int status, const char *type, int64_t size)
{
    buffer_printf (into, "HTTP/1.1 %d %s\r\n", status, phrase (status));
    if (type && has_body (status))
        buffer_printf (into, "Content-Type: %s\r\n", type);
    if (size >= 0 && has_body (status))
        buffer_printf (into, "Content-Length: %" PRId64 "\r\n", size);
    if (!self->headers || !strstr (self->headers, "Cache-Control: "))
        buffer_puts (into, "Cache-Control: no-store\r\n");
    buffer_printf (into, "X-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n%s",
                   self->turn.request_id ? self->turn.request_id : "-", self->headers ? self->headers : "");
    buffer_printf (into, "Connection: %s\r\n\r\n", self->keep ? "keep-alive" : "close");
}

static bool write_all (request_t *self, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        size_t piece = size < ONE_WRITE ? size : ONE_WRITE;
        int64_t until_us = self->until_us;
        // A client that has the whole answer may send the next request at once: its slot must be free by then
        self->owed -= (int64_t) piece;
        if (self->owed == 0)
            request_leave (self);
        if (self->stays) // Each part has its own deadline: a slow reader is served as long as it reads
            until_us = clock_monotonic_us () + SECONDS (PIECE_SECONDS);
        if (!http_conn_write (self->conn, at, piece, until_us)) {
            reply_break (self);
            return false;
        }
        at += piece;
        size -= piece;
    }
    return true;
}

void reply_break (request_t *self)
{
    self->keep = false;
}

static void begin (request_t *self, int status)
{
    self->status = status;
    if (gateway_stopping (self->gateway))
        self->keep = false;
}

void reply_bytes (request_t *self, int status, const char *type, const void *body, size_t size)
{
    bool whole = size <= ONE_WRITE && !self->head && has_body (status);
    buffer_t *out = buffer_new (HEAD_MAX + ONE_WRITE);
    begin (self, status);
    print_head (self, out, status, type, (int64_t) size);
    if (whole)
        buffer_add (out, body, size);
    self->owed = (int64_t) (buffer_size (out) + (whole || self->head || !has_body (status) ? 0 : size));
    bool sent = write_all (self, buffer_text (out), buffer_size (out));
    if (sent && !whole && !self->head && has_body (status))
        write_all (self, body, size);
    buffer_destroy (&out);
}

void reply_text (request_t *self, int status, const char *type, const char *text)
{
    reply_bytes (self, status, type, text, strlen (text));
}

const char *reply_sum (request_t *self, const void *data, size_t size)
{
    sha256_t sum; // Of all sums that we have, what processors of today compute fastest
    sha256_init (&sum);
    sha256_add (&sum, data, size);
    char *hex = arena_strdup (self->turn.arena, sha256_hex (&sum, self->turn.arena));
    hex[SHA256_HEX / 2] = 0; // Enough for a name of what was answered
    return hex;
}

static const char *etag_of (request_t *self, const buffer_t *body)
{
    return arena_printf (self->turn.arena, "\"%s\"",
                         reply_sum (self, buffer_text (body), buffer_size (body)));
}

fault_t reply_message (request_t *self, int status, const message_t *message, const void *answer,
                       bool etagged)
{
    buffer_t *body = buffer_new (REPLY_MAX);
    fault_t fault = OK;
    message_print (message, answer, body);
    buffer_putc (body, '\n');
    if (buffer_full (body))
        fault = turn_fail (&self->turn, TOO_LARGE, "the answer has more than %d bytes of JSON", REPLY_MAX);
    else {
        const char *etag = etagged ? etag_of (self, body) : NULL;
        if (etag) {
            reply_header (self, "Cache-Control", "private, no-cache");
            reply_header (self, "ETag", "%s", etag);
        }
        bool known = etag && http_head_has (self->info, "If-None-Match", etag);
        reply_bytes (self, known ? 304 : status, JSON_TYPE, buffer_text (body), buffer_size (body));
    }
    buffer_destroy (&body);
    return fault;
}

// ---- problems ----

// What GitHub's clients read: `msg` those of Twirp, `message` those of REST. Only a status from 500 on, and 429, is tried again.
static void reply_toolkit (request_t *self, fault_t fault)
{
    static const struct {
        fault_t fault;
        int status;
        const char *code;
    } rows[] = {{BAD_INPUT, 400, "invalid_argument"},   {INVALID, 400, "invalid_argument"},
                {UNAUTHORIZED, 401, "unauthenticated"}, {FORBIDDEN, 403, "permission_denied"},
                {NOT_FOUND, 404, "not_found"},          {NO_METHOD, 404, "bad_route"},
                {CONFLICT, 409, "already_exists"},      {TOO_LARGE, 413, "out_of_range"},
                {UNAVAILABLE, 503, "unavailable"},      {OVERLOADED, 503, "unavailable"},
                {NO_SPACE, 507, "resource_exhausted"},  {TIMEOUT, 504, "deadline_exceeded"}};
    int status = self->timed_out ? 408 : fault_http (fault);
    const char *code = "internal", *detail = self->turn.detail ? self->turn.detail : fault_text (fault);
    for (size_t i = 0; !self->timed_out && i < sizeof (rows) / sizeof (rows[0]); i++)
        if (rows[i].fault == fault) {
            status = rows[i].status;
            code = rows[i].code;
        }
    size_t size = strlen (detail) < HEAD_MAX / 8 ? strlen (detail) : HEAD_MAX / 8;
    buffer_t *body = buffer_new (HEAD_MAX);
    buffer_printf (body, "{\"code\":\"%s\",\"msg\":", code);
    json_put (body, detail, size);
    buffer_puts (body, ",\"message\":");
    json_put (body, detail, size);
    buffer_puts (body, "}\n");
    reply_header (self, "x-ms-request-id", "%s", self->turn.request_id ? self->turn.request_id : "");
    reply_bytes (self, status, JSON_TYPE, buffer_text (body), buffer_size (body));
    buffer_destroy (&body);
}

static bool is_toolkit (const request_t *self)
{
    return self->route ? (self->route->handler->flags & TOOLKIT) != 0
                       : strncmp (self->info->path, "/twirp/", 7) == 0;
}

void reply_problem (request_t *self, fault_t fault)
{
    if (is_toolkit (self)) {
        reply_toolkit (self, fault);
        return;
    }

    // A client that did not send its body is not a failed upstream
    int status = self->timed_out ? 408 : fault_http (fault);
    const char *title = self->timed_out ? phrase (408) : fault_text (fault);
    buffer_t *body = buffer_new (HEAD_MAX);
    if (fault == UNAUTHORIZED)
        reply_header (self, "WWW-Authenticate", "Bearer realm=\"opencicd\"");
    if (fault == OVERLOADED || fault == UNAVAILABLE)
        reply_header (self, "Retry-After", "1");
    problem_print (body, status, title, self->turn.detail ? self->turn.detail : fault_text (fault),
                   fault_name (fault), self->turn.request_id ? self->turn.request_id : "");
    // GitHub's clients (octokit) show the text of an answer only if it is of their own type, or names UTF-8 last
    reply_bytes (self, status, "application/problem+json; charset=utf-8", buffer_text (body),
                 buffer_size (body));
    buffer_destroy (&body);
}

static fault_t fault_of (int status)
{
    return status == 408   ? TIMEOUT
           : status == 431 ? TOO_LARGE
           : status == 503 ? OVERLOADED
                           : BAD_INPUT; // 400 and 505: it is not the HTTP that this server speaks
}

void reply_refusal (void *gateway, http_conn_t *conn, int status, const char *text)
{
    (void) gateway;
    buffer_t *out = buffer_new (HEAD_MAX);
    buffer_t *body = buffer_new (HEAD_MAX);
    problem_print (body, status, phrase (status), text, fault_name (fault_of (status)), "");
    buffer_printf (
        out,
        "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%sConnection: close\r\n\r\n%s",
        status, phrase (status), buffer_size (body), status == 503 ? "Retry-After: 1\r\n" : "",
        buffer_text (body));
    measure_refusal (status);
    (void) http_conn_write (conn, buffer_text (out), buffer_size (out), 0);
    buffer_destroy (&body);
    buffer_destroy (&out);
}

// ---- long answers ----

bool reply_begin (request_t *self, int status, const char *type, int64_t size)
{
    buffer_t *out = buffer_new (HEAD_MAX);
    if (size == REPLY_CLOSE)
        self->keep = false;
    begin (self, status);
    print_head (self, out, status, type, size);
    self->owed = size < 0 ? 0 : (int64_t) buffer_size (out) + (self->head ? 0 : size);
    bool sent = write_all (self, buffer_text (out), buffer_size (out));
    buffer_destroy (&out);
    return sent && !self->head;
}

bool reply_more (request_t *self, const void *data, size_t size)
{
    return write_all (self, data, size);
}
