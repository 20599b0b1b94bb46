/* zip_directory.h - what is in a zip archive, read from its central directory alone. Pure functions over bytes from outside.
 *
 * Archives that are streamed have no sizes in front of their data, so the directory at the end is the one truth. Taken are entries that are
 * stored or deflated, on one disk, not encrypted, with zip64 if a number needs it. What refers to bytes that are not there, or
 * contradicts itself, is refused; which names are acceptable is the caller's decision. Source: PKWARE's APPNOTE.TXT 6.3. */

#ifndef OPENCICD_ZIP_DIRECTORY_H
#define OPENCICD_ZIP_DIRECTORY_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define ZIP_TAIL       (128 << 10) // Bytes at the end that are searched for the directory's location
#define ZIP_HEADER     30          // Bytes of an entry's header before its name
#define ZIP_STORED     0
#define ZIP_DEFLATED   8
#define ZIP_NAME_BYTES 4096 // Of one name

typedef struct {
    uint64_t offset; // In the archive
    uint64_t size;
    uint64_t count; // Of entries
} zip_directory_t;

typedef struct {
    const char *name; // In the arena; ends with / where it is a folder
    uint64_t size, packed;
    uint64_t offset; // Of its header
    uint32_t crc;
    uint32_t mode; // Permission bits; 0 where none are said
    uint16_t method;
} zip_member_t;

// `tail` is the end of an archive of `size` bytes: all of it, or ZIP_TAIL bytes. NOT_FOUND if it is not an archive; INVALID if what
// it says is impossible; *error says what.
MUST_USE fault_t zip_directory_find (const void *tail, size_t tail_size, uint64_t size, zip_directory_t *out,
                                     const char **error);

typedef struct {
    const unsigned char *data;
    size_t size, at;
    zip_directory_t directory;
    uint64_t seen;
    arena_t *arena;
    const char *error; // In the arena
} zip_reader_t;

// `data` is the directory. Then each entry; NOT_FOUND after the last, INVALID with reader->error.
void zip_reader_init (zip_reader_t *self, arena_t *arena, const zip_directory_t *directory, const void *data);
MUST_USE fault_t zip_reader_next (zip_reader_t *self, zip_member_t *out);

// Where an entry's data begin, from its header's first ZIP_HEADER bytes. INVALID where it is not one.
MUST_USE fault_t zip_data_offset (const void *header, uint64_t offset, uint64_t *out);

#endif
