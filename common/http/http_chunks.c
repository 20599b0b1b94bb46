/* http_chunks.c - see http_chunks.h. A machine that takes one byte at a time, but data as it comes. */

#include "common/http/http_chunks.h"

#include <stdbool.h>

#define SIZE_MOST (64u << 20) // Of one chunk: more than any body may have

enum {
    SIZE_FIRST,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_TEXT,
    TRAILER_LF,
    LAST_LF,
    END
};

static int digit_of (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_size (http_chunks_t *self, char c)
{
    int digit = digit_of (c);
    if (digit >= 0) {
        self->left = self->left * 16 + (uint32_t) digit;
        self->state = SIZE;
        return self->left <= SIZE_MOST;
    }
    if (self->state == SIZE_FIRST)
        return false;
    self->state = c == '\r' ? SIZE_LF : EXTENSION;
    return c == '\r' || c == ';' || c == ' ' || c == '\t';
}

// Text that is skipped, up to its CR.
static bool skip (http_chunks_t *self, char c, int after)
{
    if (c == '\r')
        self->state = after;
    return c == '\r' || (unsigned char) c >= 0x20 || c == '\t';
}

static bool expect (http_chunks_t *self, char c, char expected, int next)
{
    self->state = next;
    return c == expected;
}

// A byte that is not data; false where it may not come here.
static bool take_byte (http_chunks_t *self, char c)
{
    bool trailer = self->state >= TRAILER;
    if (!trailer && self->state == SIZE_FIRST && self->line == 0)
        self->left = 0;
    if (++self->line > HTTP_CHUNK_LINE)
        return false;
    switch (self->state) {
    case SIZE_FIRST:
    case SIZE: return take_size (self, c);
    case EXTENSION: return skip (self, c, SIZE_LF);
    case SIZE_LF: self->line = 0; return expect (self, c, '\n', self->left ? DATA : TRAILER);
    case DATA_CR: return expect (self, c, '\r', DATA_LF);
    case DATA_LF: self->line = 0; return expect (self, c, '\n', SIZE_FIRST);
    case TRAILER:
        if (c == '\r')
            return expect (self, c, '\r', LAST_LF);
        self->state = TRAILER_TEXT;
        return (unsigned char) c > 0x20;
    case TRAILER_TEXT: return skip (self, c, TRAILER_LF);
    case TRAILER_LF: return expect (self, c, '\n', TRAILER);
    case LAST_LF: return expect (self, c, '\n', END);
    default: return false;
    }
}

chunks_t http_chunks_take (http_chunks_t *self, const char *in, size_t have, size_t *used, const char **data,
                           size_t *size)
{
    for (*used = 0; *used < have;) {
        if (self->state == DATA) {
            *data = in + *used;
            *size = have - *used < self->left ? have - *used : self->left;
            *used += *size;
            self->left -= (uint32_t) *size;
            if (self->left == 0) {
                self->state = DATA_CR;
                self->line = 0;
            }
            return CHUNKS_DATA;
        }
        if (!take_byte (self, in[(*used)++]))
            return CHUNKS_BAD;
        if (self->state == END)
            return CHUNKS_END;
    }
    return CHUNKS_MORE;
}
