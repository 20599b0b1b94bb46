/* zip_inflate.h - unpacks one entry piece by piece: never more than its declared size, checksum verified at the end. */

#ifndef OPENCICD_ZIP_INFLATE_H
#define OPENCICD_ZIP_INFLATE_H

#include "common/zip/zip_directory.h"

typedef struct zip_inflate zip_inflate_t;
typedef bool zip_sink_fn (void *to, const void *data, size_t size); // False: stop

zip_inflate_t *zip_inflate_new (uint16_t method, uint64_t size, uint32_t crc);
void zip_inflate_destroy (zip_inflate_t **self_p);
// INVALID if the bytes are damaged or exceed the entry's size; GONE if the sink returned false.
MUST_USE fault_t zip_inflate_feed (zip_inflate_t *self, const void *data, size_t size, zip_sink_fn *sink,
                                   void *to);
MUST_USE fault_t
zip_inflate_end (const zip_inflate_t *self); // INVALID where it is not whole, or not its checksum

#endif
