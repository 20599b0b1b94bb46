/* zip_inflate.c - see zip_inflate.h; zlib does the work. A window of its own bounds what one piece can become at once. */

#include "common/zip/zip_inflate.h"

#include <stdlib.h>
#include <zlib.h>

#define WINDOW (256 << 10) // Bytes that are given out at once

struct zip_inflate {
    z_stream stream;
    uint16_t method;
    uint64_t size, done;
    uint32_t crc, seen; // What it should be, and is so far
    bool ended;         // The packed bytes say so
    unsigned char window[WINDOW];
};

zip_inflate_t *zip_inflate_new (uint16_t method, uint64_t size, uint32_t crc)
{
    zip_inflate_t *self = calloc (1, sizeof (*self));
    if (!self || (method == ZIP_DEFLATED && inflateInit2 (&self->stream, -MAX_WBITS) != Z_OK))
        abort ();
    self->method = method;
    self->size = size;
    self->crc = crc;
    self->seen = (uint32_t) crc32 (0, NULL, 0);
    return self;
}

void zip_inflate_destroy (zip_inflate_t **self_p)
{
    if (!*self_p)
        return;
    if ((*self_p)->method == ZIP_DEFLATED)
        inflateEnd (&(*self_p)->stream);
    free (*self_p);
    *self_p = NULL;
}

static fault_t give (zip_inflate_t *self, const void *data, size_t size, zip_sink_fn *sink, void *to)
{
    if (size > self->size - self->done)
        return INVALID;
    self->seen = (uint32_t) crc32_z (self->seen, data, size);
    self->done += size;
    return size == 0 || sink (to, data, size) ? OK : GONE;
}

fault_t zip_inflate_feed (zip_inflate_t *self, const void *data, size_t size, zip_sink_fn *sink, void *to)
{
    if (self->method == ZIP_STORED)
        return give (self, data, size, sink, to);
    if (self->ended)
        return size ? INVALID : OK;
    self->stream.next_in = (unsigned char *) (uintptr_t) data;
    self->stream.avail_in = (uInt) size;
    do {
        self->stream.next_out = self->window;
        self->stream.avail_out = WINDOW;
        int result = inflate (&self->stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return INVALID;
        TRY (give (self, self->window, WINDOW - self->stream.avail_out, sink, to));
        self->ended = result == Z_STREAM_END;
    } while (!self->ended && (self->stream.avail_in > 0 || self->stream.avail_out == 0));
    return self->stream.avail_in > 0 ? INVALID : OK;
}

fault_t zip_inflate_end (const zip_inflate_t *self)
{
    bool whole = self->done == self->size && (self->method == ZIP_STORED || self->ended);
    return whole && self->seen == self->crc ? OK : INVALID;
}
