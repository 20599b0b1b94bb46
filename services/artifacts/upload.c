/* upload.c - see upload.h. The list of files in, the check of the whole; parts are in upload_put.c, bytes in upload_read.c. */

#include "services/artifacts/upload.h"

#include "common/base/id.h"
#include "services/artifacts/manifest.h"
#include "services/artifacts/paths.h"

#include <string.h>

#define SHORT_LIST 256 // Files that are looked at in the actor's thread: less work than a hop to another

typedef struct {
    turn_t turn; // With an arena of its own
    artifact_file_items_t files;
    upload_plan_t plan;
    fault_t fault;
} upload_planning_t;

static void plan (void *data)
{
    upload_planning_t *self = data;
    self->fault = file_list_check (&self->turn, &self->files, &self->plan.size);
    if (!self->fault)
        self->fault = manifest_pack (&self->turn, &self->files, &self->plan.manifest, &self->plan.sum);
}

static artifact_file_items_t copy_files (arena_t *arena, const artifact_file_items_t *files)
{
    artifact_file_items_t copy = {arena_array (arena, files->count + 1, sizeof (artifact_file_t)),
                                  files->count};
    for (size_t i = 0; i < files->count; i++) {
        copy.items[i] = files->items[i];
        copy.items[i].path = arena_strdup (arena, files->items[i].path);
        copy.items[i].sha256 = arena_strdup (arena, files->items[i].sha256);
    }
    return copy;
}

static fault_t plan_elsewhere (uploads_t *self, turn_t *turn, const char *key,
                               const artifact_file_items_t *files)
{
    arena_t *arena = arena_new ();
    upload_planning_t *planning = arena_alloc (arena, sizeof (*planning));
    *planning = (upload_planning_t){.files = copy_files (arena, files)};
    turn_init (&planning->turn, arena, "", 0);
    return background_begin (self->tasks, turn, key, plan, &arena, planning);
}

fault_t upload_plan (uploads_t *self, turn_t *turn, const char *key, const artifact_file_items_t *files,
                     upload_plan_t *out)
{
    upload_planning_t here = {.files = *files}, *planning = &here;
    if (files->count <= SHORT_LIST) {
        turn_init (&here.turn, turn->arena, "", 0);
        plan (&here);
    } else {
        fault_t fault = background_find (self->tasks, turn, key, (void **) &planning);
        if (fault == NOT_FOUND)
            return plan_elsewhere (self, turn, key, files);
        TRY (fault);
    }
    if (planning->fault)
        return turn_fail (turn, planning->fault, "%s", planning->turn.detail);
    *out = planning->plan;
    return OK;
}

fault_t upload_begin (uploads_t *self, turn_t *turn, const upload_plan_t *planned, upload_t *out)
{
    *out = (upload_t){.id = id_new (turn->arena, 'u', turn->now_us),
                      .size = planned->size,
                      .part_size = PART_SIZE,
                      .sha256 = "",
                      .wrong = "",
                      .manifest_sum = planned->sum,
                      .changed_at = turn->now_us};
    sha256_init (&out->sha);
    sha256_init (&out->file_sha);
    return upload_store_add (self->db, turn, out, &planned->manifest);
}

fault_t upload_check (turn_t *turn, const upload_t *upload, const char *sha256)
{
    if ((int64_t) upload->sha.size != upload->size)
        return turn_fail (turn, CONFLICT, "%llu of %lld bytes are there; part %lld is missing",
                          (unsigned long long) upload->sha.size, (long long) upload->size,
                          (long long) upload->parts);
    if (upload->wrong[0])
        return turn_fail (turn, INVALID, "\"%s\" does not have its sha256; begin again", upload->wrong);
    const char *sum = upload->sha256[0] ? upload->sha256 : sha256_hex (&upload->sha, turn->arena);
    if (strcmp (sum, sha256) != 0)
        return turn_fail (turn, INVALID, "sha256: the stored bytes have %s", sum);
    return OK;
}
