/* zip_writer.c - see zip_writer.h. Numbers are little-endian; each record is put together in a small array and taken whole. */

#include "common/zip/zip_writer.h"

#include <string.h>
#include <time.h>
#include <zlib.h>

#define SMALL_MAX  UINT32_C (0xffffffff) // From here on a number goes into the zip64 field
#define COUNT_MAX  0xffff
#define RECORD_MAX 128    // Bytes of the largest record without its name
#define FLAGS      0x0808 // Sizes and checksum follow the data; names are UTF-8
#define OLD        20     // Version 2.0
#define ZIP64      45     // Version 4.5
#define UNIX       3

typedef struct {
    unsigned char bytes[RECORD_MAX];
    size_t size;
} record_t;

static void put (record_t *self, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, number >>= 8)
        self->bytes[self->size++] = number & 0xff;
}

static bool take (zip_t *self, const void *data, size_t size)
{
    self->written += size;
    return self->take (self->to, data, size);
}

static uint32_t clip (uint64_t number)
{
    return number < SMALL_MAX ? (uint32_t) number : SMALL_MAX;
}

static uint32_t stamp_of (int64_t time_us)
{
    time_t seconds = (time_t) (time_us / 1000000);
    struct tm at;
    if (!gmtime_r (&seconds, &at) || at.tm_year < 80 || at.tm_year > 80 + 127)
        return 1u << 21 | 1u << 16; // 1980-01-01
    return (uint32_t) (at.tm_year - 80) << 25 | (uint32_t) (at.tm_mon + 1) << 21 |
           (uint32_t) at.tm_mday << 16 | (uint32_t) at.tm_hour << 11 | (uint32_t) at.tm_min << 5 |
           (uint32_t) at.tm_sec / 2;
}

void zip_begin (zip_t *self, arena_t *arena, int64_t time_us, zip_take_fn *take_fn, void *to)
{
    *self = (zip_t){.take = take_fn, .to = to, .arena = arena, .stamp = stamp_of (time_us)};
}

bool zip_entry (zip_t *self, const char *name, uint64_t size, uint32_t mode)
{
    self->entries =
        arena_grow (self->arena, self->entries, self->count, &self->capacity, sizeof (zip_entry_t));
    self->entries[self->count++] = (zip_entry_t){.name = name,
                                                 .size = size,
                                                 .mode = mode,
                                                 .crc = (uint32_t) crc32 (0, NULL, 0),
                                                 .offset = self->written};
    bool large = size >= SMALL_MAX;
    size_t length = strlen (name);
    record_t record = {.size = 0};
    put (&record, 0x04034b50, 4);
    put (&record, large ? ZIP64 : OLD, 2);
    put (&record, FLAGS, 2);
    put (&record, 0, 2); // Stored
    put (&record, self->stamp, 4);
    put (&record, 0, 4); // Checksum and sizes follow the data
    put (&record, large ? SMALL_MAX : 0, 4);
    put (&record, large ? SMALL_MAX : 0, 4);
    put (&record, length, 2);
    put (&record, large ? 20 : 0, 2);
    record_t extra = {.size = 0}; // Its being there makes the descriptor's sizes 8 bytes
    put (&extra, 1, 2);
    put (&extra, 16, 2);
    put (&extra, 0, 8);
    put (&extra, 0, 8);
    return take (self, record.bytes, record.size) && take (self, name, length) &&
           (!large || take (self, extra.bytes, extra.size));
}

bool zip_data (zip_t *self, const void *data, size_t size)
{
    zip_entry_t *entry = &self->entries[self->count - 1];
    if (data)
        entry->crc = (uint32_t) crc32 (entry->crc, data, (uInt) size);
    return take (self, data, size);
}

bool zip_entry_end (zip_t *self)
{
    const zip_entry_t *entry = &self->entries[self->count - 1];
    size_t width = entry->size >= SMALL_MAX ? 8 : 4;
    record_t record = {.size = 0};
    put (&record, 0x08074b50, 4);
    put (&record, entry->crc, 4);
    put (&record, entry->size, width);
    put (&record, entry->size, width);
    return take (self, record.bytes, record.size);
}

