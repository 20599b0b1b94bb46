/* download.c - list, show and read artifacts. A job sees those of its own run, and of the other runs of its project. */

#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/manifest.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE   50
#define FILES_SHOWN 50

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
    bool sees;
    size_t limit = ask.limit ? ask.limit : PAGE_SIZE;
    page->next = "";
    TRY (artifacts_see (self, turn, &ask, &sees));
    if (!sees)
        return OK;
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

static bool is_under (const char *path, const char *folder)
{
    size_t size = strlen (folder);
    while (size > 0 && folder[size - 1] == '/')
        size--;
    return size == 0 || (strncmp (path, folder, size) == 0 && path[size] == '/');
}

static artifact_file_page_t page_of (const artifact_t *artifact)
{
    return (artifact_file_page_t){.next = "",
                                  .id = artifact->id,
                                  .name = artifact->name,
                                  .run_id = artifact->run_id,
                                  .size = artifact->size,
                                  .created_at = artifact->created_at,
                                  .expires_at = artifact->expires_at,
                                  .archive = artifact->archive,
                                  .complete = artifact->complete};
}

// One by its path, as a browser asks that shows a report.
static fault_t show_file (artifacts_t *self, turn_t *turn, const artifact_row_t *row, const char *path,
                          artifact_file_page_t *page)
{
    const artifact_t shown = artifact_shown (row);
    found_file_t *look = arena_alloc (turn->arena, sizeof *look);
    *page = page_of (&shown);
    TRY (manifest_cache_find (&self->manifests, self->db, turn, row->upload.id, path, look));
    if (look->found && !shown.archive)
        look->file.offset = look->begin;
    page->count = (int64_t) look->of;
    page->items = (artifact_file_items_t){&look->file, look->found};
    return OK;
}

HANDLER (artifact_files)
{
    artifacts_t *self = context;
    const artifact_files_t *ask = asked;
    artifact_file_page_t *page = answered;
    artifact_show_t one = {.artifact = ask->artifact};
    artifact_row_t row;
    artifact_t shown = {0};
    char *end;
    unsigned long first = strtoul (ask->cursor, &end, 10);
    size_t limit = ask->limit ? ask->limit : FILES_SHOWN;
    if (*end)
        return turn_fail (turn, INVALID, "cursor: is not the `next` of a page");
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (check_reader (self, turn, &row));
    if (*ask->path && row.complete)
        return show_file (self, turn, &row, ask->path, page);
    TRY (handle_artifact_show (self, turn, &one, &shown));
    *page = page_of (&shown);
    page->count = (int64_t) shown.files.count;
    page->items.items = arena_array (turn->arena, limit + 1, sizeof *page->items.items);
    for (size_t i = first; i < shown.files.count; i++) {
        const char *path = shown.files.items[i].path;
        if (!is_under (path, ask->under) || (*ask->path && strcmp (path, ask->path) != 0))
            continue;
        if (page->items.count == limit) {
            page->next = arena_printf (turn->arena, "%zu", i);
            break;
        }
        page->items.items[page->items.count++] = shown.files.items[i];
    }
    return OK;
}

// May its files be shown? The gateway, which serves them, signs the address.
HANDLER (view_make)
{
    artifacts_t *self = context;
    const view_make_t *ask = asked;
    artifact_row_t row;
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (check_reader (self, turn, &row));
    if (!row.complete)
        return turn_fail (turn, CONFLICT, "artifact %s is still being uploaded", row.id);
    *(artifact_view_t *) answered = (artifact_view_t){.id = row.id, .url = "", .scripts = ask->scripts};
    return OK;
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
