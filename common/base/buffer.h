/* buffer.h - bytes that grow up to a declared maximum.
 *
 * Past the maximum nothing more is added and buffer_full() stays true: a caller may write a whole document and
 * check once at the end. Always followed by a NUL, so that buffer_text() is a C string. */

#ifndef OPENCICD_BUFFER_H
#define OPENCICD_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct buffer buffer_t;

buffer_t *buffer_new (size_t max);
void buffer_destroy (buffer_t **self_p);
void buffer_clear (buffer_t *self); // Empties it and clears its full state; keeps its memory

void buffer_add (buffer_t *self, const void *data, size_t size);
void buffer_puts (buffer_t *self, const char *text);
void buffer_putc (buffer_t *self, char c);
void buffer_number (buffer_t *self, int64_t number); // In decimal
void buffer_printf (buffer_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void buffer_truncate (buffer_t *self,
                      size_t size);             // Keeps the first `size` bytes and clears its full state
void buffer_cut (buffer_t *self, size_t front); // Drops `front` bytes from the beginning

const char *buffer_text (const buffer_t *self);
size_t buffer_size (const buffer_t *self);
bool buffer_full (const buffer_t *self);

#endif
