/* manifest.c - an artifact's list of files as it is kept in its row: one packed message, however many there are. */

#include "common/pack.h"
#include "services/artifacts/artifacts_self.h"

void manifest_pack (arena_t *arena, const artifact_file_items_t *files, artifact_row_t *row)
{
    buffer_t *buffer = buffer_new (MESSAGE_MAX);
    artifact_t list = {.id = "-", .files = *files};
    sha256_t sha;
    sha256_init (&sha);
    // It came in one message of that size, with more in it: it fits.
    if (message_pack (MESSAGE (artifact), &list, buffer) == OK)
        sha256_add (&sha, buffer_text (buffer), buffer_size (buffer));
    row->manifest_raw = buffer_size (buffer);
    row->manifest = pack (arena, buffer_text (buffer), buffer_size (buffer), &row->manifest_size);
    row->manifest_sum = sha256_hex (&sha, arena);
    row->file_count = (int64_t) files->count;
    buffer_destroy (&buffer);
}

fault_t manifest_unpack (turn_t *turn, const artifact_row_t *row, artifact_file_items_t *files)
{
    artifact_t list = {0};
    if (row->manifest_raw > MESSAGE_MAX)
        return turn_fail (turn, BROKEN, "the list of files of artifact %s is damaged", row->shown.id);
    char *raw = arena_alloc (turn->arena, row->manifest_raw + 1);
    if (unpack (row->manifest, row->manifest_size, raw, row->manifest_raw) != OK ||
        message_unpack (MESSAGE (artifact), turn, raw, row->manifest_raw, &list) != OK)
        return turn_fail (turn, BROKEN, "the list of files of artifact %s is damaged", row->shown.id);
    *files = list.files;
    return OK;
}
