/* manifest_cache.c - see manifest_cache.h. */

#include "services/artifacts/manifest_cache.h"

#include "common/base/metrics.h"

#include <stdio.h>
#include <string.h>

static void count (const char *result)
{
    metric_add (
        metrics_counter ("opencicd_artifact_lists_total", "result", result,
                         "Look-ups of one file in an artifact's list, by whether that was kept unpacked"),
        1);
}

static kept_manifest_t *place_for (manifest_cache_t *self)
{
    kept_manifest_t *place = &self->items[0];
    for (size_t i = 1; i < MANIFESTS_KEPT; i++)
        if (self->items[i].used < place->used)
            place = &self->items[i];
    arena_destroy (&place->arena);
    *place = (kept_manifest_t){.used = 0};
    return place;
}

// In an arena of its own where it is kept, else in the turn's.
static fault_t unpack_list (manifest_cache_t *self, db_t *db, turn_t *turn, const char *upload,
                            artifact_file_items_t *files)
{
    manifest_t manifest;
    turn_t own;
    TRY (upload_store_manifest (db, turn, upload, &manifest));
    if (manifest.raw > MANIFEST_LARGER)
        return manifest_unpack (turn, &manifest, files);
    arena_t *arena = arena_new ();
    turn_init (&own, arena, "", 0);
    fault_t fault = manifest_unpack (&own, &manifest, files);
    if (fault != OK) {
        fault = turn_fail (turn, fault, "%s", own.detail ? own.detail : fault_text (fault));
        arena_destroy (&arena);
        return fault;
    }
    kept_manifest_t *place = place_for (self);
    place->arena = arena;
    place->files = *files;
    place->used = ++self->clock;
    snprintf (place->upload, sizeof place->upload, "%s", upload);
    return OK;
}

static fault_t list_of (manifest_cache_t *self, db_t *db, turn_t *turn, const char *upload,
                        artifact_file_items_t *files)
{
    for (size_t i = 0; i < MANIFESTS_KEPT; i++) {
        kept_manifest_t *item = &self->items[i];
        if (!item->arena || strcmp (item->upload, upload) != 0)
            continue;
        item->used = ++self->clock;
        *files = item->files;
        count ("kept");
        return OK;
    }
    count ("unpacked");
    return unpack_list (self, db, turn, upload, files);
}

// The list may be gone before the answer is: what is given is copied.
fault_t manifest_cache_find (manifest_cache_t *self, db_t *db, turn_t *turn, const char *upload,
                             const char *path, found_file_t *out)
{
    artifact_file_items_t files;
    *out = (found_file_t){.found = false};
    TRY (list_of (self, db, turn, upload, &files));
    out->of = files.count;
    for (size_t i = 0; i < files.count && !out->found; i++) {
        const artifact_file_t *file = &files.items[i];
        out->found = strcmp (file->path, path) == 0;
        if (!out->found) {
            out->begin += file->size;
            continue;
        }
        out->file = *file;
        out->file.path = arena_strdup (turn->arena, file->path);
        out->file.sha256 = arena_strdup (turn->arena, file->sha256);
    }
    return OK;
}

void manifest_cache_clear (manifest_cache_t *self)
{
    for (size_t i = 0; i < MANIFESTS_KEPT; i++)
        arena_destroy (&self->items[i].arena);
    *self = (manifest_cache_t){.clock = 0};
}
