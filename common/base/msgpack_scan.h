/* msgpack_scan.h - checks msgpack from outside before msgpack-c sees it.
 *
 * msgpack-c allocates by the counts that it reads. This allocates nothing: every child needs at least one byte, nesting and the number
 * of values are bounded, and there must be exactly one value. Source: the msgpack specification. */

#ifndef OPENCICD_MSGPACK_SCAN_H
#define OPENCICD_MSGPACK_SCAN_H

#include <stdbool.h>
#include <stddef.h>

bool msgpack_is_bounded (const void *data, size_t size, size_t items, int depth);

#endif
