/* http_head.c - see http_head.h. One pass over the lines, then what they say together. */

#include "common/http/http_head.h"

#include <string.h>
#include <strings.h>

#define TOKEN                   \
    "!#$%&'*+-.^_`|~0123456789" \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define METHOD_MAX 32

#define REFUSE(number, message)               \
    return (http_refusal_t)                   \
    {                                         \
        .status = (number), .text = (message) \
    }
#define FINE ((http_refusal_t){.status = 0})
#define CHECK_PART(expression)                  \
    do {                                        \
        http_refusal_t refusal_ = (expression); \
        if (refusal_.status)                    \
            return refusal_;                    \
    } while (0)

bool http_number (const char *text, size_t size, int64_t *out)
{
    int64_t number = 0;
    if (size == 0 || size > 18) // 18 digits always fit
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *out = number;
    return true;
}

const char *http_head_get (const http_head_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcasecmp (self->headers[i].name, name) == 0)
            return self->headers[i].value;
    return NULL;
}

static size_t count_of (const http_head_t *self, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++)
        count += strcasecmp (self->headers[i].name, name) == 0;
    return count;
}

bool http_head_has (const http_head_t *self, const char *name, const char *token)
{
    const char *at = http_head_get (self, name);
    size_t length = strlen (token);
    while (at && *at) {
        at += strspn (at, ", \t");
        size_t size = strcspn (at, ", \t;");
        if (size == length && strncasecmp (at, token, size) == 0)
            return true;
        at += strcspn (at, ",");
    }
    return false;
}

bool http_head_keeps (const http_head_t *self)
{
    if (http_head_get (self, "Connection"))
        return http_head_has (self, "Connection", "keep-alive");
    return self->minor == 1;
}

int64_t http_head_length (const http_head_t *self)
{
    const char *length = http_head_get (self, "Content-Length");
    int64_t size = 0;
    if (http_head_get (self, "Transfer-Encoding"))
        return -1;
    return length && http_number (length, strlen (length), &size) ? size : 0;
}

// ---- where it ends ----

head_part_t http_head_find (const char *text, size_t have, size_t seen, size_t *size_p)
{
    if (have && !strchr (TOKEN, text[0])) // Such as the first byte of TLS
        return HEAD_BAD;
    for (size_t at = seen; at < have; at++) {
        const char *end = memchr (text + at, '\n', have - at);
        if (!end)
            return HEAD_PART;
        at = (size_t) (end - text);
        if (at == 0 || text[at - 1] != '\r')
            return HEAD_BAD;
        if (at >= 3 && text[at - 3] == '\r' && text[at - 2] == '\n') {
            *size_p = at + 1;
            return HEAD_WHOLE;
        }
    }
    return HEAD_PART;
}

// ---- its lines ----

static bool is_token (const char *text, size_t size)
{
    return size > 0 && strlen (text) == size && strspn (text, TOKEN) == size;
}

static http_refusal_t target_parse (http_head_t *out, char *target)
{
    for (const char *at = target; *at; at++)
        if ((unsigned char) *at <= 0x20 || *at == 0x7f)
            REFUSE (400, "the request's target has a blank or a control character");
    if (*target != '/')
        REFUSE (400, "the request's target must be a path: this server is not a proxy");
    char *query = strchr (target, '?');
    if (query)
        *query++ = '\0';
    out->path = target;
    out->query = query;
    return FINE;
}

static http_refusal_t version_parse (http_head_t *out, const char *version)
{
    static const char digits[] = "0123456789";
    if (strcmp (version, "HTTP/1.1") == 0 || strcmp (version, "HTTP/1.0") == 0) {
        out->minor = (unsigned) (version[7] - '0');
        return FINE;
    }
    if (strlen (version) == 8 && strncmp (version, "HTTP/", 5) == 0 && strchr (digits, version[5]) &&
        version[6] == '.' && strchr (digits, version[7]))
        REFUSE (505, "this server speaks HTTP/1.1 and HTTP/1.0 only");
    REFUSE (400, "the request's first line does not end with HTTP/1.1");
}

