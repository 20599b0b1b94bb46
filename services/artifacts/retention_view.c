/* retention_view.c - how long artifacts and caches are kept, as the settings say. */

#include "proto/retention.h"
#include "services/artifacts/artifacts_self.h"

HANDLER (retention_of_artifacts)
{
    const artifacts_t *self = context;
    (void) asked;
    const retention_item_t rows[] = {
        {"artifact_retention_days", "Artifacts, where the upload says nothing else",
         retention_days (self->retention_us), "days"},
        {"cache_unused_days", "Caches that no job found", retention_days (self->cache_unused_us), "days"},
        {"cache_project_mib", "Caches of each project, the most recently used", self->cache_limit >> 20,
         "MiB"}};
    retention_fill (turn, answered, rows, sizeof rows / sizeof *rows);
    return OK;
}
