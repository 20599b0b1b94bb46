/* manifest.c - see manifest.h. */

#include "services/artifacts/manifest.h"

#include "common/base/pack.h"
#include "common/base/sha256.h"

fault_t manifest_pack (turn_t *turn, const artifact_file_items_t *files, manifest_t *out, const char **sum)
{
    buffer_t *buffer = buffer_new (MESSAGE_MAX);
    artifact_t list = {.id = "-", .files = *files};
    sha256_t sha;
    fault_t fault = message_pack (MESSAGE (artifact), &list, buffer);
    sha256_init (&sha);
    if (!fault) {
        sha256_add (&sha, buffer_text (buffer), buffer_size (buffer));
        *sum = sha256_hex (&sha, turn->arena);
        *out = (manifest_t){.files = (int64_t) files->count, .raw = buffer_size (buffer)};
        out->data = pack (turn->arena, buffer_text (buffer), buffer_size (buffer), &out->size);
    }
    buffer_destroy (&buffer);
    return fault ? turn_fail (turn, fault, "files: the list of %zu files is too long", files->count) : OK;
}

fault_t manifest_unpack (turn_t *turn, const manifest_t *manifest, artifact_file_items_t *files)
{
    artifact_t list = {0};
    if (manifest->raw > MESSAGE_MAX)
        return turn_fail (turn, BROKEN, "a stored list of files is damaged");
    char *raw = arena_alloc (turn->arena, manifest->raw + 1);
    if (unpack (manifest->data, manifest->size, raw, manifest->raw) != OK ||
        message_unpack (MESSAGE (artifact), turn, raw, manifest->raw, &list) != OK)
        return turn_fail (turn, BROKEN, "a stored list of files is damaged");
    *files = list.files;
    return OK;
}
