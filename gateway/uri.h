/* uri.h - paths and queries of a request, decoded. Pure functions over text.
 *
 * A path is split at "/" first and decoded after it, so that no decoded byte can move a border. What could mean two things
 * to two readers is refused, not repaired: %00, %2F in a path, control characters, bytes that are not UTF-8, a
 * half-written escape, empty segments, "." and "..", a query parameter that is given twice. Source: RFC 3986. */

#ifndef OPENCICD_GATEWAY_URI_H
#define OPENCICD_GATEWAY_URI_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <stddef.h>

#define URI_SEGMENTS 64 // Of one path, those of an artifact's file included
#define URI_PAIRS    16 // Parameters of one query

typedef struct {
    const char *name;
    const char *value;
} uri_pair_t;

typedef struct {
    uri_pair_t items[URI_PAIRS];
    size_t count;
} uri_pairs_t;

typedef struct {
    const char **items; // Decoded
    size_t count;
} segments_t;

const char *pairs_get (const uri_pairs_t *self, const char *name); // NULL where it is not there

// "/runs/r%31" -> "runs", "r1". BAD_INPUT says what is wrong; NOT_FOUND where there are too many segments.
MUST_USE fault_t uri_path (turn_t *turn, const char *path, segments_t *out);
// "a=1&b=x+y" -> (a, "1"), (b, "x y"). NULL is an empty query.
MUST_USE fault_t uri_query (turn_t *turn, const char *query, uri_pairs_t *out);

#endif
