/* upload_range.h - bytes of an upload out of the frames that hold them, for helper threads. */

#ifndef OPENCICD_UPLOAD_RANGE_H
#define OPENCICD_UPLOAD_RANGE_H

#include "common/blob/blob.h"
#include "services/artifacts/upload_store.h"

typedef struct {
    turn_t turn; // With an arena of its own
    blob_t *blob;
    part_t *parts; // That hold the range
    size_t count;
    int64_t from;
    size_t size;
    char *data;
    size_t got;
} upload_range_t;

// Reads `size` bytes from `from` into self->data, in the turn's arena. BROKEN where some are missing.
MUST_USE fault_t upload_range_read (upload_range_t *self);

#endif
