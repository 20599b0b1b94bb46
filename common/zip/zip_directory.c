/* zip_directory.c - see zip_directory.h. Every number is compared with what is there before it is used; sums cannot overflow, as their
 * parts were bounded by the archive's size. */

#include "common/zip/zip_directory.h"

#include <string.h>

#define END_SIZE     22
#define LOCATOR_SIZE 20
#define END64_SIZE   56
#define ENTRY_SIZE   46
#define SMALL_MAX    0xffffffffu
#define COUNT_MAX    0xffffu
#define ENCRYPTED    0x0001u
#define PATCH        0x0020u
#define HIDDEN_NAMES 0x2000u // The directory is encrypted

static uint64_t number (const unsigned char *from, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | from[i];
    return value;
}

// The last record whose comment ends where the archive does.
static const unsigned char *find_end (const unsigned char *tail, size_t size)
{
    if (size < END_SIZE)
        return NULL;
    for (size_t at = size - END_SIZE + 1; at-- > 0 && size - at <= END_SIZE + COUNT_MAX;)
        if (number (tail + at, 4) == 0x06054b50 && number (tail + at + 20, 2) == size - at - END_SIZE)
            return tail + at;
    return NULL;
}

// The numbers that are too large for the old record.
static fault_t read_end64 (const unsigned char *tail, const unsigned char *end, uint64_t tail_offset,
                           zip_directory_t *out, const char **error)
{
    *error = "its zip64 record is missing";
    if (end - tail < LOCATOR_SIZE || number (end - LOCATOR_SIZE, 4) != 0x07064b50)
        return INVALID;
    uint64_t at = number (end - LOCATOR_SIZE + 8, 8), most = tail_offset + (uint64_t) (end - tail);
    if (at < tail_offset || at > most || most - at < END64_SIZE + LOCATOR_SIZE)
        return INVALID;
    const unsigned char *record = tail + (at - tail_offset);
    if (number (record, 4) != 0x06064b50)
        return INVALID;
    *out = (zip_directory_t){
        .count = number (record + 32, 8), .size = number (record + 40, 8), .offset = number (record + 48, 8)};
    return OK;
}

fault_t zip_directory_find (const void *tail_, size_t tail_size, uint64_t size, zip_directory_t *out,
                            const char **error)
{
    const unsigned char *tail = tail_, *end = find_end (tail, tail_size);
    *out = (zip_directory_t){0};
    *error = "it has no directory";
    if (!end || tail_size > size)
        return NOT_FOUND;
    *out = (zip_directory_t){
        .count = number (end + 10, 2), .size = number (end + 12, 4), .offset = number (end + 16, 4)};
    if (number (end + 4, 2) != 0 && number (end + 4, 2) != COUNT_MAX) {
        *error = "it has several parts";
        return INVALID;
    }
    if (out->count == COUNT_MAX || out->size == SMALL_MAX || out->offset == SMALL_MAX)
        TRY (read_end64 (tail, end, size - tail_size, out, error));
    uint64_t most = size - tail_size + (uint64_t) (end - tail);
    *error = "its directory is not in it";
    return out->offset <= most && out->size <= most - out->offset && out->count <= out->size / ENTRY_SIZE
               ? OK
               : INVALID;
}

void zip_reader_init (zip_reader_t *self, arena_t *arena, const zip_directory_t *directory, const void *data)
{
    *self = (zip_reader_t){
        .data = data, .size = (size_t) directory->size, .directory = *directory, .arena = arena};
}

static fault_t bad (zip_reader_t *self, const char *what)
{
    self->error =
        arena_printf (self->arena, "entry %llu of its directory %s", (unsigned long long) self->seen, what);
    return INVALID;
}

// Takes from the zip64 field what was too large for its place, in this order.
static bool read_extra (const unsigned char *extra, size_t size, zip_member_t *out)
{
    uint64_t *const wide[] = {&out->size, &out->packed, &out->offset};
    while (size >= 4) {
        size_t kind = (size_t) number (extra, 2), length = (size_t) number (extra + 2, 2);
        extra += 4;
        size -= 4;
        if (length > size)
            return false;
        for (size_t i = 0, at = 0; kind == 1 && i < sizeof (wide) / sizeof (wide[0]); i++) {
            if (*wide[i] != SMALL_MAX)
                continue;
            if (length - at < 8)
                return false;
            *wide[i] = number (extra + at, 8);
            at += 8;
        }
        extra += length;
        size -= length;
    }
    return true;
}

static const char *member_fault (const zip_reader_t *self, const zip_member_t *member, uint64_t flags)
{
    uint64_t most = self->directory.offset;
    if (flags & (ENCRYPTED | PATCH | HIDDEN_NAMES))
        return "is encrypted or a patch";
    if (member->method != ZIP_STORED && member->method != ZIP_DEFLATED)
        return "is packed in a way that is not known here";
    if (member->offset > most || most - member->offset < ZIP_HEADER ||
        member->packed > most - member->offset - ZIP_HEADER)
        return "refers to bytes that are not in the archive";
    if (member->method == ZIP_STORED && member->size != member->packed)
        return "says two sizes";
    return member->size > INT64_MAX ? "is too large" : NULL;
}

fault_t zip_reader_next (zip_reader_t *self, zip_member_t *out)
{
    const unsigned char *entry = self->data + self->at;
    size_t left = self->size - self->at;
    if (self->seen == self->directory.count)
        return left == 0 ? NOT_FOUND : bad (self, "is followed by more bytes");
    self->seen++;
    if (left < ENTRY_SIZE || number (entry, 4) != 0x02014b50)
        return bad (self, "is not one");
    size_t name = (size_t) number (entry + 28, 2), extra = (size_t) number (entry + 30, 2),
           comment = (size_t) number (entry + 32, 2);
    if (left - ENTRY_SIZE < name + extra + comment)
        return bad (self, "is cut off");
    if (name == 0 || name > ZIP_NAME_BYTES || memchr (entry + ENTRY_SIZE, 0, name))
        return bad (self, "has no good name");
    bool unix_made = entry[5] == 3;
    *out = (zip_member_t){.name = arena_strndup (self->arena, (const char *) entry + ENTRY_SIZE, name),
                          .method = (uint16_t) number (entry + 10, 2),
                          .crc = (uint32_t) number (entry + 16, 4),
                          .packed = number (entry + 20, 4),
                          .size = number (entry + 24, 4),
                          .mode = unix_made ? (uint32_t) number (entry + 40, 2) & 07777 : 0,
                          .offset = number (entry + 42, 4)};
    if (!read_extra (entry + ENTRY_SIZE + name, extra, out))
        return bad (self, "has a damaged extra field");
    const char *wrong = member_fault (self, out, number (entry + 8, 2));
    self->at += ENTRY_SIZE + name + extra + comment;
    return wrong ? bad (self, wrong) : OK;
}

fault_t zip_data_offset (const void *header_, uint64_t offset, uint64_t *out)
{
    const unsigned char *header = header_;
    *out = offset + ZIP_HEADER + number (header + 26, 2) + number (header + 28, 2);
    return number (header, 4) == 0x04034b50 ? OK : INVALID;
}
