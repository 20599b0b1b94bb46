/* arena.c - a chain of blocks; a pointer that moves forward. */

#include "common/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 4096
#define MAX_BLOCK   (1 << 20) // Blocks double up to this; one that is asked for more is as large as that
#define ALIGN       16

typedef struct block {
    struct block *next;
    size_t size; // Bytes of data after the header
    size_t used;
    _Alignas(ALIGN) unsigned char data[];
} block_t;

struct arena {
    block_t *head; // The block in use; older ones follow
    size_t used;
};

static void *need (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

static block_t *block_new (size_t size)
{
    block_t *self = need (malloc (sizeof (block_t) + size));
    self->next = NULL;
    self->size = size;
    self->used = 0;
    return self;
}

arena_t *arena_new (void)
{
    arena_t *self = need (calloc (1, sizeof (arena_t)));
    self->head = block_new (FIRST_BLOCK);
    return self;
}

static void free_chain (block_t *block)
{
    while (block) {
        block_t *next = block->next;
        free (block);
        block = next;
    }
}

void arena_destroy (arena_t **self_p)
{
    if (!*self_p)
        return;
    free_chain ((*self_p)->head);
    free (*self_p);
    *self_p = NULL;
}

void arena_reset (arena_t *self)
{
    block_t *first = self->head;
    while (first->next) {
        block_t *next = first->next;
        free (first);
        first = next;
    }
    first->used = 0;
    self->head = first;
    self->used = 0;
}

size_t arena_used (const arena_t *self)
{
    return self->used;
}

static block_t *room_for (arena_t *self, size_t size)
{
    if (self->head->size - self->head->used >= size)
        return self->head;
    size_t want = self->head->size * 2 < MAX_BLOCK ? self->head->size * 2 : MAX_BLOCK;
    block_t *fresh = block_new (want > size ? want : size);
    fresh->next = self->head;
    self->head = fresh;
    return fresh;
}

void *arena_room (arena_t *self, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort ();
    size_t rounded = (size + ALIGN - 1) & ~(size_t) (ALIGN - 1);
    if (rounded == 0)
        rounded = ALIGN;
    block_t *block = room_for (self, rounded);
    void *memory = block->data + block->used;
    block->used += rounded;
    self->used += rounded;
    return memory;
}

void *arena_alloc (arena_t *self, size_t size)
{
    return memset (arena_room (self, size), 0, size);
}

void *arena_array (arena_t *self, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow (count, size, &total))
        abort ();
    return arena_alloc (self, total);
}

void *arena_copy (arena_t *self, const void *data, size_t size)
{
    char *copy = arena_room (self, size + 1);
    if (size)
        memcpy (copy, data, size);
    copy[size] = 0;
    return copy;
}

char *arena_strdup (arena_t *self, const char *text)
{
    return text ? arena_copy (self, text, strlen (text)) : NULL;
}

char *arena_strndup (arena_t *self, const char *text, size_t size)
{
    return arena_copy (self, text, strnlen (text, size));
}

char *arena_vprintf (arena_t *self, const char *format, va_list args)
{
    va_list again;
    va_copy (again, args);
    int size = vsnprintf (NULL, 0, format, args);
    if (size < 0)
        abort ();
    char *text = arena_room (self, (size_t) size + 1);
    vsnprintf (text, (size_t) size + 1, format, again);
    va_end (again);
    return text;
}

char *arena_printf (arena_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    char *text = arena_vprintf (self, format, args);
    va_end (args);
    return text;
}

void *arena_grow (arena_t *self, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity ? *capacity * 2 : 8;
    void *grown = arena_array (self, larger, size);
    if (count)
        memcpy (grown, array, count * size);
    *capacity = larger;
    return grown;
}
