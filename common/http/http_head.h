/* http_head.h - parses the head of an HTTP/1.1 request unambiguously. Pure functions.
 *
 * What a proxy in front could understand differently is refused, never repaired: bare LF, folded lines, a blank before a colon,
 * control characters, two Content-Length, a Content-Length beside chunks, two Host, more than HTTP_HEADERS lines. Targets are
 * paths: neither `*` nor another server's URL. Sources: RFC 9112 2.2, 3.2, 5, 6; RFC 9110 9, 10.1.1. */

#ifndef OPENCICD_HTTP_HEAD_H
#define OPENCICD_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX (16 << 10) // Bytes of a head, its blank line included
#define HTTP_HEADERS  64

typedef struct {
    const char *name, *value;
} http_header_t;

// All strings are in the text that was parsed.
typedef struct {
    const char *method;
    const char *path;  // As sent, not decoded
    const char *query; // NULL without a "?"
    unsigned minor;    // HTTP/1.0 or 1.1
    http_header_t headers[HTTP_HEADERS];
    size_t count;
} http_head_t;

typedef struct {
    int status; // 0: nothing is wrong
    const char *text;
} http_refusal_t;

typedef enum { HEAD_PART, HEAD_WHOLE, HEAD_BAD } head_part_t;
// Looks for the blank line that ends a head, from `seen` bytes on, which were looked at before. HEAD_WHOLE: *size_p is the head's
// size. HEAD_BAD: a line does not end with CR LF, or what came cannot become a head.
head_part_t http_head_find (const char *text, size_t have, size_t seen, size_t *size_p);
// Takes a whole head apart, in place: `text` holds NULs afterwards.
http_refusal_t http_head_parse (http_head_t *out, char *text, size_t size);

const char *http_head_get (const http_head_t *self, const char *name); // NULL if it is missing
bool http_head_has (const http_head_t *self, const char *name,
                    const char *token);             // Is it in the header's comma list?
bool http_head_keeps (const http_head_t *self);     // Does the client want to keep the connection?
int64_t http_head_length (const http_head_t *self); // Of the body; -1: it comes in chunks

// A whole decimal number without sign, blanks or overflow.
bool http_number (const char *text, size_t size, int64_t *out);

#endif
