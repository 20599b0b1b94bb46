/* header.h - what the gateway reads in headers beside common/http/http_head.h. Pure functions. Source: RFC 9110 14. */

#ifndef OPENCICD_GATEWAY_HEADER_H
#define OPENCICD_GATEWAY_HEADER_H

#include <stdbool.h>
#include <stdint.h>

bool header_id_valid (const char *id); // [A-Za-z0-9._-]{1,64}

bool header_type_valid (const char *type); // "text/plain; charset=utf-8": what may stand in a Content-Type

// "bytes=FIRST-LAST", "bytes=FIRST-", "bytes=-SUFFIX" against `size` bytes; *last is inclusive.
typedef enum { RANGE_NONE, RANGE_GOOD, RANGE_BAD } range_t;
range_t header_range (const char *text, int64_t size, int64_t *first, int64_t *last);
// "bytes FIRST-LAST/*" of what is sent.
bool header_content_range (const char *text, int64_t *first, int64_t *last);

#endif
