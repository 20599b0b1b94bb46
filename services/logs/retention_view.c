/* retention_view.c - how long logs are kept, as the settings say. */

#include "proto/retention.h"
#include "services/logs/logs_self.h"

HANDLER (retention_of_logs)
{
    const log_retention_t *keeps = &((const logs_t *) context)->retention;
    (void) asked;
    const retention_item_t rows[] = {
        {"log_retention_days", "Logs", retention_days (keeps->kept_us), "days"},
        {"log_max_gib", "Logs of all projects, the latest", keeps->max_bytes >> 30, "GiB"},
        {"log_project_gib", "Logs of each project, the latest", keeps->project_bytes >> 30, "GiB"}};
    retention_fill (turn, answered, rows, sizeof rows / sizeof *rows);
    return OK;
}
