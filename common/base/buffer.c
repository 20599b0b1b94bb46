/* buffer.c - see buffer.h. */

#include "common/base/buffer.h"

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
    size_t larger = self->capacity ? self->capacity * 2 : 256;
    if (larger < self->size + more)
        larger = self->size + more;
    if (larger > self->max)
        larger = self->max;
    char *grown = realloc (self->data, larger + 1);
    if (!grown)
        abort ();
    self->data = grown;
    self->capacity = larger;
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
    if (self->full || self->size == self->capacity) {
        buffer_add (self, &c, 1);
        return;
    }
    self->data[self->size++] = c;
    self->data[self->size] = 0;
}

void buffer_number (buffer_t *self, int64_t number)
{
    char digits[24], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t) number : (uint64_t) number;
    do
        *--at = (char) ('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    buffer_add (self, at, (size_t) (digits + sizeof digits - at));
}

void buffer_printf (buffer_t *self, const char *format, ...)
{
    va_list args, again;
    va_start (args, format);
    va_copy (again, args);
    // Mostly there is room: it is formatted once
    size_t room = self->capacity - self->size + 1;
    int size = vsnprintf (self->full ? NULL : self->data + self->size, self->full ? 0 : room, format, args);
    if (size > 0 && (size_t) size < room && !self->full)
        self->size += (size_t) size;
    else if (size > 0 && room_for (self, (size_t) size)) {
        vsnprintf (self->data + self->size, (size_t) size + 1, format, again);
        self->size += (size_t) size;
    }
    self->data[self->size] = 0;
    va_end (again);
    va_end (args);
}

void buffer_truncate (buffer_t *self, size_t size)
{
    if (size < self->size)
        self->size = size;
    self->data[self->size] = 0;
    self->full = false;
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
