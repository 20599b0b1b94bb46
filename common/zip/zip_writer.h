/* zip_writer.h - writes a zip archive as a stream: stored entries, data descriptors, zip64 where a number needs it.
 *
 * Nothing is buffered: sizes are known in advance, checksums follow each entry's bytes. Names are UTF-8, modes are Unix'.
 * Source: PKWARE's APPNOTE.TXT 6.3. */

#ifndef OPENCICD_ZIP_WRITER_H
#define OPENCICD_ZIP_WRITER_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool zip_take_fn (void *to, const void *data, size_t size); // False: stop

typedef struct {
    const char *name;
    uint64_t size;
    uint32_t mode; // Permission bits
    uint32_t crc;
    uint64_t offset; // Of its header
} zip_entry_t;

typedef struct {
    zip_take_fn *take;
    void *to;
    arena_t *arena;
    zip_entry_t *entries;
    size_t count, capacity;
    uint32_t stamp; // MS-DOS date and time of all entries
    uint64_t written;
} zip_t;

// Borrows the arena; `time_us` UTC. Names live until zip_end.
void zip_begin (zip_t *self, arena_t *arena, int64_t time_us, zip_take_fn *take, void *to);
bool zip_entry (zip_t *self, const char *name, uint64_t size, uint32_t mode);
bool zip_data (zip_t *self, const void *data, size_t size); // Of the latest entry; `size` bytes in all
bool zip_entry_end (zip_t *self);
bool zip_end (zip_t *self);

// How large the archive of these entries (name, size) will be.
uint64_t zip_size (arena_t *arena, const zip_entry_t *entries, size_t count);

#endif
