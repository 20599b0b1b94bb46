/* buffer.c - see buffer.h. */

#include "common/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    char *data;
    size_t size;
    size_t capacity; // Without the NUL
    size_t max;
    bool full;
};

buffer_t *buffer_new (size_t max)
{
    buffer_t *self = calloc (1, sizeof (buffer_t));
    if (!self || !(self->data = calloc (1, 1)))
        abort ();
    self->max = max;
    return self;
}

void buffer_destroy (buffer_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->data);
    free (*self_p);
    *self_p = NULL;
}

void buffer_clear (buffer_t *self)
{
    self->size = 0;
    self->data[0] = 0;
    self->full = false;
}

static bool room_for (buffer_t *self, size_t more)
{
    if (self->full || more > self->max - self->size) {
        self->full = true;
        return false;
    }
    if (self->size + more <= self->capacity)
        return true;
    size_t wanted = self->capacity ? self->capacity * 2 : 256;
    while (wanted < self->size + more)
        wanted *= 2;
    if (wanted > self->max)
        wanted = self->max;
    char *grown = realloc (self->data, wanted + 1);
    if (!grown)
        abort ();
    self->data = grown;
    self->capacity = wanted;
    return true;
}

void buffer_add (buffer_t *self, const void *data, size_t size)
{
    if (size == 0 || !room_for (self, size))
        return;
    memcpy (self->data + self->size, data, size);
    self->size += size;
    self->data[self->size] = 0;
}

void buffer_puts (buffer_t *self, const char *text)
{
    buffer_add (self, text, strlen (text));
}

void buffer_putc (buffer_t *self, char c)
{
    buffer_add (self, &c, 1);
}

void buffer_printf (buffer_t *self, const char *format, ...)
{
    va_list args, again;
    va_start (args, format);
    va_copy (again, args);
    int size = vsnprintf (NULL, 0, format, args);
    if (size > 0 && room_for (self, (size_t) size)) {
        vsnprintf (self->data + self->size, (size_t) size + 1, format, again);
        self->size += (size_t) size;
    }
    va_end (again);
    va_end (args);
}

void buffer_cut (buffer_t *self, size_t front)
{
    if (front > self->size)
        front = self->size;
    self->size -= front;
    memmove (self->data, self->data + front, self->size + 1);
}

const char *buffer_text (const buffer_t *self)
{
    return self->data;
}

size_t buffer_size (const buffer_t *self)
{
    return self->size;
}

bool buffer_full (const buffer_t *self)
{
    return self->full;
}
