/* sse.c - see sse.h. Lines end with CR, LF or both. */

#include "common/http/sse.h"

#include "common/base/buffer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct sse {
    sse_fn *take;
    void *take_self;
    buffer_t *line, *type, *data, *id;
    bool after_cr; // An LF now belongs to the line before
};

sse_t *sse_new (sse_fn *take, void *take_self)
{
    sse_t *self = calloc (1, sizeof (sse_t));
    if (!self)
        abort ();
    self->take = take;
    self->take_self = take_self;
    self->line = buffer_new (SSE_EVENT_MAX);
    self->data = buffer_new (SSE_EVENT_MAX);
    self->type = buffer_new (SSE_EVENT_MAX);
    self->id = buffer_new (SSE_EVENT_MAX);
    return self;
}

void sse_destroy (sse_t **self_p)
{
    sse_t *self = *self_p;
    if (!self)
        return;
    buffer_destroy (&self->line);
    buffer_destroy (&self->data);
    buffer_destroy (&self->type);
    buffer_destroy (&self->id);
    free (self);
    *self_p = NULL;
}

void sse_restart (sse_t *self)
{
    buffer_clear (self->line);
    buffer_clear (self->data);
    buffer_clear (self->type);
    self->after_cr = false;
}

const char *sse_last_id (const sse_t *self)
{
    return buffer_text (self->id);
}

static void dispatch (sse_t *self)
{
    size_t size = buffer_size (self->data);
    if (size) { // Its last line's end is not part of it
        const char *type = buffer_size (self->type) ? buffer_text (self->type) : "message";
        self->take (self->take_self, type, buffer_text (self->id), buffer_text (self->data), size - 1);
    }
    buffer_clear (self->data);
    buffer_clear (self->type);
}

static void take_field (sse_t *self, const char *name, size_t name_size, const char *value, size_t size)
{
    if (name_size == 4 && memcmp (name, "data", 4) == 0) {
        buffer_add (self->data, value, size);
        buffer_putc (self->data, '\n');
    } else if (name_size == 5 && memcmp (name, "event", 5) == 0) {
        buffer_clear (self->type);
        buffer_add (self->type, value, size);
    } else if (name_size == 2 && memcmp (name, "id", 2) == 0 && !memchr (value, 0, size)) {
        buffer_clear (self->id);
        buffer_add (self->id, value, size);
    }
}

static void take_line (sse_t *self)
{
    const char *line = buffer_text (self->line);
    size_t size = buffer_size (self->line);
    const char *colon = memchr (line, ':', size);
    size_t name = colon ? (size_t) (colon - line) : size;
    size_t skip = colon ? name + 1 + (name + 1 < size && line[name + 1] == ' ') : size;
    if (size == 0)
        dispatch (self);
    else if (name > 0)
        take_field (self, line, name, line + skip, size - skip);
    buffer_clear (self->line);
}

static size_t line_size (const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size && bytes[at] != '\n' && bytes[at] != '\r')
        at++;
    return at;
}

fault_t sse_feed (sse_t *self, const char *bytes, size_t size)
{
    while (size) {
        if (self->after_cr && *bytes == '\n') {
            bytes++;
            size--;
        }
        self->after_cr = false;
        size_t length = line_size (bytes, size);
        buffer_add (self->line, bytes, length);
        if (buffer_full (self->line) || buffer_full (self->data))
            return TOO_LARGE;
        if (length == size)
            return OK;
        self->after_cr = bytes[length] == '\r';
        take_line (self);
        bytes += length + 1;
        size -= length + 1;
    }
    return OK;
}
