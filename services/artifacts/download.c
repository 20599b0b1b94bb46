/* download.c - list, show and read artifacts. A job sees those of its own run, and of the other runs of its project. */

#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/manifest.h"

#include <string.h>

#define PAGE_SIZE 50

static fault_t check_reader (artifacts_t *self, turn_t *turn, const artifact_row_t *row)
{
    fence_job_t own;
    if (turn->caller.role != ROLE_JOB)
        return OK;
    TRY (fence_job (&self->fence, turn, turn->caller.subject, &own));
    bool same_project = own.project[0] && strcmp (own.project, row->project) == 0;
    if (!same_project && strcmp (own.run, row->run) != 0)
        return turn_fail (turn, NOT_FOUND, "there is no such artifact in the runs of this job's project");
    return OK;
}

// A job that names another run sees of it what is of its project.
static fault_t narrow (artifacts_t *self, turn_t *turn, artifact_list_t *ask, const char **project)
{
    fence_job_t own;
    *project = "";
    if (turn->caller.role != ROLE_JOB)
        return OK;
    TRY (fence_job (&self->fence, turn, turn->caller.subject, &own));
    if (!ask->run[0])
        ask->run = own.run;
    if (strcmp (ask->run, own.run) == 0)
        return OK;
    if (!own.project[0])
        return turn_fail (turn, FORBIDDEN, "a job of no project lists the artifacts of its own run");
    *project = own.project;
    return OK;
}

HANDLER (artifact_list)
{
    artifacts_t *self = context;
    artifact_list_t ask = *(const artifact_list_t *) asked;
    artifact_page_t *page = answered;
    artifact_rows_t rows;
    const char *project;
    size_t limit = ask.limit ? ask.limit : PAGE_SIZE;
    TRY (narrow (self, turn, &ask, &project));
    TRY (artifact_store_list (self->db, turn, &ask, project, limit + 1, &rows));
    page->items.count = rows.count <= limit ? rows.count : limit;
    page->items.items = arena_array (turn->arena, page->items.count + 1, sizeof (artifact_t));
    for (size_t i = 0; i < page->items.count; i++)
        page->items.items[i] = artifact_shown (&rows.items[i]);
    page->next = rows.count > limit ? rows.items[limit - 1].id : "";
    return OK;
}

HANDLER (artifact_show)
{
    artifacts_t *self = context;
    const artifact_show_t *ask = asked;
    artifact_t *shown = answered;
    artifact_row_t row;
    manifest_t manifest;
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (check_reader (self, turn, &row));
    *shown = artifact_shown (&row);
    if (row.upload.part_size == 0 && !row.complete) // Its files are known at its end
        return OK;
    TRY (upload_store_manifest (self->db, turn, row.upload.id, &manifest));
    return manifest_unpack (turn, &manifest, &shown->files);
}

HANDLER (artifact_read)
{
    artifacts_t *self = context;
    const artifact_read_t *ask = asked;
    artifact_bytes_t *answer = answered;
    artifact_row_t row;
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (check_reader (self, turn, &row));
    if (!row.complete)
        return turn_fail (turn, CONFLICT, "artifact %s is still being uploaded", row.id);
    return upload_read (&self->uploads, turn, &row.upload, ask->offset, ask->size ? ask->size : MAX_CHUNK,
                        &answer->data);
}
