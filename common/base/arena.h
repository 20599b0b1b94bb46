/* arena.h - memory that lives for one turn and is freed in one go.
 *
 * Nothing is freed one by one. An allocation never fails: where the machine has no memory the process aborts, as
 * there is no state worth saving that is not in the database. What grows with bytes from outside must watch
 * arena_used() against its own declared bound. An arena belongs to one thread at a time. */

#ifndef OPENCICD_ARENA_H
#define OPENCICD_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef struct arena arena_t;

arena_t *arena_new (void);
void arena_destroy (arena_t **self_p);
void arena_reset (arena_t *self);        // Frees every allocation, keeps the first block
size_t arena_used (const arena_t *self); // Bytes allocated since it was made or reset

void *arena_alloc (arena_t *self, size_t size); // Zeroed, aligned to 16
void *arena_room (arena_t *self, size_t size);  // The same, but not zeroed: for what is filled at once
void *arena_array (arena_t *self, size_t count, size_t size); // Zeroed; aborts where count * size overflows
void *arena_copy (arena_t *self, const void *data, size_t size); // Terminated by a NUL
char *arena_strdup (arena_t *self, const char *text);            // NULL stays NULL
char *arena_strndup (arena_t *self, const char *text, size_t size);
char *arena_printf (arena_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
char *arena_vprintf (arena_t *self, const char *format, va_list args) __attribute__ ((format (printf, 2, 0)));

// Grows an array that holds `count` of `size` so that one more fits; capacity doubles. Returns the array's address,
// which may have moved; the old one stays valid until the reset.
void *arena_grow (arena_t *self, void *array, size_t count, size_t *capacity, size_t size);

#endif
