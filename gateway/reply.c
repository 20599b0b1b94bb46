/* reply.c - see reply.h. */

#include "gateway/reply.h"

#include "common/clock.h"
#include "common/json.h"
#include "gateway/inside.h"

#include <inttypes.h>
#include <sodium.h>
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
        return; // Our own bug; never let it split an answer
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
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {410, "Gone"},
                   {413, "Content Too Large"},
                   {416, "Range Not Satisfiable"},
                   {422, "Unprocessable Content"},
                   {500, "Internal Server Error"},
                   {503, "Service Unavailable"},
                   {504, "Gateway Timeout"},
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
    if (self->streaming) // Each piece has its own time: a reader that is slow but reads is served
        flights_until (gateway_flights (self->gateway), &self->flight,
                       clock_monotonic_us () + SECONDS (PIECE_SECONDS));
    while (size > 0) {
        size_t piece = size < ONE_WRITE ? size : ONE_WRITE;
        if (mg_write (self->conn, at, piece) != (int) piece) {
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
    mg_disable_connection_keep_alive (self->conn);
}

static void begin (request_t *self, int status)
{
    self->status = status;
    if (gateway_stopping (self->gateway))
        self->keep = false;
    if (!self->keep)
        mg_disable_connection_keep_alive (self->conn);
}

void reply_bytes (request_t *self, int status, const char *type, const void *body, size_t size)
{
    bool whole = size <= ONE_WRITE && !self->head && has_body (status);
    buffer_t *out = buffer_new (HEAD_MAX + ONE_WRITE);
    begin (self, status);
    print_head (self, out, status, type, (int64_t) size);
    if (whole)
        buffer_add (out, body, size);
    bool sent = write_all (self, buffer_text (out), buffer_size (out));
    if (sent && !whole && !self->head && has_body (status))
        write_all (self, body, size);
    buffer_destroy (&out);
}

void reply_text (request_t *self, int status, const char *type, const char *text)
{
    reply_bytes (self, status, type, text, strlen (text));
}

// Quoted, of the first 128 bits of a BLAKE2b hash.
static const char *etag_of (request_t *self, const buffer_t *body)
{
    unsigned char hash[16];
    char text[2 * sizeof (hash) + 1];
    crypto_generichash (hash, sizeof (hash), (const unsigned char *) buffer_text (body), buffer_size (body),
                        NULL, 0);
    sodium_bin2hex (text, sizeof (text), hash, sizeof (hash));
    return arena_printf (self->turn.arena, "\"%s\"", text);
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
        bool known = etag && header_has (self->info, "If-None-Match", etag);
        reply_bytes (self, known ? 304 : status, JSON_TYPE, buffer_text (body), buffer_size (body));
    }
    buffer_destroy (&body);
    return fault;
}

// ---- problems ----

static void put_text (buffer_t *into, const char *text)
{
    json_put (into, text, strlen (text));
}

void reply_problem (request_t *self, fault_t fault)
{
    const char *detail = self->turn.detail ? self->turn.detail : fault_text (fault);
    buffer_t *body = buffer_new (HEAD_MAX);
    if (fault == UNAUTHORIZED)
        reply_header (self, "WWW-Authenticate", "Bearer realm=\"opencicd\"");
    if (fault == OVERLOADED || fault == UNAVAILABLE)
        reply_header (self, "Retry-After", "1");
    buffer_puts (body, "{\"type\":\"about:blank\",\"title\":");
    put_text (body, fault_text (fault));
    buffer_printf (body, ",\"status\":%d,\"detail\":", fault_http (fault));
    size_t size = strlen (detail);
    json_put (body, detail, size < HEAD_MAX / 8 ? size : HEAD_MAX / 8);
    buffer_puts (body, ",\"code\":");
    put_text (body, fault_name (fault));
    buffer_puts (body, ",\"request_id\":");
    put_text (body, self->turn.request_id ? self->turn.request_id : "");
    buffer_puts (body, "}\n");
    reply_bytes (self, fault_http (fault), "application/problem+json", buffer_text (body),
                 buffer_size (body));
    buffer_destroy (&body);
}

void reply_refusal (struct mg_connection *conn, int status, const char *text)
{
    buffer_t *out = buffer_new (HEAD_MAX);
    buffer_t *body = buffer_new (HEAD_MAX / 2);
    buffer_puts (body, "{\"type\":\"about:blank\",\"title\":");
    put_text (body, phrase (status));
    buffer_printf (body, ",\"status\":%d,\"detail\":", status);
    json_put (body, text, strnlen (text, HEAD_MAX / 32));
    buffer_printf (body, ",\"code\":\"%s\",\"request_id\":\"\"}\n",
                   fault_name (status < 500 ? BAD_INPUT : BROKEN));
    buffer_printf (out,
                   "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                   "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
                   status, phrase (status), buffer_size (body), buffer_text (body));
    mg_disable_connection_keep_alive (conn);
    mg_write (conn, buffer_text (out), buffer_size (out));
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
    bool sent = write_all (self, buffer_text (out), buffer_size (out));
    buffer_destroy (&out);
    return sent && !self->head;
}

bool reply_more (request_t *self, const void *data, size_t size)
{
    return write_all (self, data, size);
}