static bool write_directory_entry (zip_t *self, const zip_entry_t *entry)
{
    bool large = entry->size >= SMALL_MAX, far = entry->offset >= SMALL_MAX;
    size_t extra = (large ? 16u : 0u) + (far ? 8u : 0u), length = strlen (entry->name);
    record_t record = {.size = 0};
    put (&record, 0x02014b50, 4);
    put (&record, UNIX << 8 | ZIP64, 2);
    put (&record, extra ? ZIP64 : OLD, 2);
    put (&record, FLAGS, 2);
    put (&record, 0, 2);
    put (&record, self->stamp, 4);
    put (&record, entry->crc, 4);
    put (&record, clip (entry->size), 4);
    put (&record, clip (entry->size), 4);
    put (&record, length, 2);
    put (&record, extra ? extra + 4 : 0, 2);
    put (&record, 0, 2 + 2 + 2); // No comment, first disk, binary
    put (&record, (uint64_t) (0100000 | (entry->mode & 07777)) << 16, 4);
    put (&record, clip (entry->offset), 4);
    if (!take (self, record.bytes, record.size) || !take (self, entry->name, length))
        return false;
    record.size = 0;
    put (&record, 1, 2);
    put (&record, extra, 2);
    put (&record, entry->size, large ? 8 : 0);
    put (&record, entry->size, large ? 8 : 0);
    put (&record, entry->offset, far ? 8 : 0);
    return extra == 0 || take (self, record.bytes, record.size);
}

static bool write_end64 (zip_t *self, uint64_t offset, uint64_t size)
{
    uint64_t here = self->written;
    record_t record = {.size = 0};
    put (&record, 0x06064b50, 4);
    put (&record, 44, 8); // Bytes that follow
    put (&record, UNIX << 8 | ZIP64, 2);
    put (&record, ZIP64, 2);
    put (&record, 0, 4 + 4); // Disks
    put (&record, self->count, 8);
    put (&record, self->count, 8);
    put (&record, size, 8);
    put (&record, offset, 8);
    put (&record, 0x07064b50, 4); // The locator
    put (&record, 0, 4);
    put (&record, here, 8);
    put (&record, 1, 4);
    return take (self, record.bytes, record.size);
}

bool zip_end (zip_t *self)
{
    uint64_t offset = self->written;
    for (size_t i = 0; i < self->count; i++)
        if (!write_directory_entry (self, &self->entries[i]))
            return false;
    uint64_t size = self->written - offset;
    bool large = offset >= SMALL_MAX || size >= SMALL_MAX || self->count >= COUNT_MAX;
    if (large && !write_end64 (self, offset, size))
        return false;
    uint64_t count = self->count < COUNT_MAX ? self->count : COUNT_MAX;
    record_t record = {.size = 0};
    put (&record, 0x06054b50, 4);
    put (&record, 0, 2 + 2);
    put (&record, count, 2);
    put (&record, count, 2);
    put (&record, clip (size), 4);
    put (&record, clip (offset), 4);
    put (&record, 0, 2);
    return take (self, record.bytes, record.size);
}

static bool take_nothing (void *to, const void *data, size_t size)
{
    (void) to, (void) data, (void) size;
    return true;
}

// The writer itself counts, so that sizes are computed in one place only.
uint64_t zip_size (arena_t *arena, const zip_entry_t *entries, size_t count)
{
    zip_t zip;
    zip_begin (&zip, arena, 0, take_nothing, NULL);
    for (size_t i = 0; i < count; i++) {
        zip_entry (&zip, entries[i].name, entries[i].size, entries[i].mode);
        zip_data (&zip, NULL, entries[i].size);
        zip_entry_end (&zip);
    }
    zip_end (&zip);
    return zip.written;
}
