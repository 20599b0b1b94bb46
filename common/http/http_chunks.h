/* http_chunks.h - decodes a chunked body as its bytes arrive. Pure.
 *
 * Extensions and trailers are skipped, up to HTTP_CHUNK_LINE bytes each; sizes are hexadecimal digits alone, lines end with CR LF.
 * Source: RFC 9112 7.1. */

#ifndef OPENCICD_HTTP_CHUNKS_H
#define OPENCICD_HTTP_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#define HTTP_CHUNK_LINE 4096 // Bytes of a size's line with its extensions, and of all trailers together

typedef struct {
    int state;     // 0 at the beginning
    uint32_t left; // Of the chunk
    uint32_t line; // Bytes of the line so far
} http_chunks_t;

typedef enum { CHUNKS_MORE, CHUNKS_DATA, CHUNKS_END, CHUNKS_BAD } chunks_t;

// Continues with `in`, of which it takes *used bytes. CHUNKS_MORE: all were taken, and more must come. CHUNKS_DATA: *data, *size are
// bytes of the body, in `in`; call again with what is left. CHUNKS_END: the body is whole; what is left is another request's.
chunks_t http_chunks_take (http_chunks_t *self, const char *in, size_t have, size_t *used, const char **data,
                           size_t *size);

#endif