// "GET /jobs?state=queued HTTP/1.1"
static http_refusal_t request_line_parse (http_head_t *out, char *line)
{
    char *target = strchr (line, ' ');
    char *version = target ? strrchr (target + 1, ' ') : NULL;
    if (!version)
        REFUSE (400, "the request's first line must be: METHOD PATH HTTP/1.1");
    *target++ = *version++ = '\0';
    if (strlen (line) > METHOD_MAX || !is_token (line, strlen (line)))
        REFUSE (400, "the request's method is not a token");
    out->method = line;
    CHECK_PART (version_parse (out, version));
    return target_parse (out, target);
}

static http_refusal_t header_parse (http_header_t *out, char *line)
{
    char *colon = strchr (line, ':');
    if (*line == ' ' || *line == '\t')
        REFUSE (400, "a line of the head is folded");
    if (!colon)
        REFUSE (400, "a line of the head has no colon");
    if (colon > line && (colon[-1] == ' ' || colon[-1] == '\t'))
        REFUSE (400, "a header has a blank before its colon");
    *colon = '\0';
    if (!is_token (line, (size_t) (colon - line)))
        REFUSE (400, "a header's name has an invalid character");
    char *value = colon + 1 + strspn (colon + 1, " \t"), *end = value + strlen (value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    for (const char *at = value; *at; at++)
        if (((unsigned char) *at < 0x20 && *at != '\t') || *at == 0x7f)
            REFUSE (400, "a header has a control character");
    *out = (http_header_t){line, value};
    return FINE;
}

// ---- the headers together ----

static http_refusal_t length_check (const http_head_t *self)
{
    const char *length = http_head_get (self, "Content-Length");
    const char *coding = http_head_get (self, "Transfer-Encoding");
    int64_t size;
    if (count_of (self, "Content-Length") > 1 || count_of (self, "Transfer-Encoding") > 1)
        REFUSE (400, "Content-Length or Transfer-Encoding is given twice");
    if (length && coding)
        REFUSE (400, "Content-Length beside Transfer-Encoding");
    if (length && !http_number (length, strlen (length), &size))
        REFUSE (400, "Content-Length is not a number");
    if (coding && (strcasecmp (coding, "chunked") != 0 || self->minor != 1))
        REFUSE (400, "Transfer-Encoding may only be chunked, in HTTP/1.1");
    return FINE;
}

static http_refusal_t head_check (const http_head_t *self)
{
    size_t hosts = count_of (self, "Host");
    const char *expect = http_head_get (self, "Expect");
    CHECK_PART (length_check (self));
    if (hosts > 1 || (hosts == 0 && self->minor == 1))
        REFUSE (400, "exactly one Host header is needed");
    if (count_of (self, "Authorization") > 1)
        REFUSE (400, "Authorization is given twice");
    if (expect && strcasecmp (expect, "100-continue") != 0)
        REFUSE (400, "Expect may only be 100-continue");
    return FINE;
}

// Splits off the next line; its CR LF exists, because the head is complete and has no LF without a CR.
static char *line_cut (char **rest)
{
    char *line = *rest, *end = strstr (line, "\r\n");
    *end = '\0';
    *rest = end + 2;
    return line;
}

http_refusal_t http_head_parse (http_head_t *out, char *text, size_t size)
{
    char *rest = text;
    out->count = 0;
    if (memchr (text, '\0', size))
        REFUSE (400, "the head has a NUL");
    text[size - 1] = '\0'; // The blank line is "\r" now
    CHECK_PART (request_line_parse (out, line_cut (&rest)));
    while (*rest != '\r' || rest[1]) {
        if (out->count == HTTP_HEADERS)
            REFUSE (431, "more than 64 headers");
        char *line = line_cut (&rest);
        CHECK_PART (header_parse (&out->headers[out->count], line));
        out->count++;
    }
    return head_check (out);
}
