/* msgpack_scan.h - a look at msgpack from outside before msgpack-c sees it.
 *
 * msgpack-c allocates by the counts that it reads. Here nothing is allocated: every child needs at least a byte, nesting and the number
 * of values are bounded, and one value must be all there is. Source: the msgpack specification. */

#ifndef OPENCICD_MSGPACK_SCAN_H
#define OPENCICD_MSGPACK_SCAN_H

#include <stdbool.h>
#include <stddef.h>

bool msgpack_is_bounded (const void *data, size_t size, size_t items, int depth);

#endif
