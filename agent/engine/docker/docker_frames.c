/* docker_frames.c - see docker_frames.h. */

#include "agent/engine/docker/docker_frames.h"

#include <string.h>

#define STREAMS 3 // 0 stdin, 1 stdout, 2 stderr

static bool is_head (const unsigned char *head)
{
    return head[0] < STREAMS && !head[1] && !head[2] && !head[3];
}

bool docker_frames_add (docker_frames_t *self, const char *bytes, size_t size)
{
    while (size > 0 && !self->wrong) {
        if (self->left > 0) {
            size_t part = self->left < size ? self->left : size;
            self->emit (self->self, bytes, part);
            self->left -= (uint32_t) part;
            bytes += part;
            size -= part;
            continue;
        }
        self->head[self->have++] = (unsigned char) *bytes++;
        size--;
        if (self->have < sizeof (self->head))
            continue;
        const unsigned char *head = self->head;
        self->wrong = !is_head (head);
        self->left = (uint32_t) head[4] << 24 | (uint32_t) head[5] << 16 | (uint32_t) head[6] << 8 | head[7];
        self->have = 0;
    }
    return !self->wrong;
}

static void emit_line (docker_lines_t *self, const char *line, size_t size)
{
    while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    if (size > 0)
        self->emit (self->self, line, size);
}

void docker_lines_end (docker_lines_t *self)
{
    if (!self->part)
        return;
    if (!buffer_full (self->part))
        emit_line (self, buffer_text (self->part), buffer_size (self->part));
    buffer_destroy (&self->part);
}

void docker_lines_add (docker_lines_t *self, const char *bytes, size_t size)
{
    while (size > 0) {
        const char *end = memchr (bytes, '\n', size);
        size_t part = end ? (size_t) (end - bytes) + 1 : size;
        if (!self->part)
            self->part = buffer_new (DOCKER_LINE_MAX);
        buffer_add (self->part, bytes, part);
        if (end) {
            if (!buffer_full (self->part))
                emit_line (self, buffer_text (self->part), buffer_size (self->part));
            buffer_clear (self->part);
        }
        bytes += part;
        size -= part;
    }
}
