/* upload_index.c - what is in an upload whose files nobody named before: the entries of a zip, or one file.
 *
 * A zip is read from its directory alone. One whose directory cannot be vouched for (encrypted, names that climb out, too many entries)
 * is kept all the same, as one file: its job may know how to read it. */

#include "common/zip/zip_directory.h"
#include "services/artifacts/manifest.h"
#include "services/artifacts/paths.h"
#include "services/artifacts/upload.h"
#include "services/artifacts/upload_range.h"

#include "common/base/utf8.h"

#include <string.h>

#define DIRECTORY_MAX (16 << 20) // Bytes of a directory
#define FILES_MAX     100000     // As many as a message may have

typedef struct {
    upload_range_t range; // With an arena of its own; the rows of the parts that may hold the directory
    int64_t size;
    const char *name, *sha256;
    bool zip;
    upload_plan_t plan;
    fault_t fault;
} indexing_t;

static int64_t smaller (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static fault_t read_bytes (indexing_t *self, int64_t from, int64_t size)
{
    self->range.from = from;
    self->range.size = (size_t) size;
    return upload_range_read (&self->range);
}

// INVALID: not one that can be listed.
static fault_t read_directory (indexing_t *self, zip_reader_t *reader)
{
    zip_directory_t directory;
    const char *error;
    int64_t tail = smaller (self->size, ZIP_TAIL);
    TRY (read_bytes (self, self->size - tail, tail));
    if (zip_directory_find (self->range.data, self->range.got, (uint64_t) self->size, &directory, &error) ||
        directory.size > DIRECTORY_MAX || directory.count > FILES_MAX)
        return INVALID;
    if ((int64_t) directory.offset < self->size - DIRECTORY_MAX - ZIP_TAIL)
        return INVALID; // More than a directory follows it; the rows of those parts are not here
    if (directory.size > 0)
        TRY (read_bytes (self, (int64_t) directory.offset, (int64_t) directory.size));
    zip_reader_init (reader, self->range.turn.arena, &directory, self->range.data);
    return OK;
}

static fault_t list_files (indexing_t *self, artifact_file_items_t *files)
{
    zip_reader_t reader;
    zip_member_t member;
    fault_t fault;
    TRY (read_directory (self, &reader));
    files->items = arena_array (self->range.turn.arena, reader.directory.count + 1, sizeof (artifact_file_t));
    while ((fault = zip_reader_next (&reader, &member)) == OK) {
        size_t length = strlen (member.name);
        if (member.name[length - 1] == '/') // A folder; those of files come with them
            continue;
        if (!utf8_valid (member.name, length))
            return INVALID;
        files->items[files->count++] = (artifact_file_t){.path = member.name,
                                                         .size = (int64_t) member.size,
                                                         .sha256 = "",
                                                         .mode = member.mode,
                                                         .offset = (int64_t) member.offset,
                                                         .packed = (int64_t) member.packed,
                                                         .method = member.method,
                                                         .crc32 = member.crc};
    }
    return fault == NOT_FOUND ? OK : fault;
}

static fault_t plan_of (indexing_t *self, const artifact_file_items_t *files)
{
    turn_t *turn = &self->range.turn;
    TRY (file_list_check (turn, files, &self->plan.size));
    return manifest_pack (turn, files, &self->plan.manifest, &self->plan.sum);
}

static void look (void *data)
{
    indexing_t *self = data;
    artifact_file_items_t files = {0};
    self->fault = self->zip ? list_files (self, &files) : INVALID;
    if (self->fault == OK)
        self->fault = plan_of (self, &files);
    self->plan.archive = self->fault == OK;
    if (self->fault != INVALID && self->fault != TOO_LARGE)
        return; // It is one, or the store failed
    artifact_file_t whole = {.path = self->name, .size = self->size, .sha256 = self->sha256, .mode = 0644};
    self->range.turn.detail = NULL;
    self->fault = plan_of (self, &(artifact_file_items_t){.items = &whole, .count = 1});
}

static fault_t begin (uploads_t *self, turn_t *turn, const upload_t *upload, const char *name, bool zip,
                      const char *key)
{
    arena_t *arena = arena_new ();
    indexing_t *indexing = arena_alloc (arena, sizeof (*indexing));
    int64_t from = upload->size - smaller (upload->size, DIRECTORY_MAX + ZIP_TAIL);
    *indexing = (indexing_t){.size = upload->size,
                             .name = arena_strdup (arena, name),
                             .sha256 = sha256_hex (&upload->sha, arena),
                             .zip = zip && upload->size > 0};
    indexing->range = (upload_range_t){.blob = self->blob};
    turn_init (&indexing->range.turn, arena, "", 0);
    fault_t fault =
        indexing->zip ? upload_store_parts (self->db, &indexing->range.turn, upload->id, from,
                                            upload->size - 1, &indexing->range.parts, &indexing->range.count)
                      : OK;
    if (fault == OK)
        return background_begin (self->tasks, turn, key, look, &arena, indexing);
    arena_destroy (&arena);
    return turn_fail (turn, fault, "the parts of upload %s cannot be found", upload->id);
}

fault_t upload_index (uploads_t *self, turn_t *turn, const upload_t *upload, const char *name, bool zip,
                      upload_plan_t *out)
{
    indexing_t *indexing;
    const char *key = arena_printf (turn->arena, "index/%s/%s", turn->request_id, upload->id);
    fault_t fault = background_find (self->tasks, turn, key, (void **) &indexing);
    if (fault == NOT_FOUND)
        return begin (self, turn, upload, name, zip, key);
    TRY (fault);
    if (indexing->fault)
        return turn_fail (turn, indexing->fault, "%s",
                          indexing->range.turn.detail ? indexing->range.turn.detail
                                                      : fault_text (indexing->fault));
    *out = indexing->plan;
    return OK;
}
