/* header.h - is this head of a request one that everybody reads in the same way? Pure functions.
 *
 * civetweb accepts what a proxy in front may read differently: two Content-Length, a Content-Length beside chunks, bare LF, folded
 * lines, a blank before the colon, and it drops the 65th header silently. It parses in place, leaving a NUL for each byte that
 * it cut; so what it accepted can be seen between the strings that it points to. Each is refused, and the connection
 * closed. Sources: RFC 9112 2.2, 5.1, 5.2, 6.3; RFC 9110 14. */

#ifndef OPENCICD_GATEWAY_HEADER_H
#define OPENCICD_GATEWAY_HEADER_H

#include "common/turn.h"

#include <civetweb.h>
#include <stdbool.h>
#include <stdint.h>

// BAD_INPUT says what is wrong. `info` as civetweb's parser left it, its strings in the buffer of the request.
MUST_USE fault_t header_check (turn_t *turn, const struct mg_request_info *info);

const char *header_get (const struct mg_request_info *info, const char *name); // NULL where it is not there
bool header_has (const struct mg_request_info *info, const char *name,
                 const char *token);                        // In its comma list
bool header_keeps (const struct mg_request_info *info);     // Does the client want to keep the connection?
int64_t header_length (const struct mg_request_info *info); // Of the body; -1: it comes in chunks
bool header_id_valid (const char *id);                      // [A-Za-z0-9._-]{1,64}

// A whole decimal number without sign, blanks or overflow.
bool header_number (const char *text, size_t size, int64_t *out);

// "bytes=FIRST-LAST", "bytes=FIRST-", "bytes=-SUFFIX" against `size` bytes; *last is inclusive.
typedef enum { RANGE_NONE, RANGE_GOOD, RANGE_BAD } range_t;
range_t header_range (const char *text, int64_t size, int64_t *first, int64_t *last);
// "bytes FIRST-LAST/*" of what is sent.
bool header_content_range (const char *text, int64_t *first, int64_t *last);

#endif
