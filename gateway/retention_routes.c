/* retention_routes.c - how long the server keeps things: each service is asked for what it goes by. */

#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/reply.h"

#include <string.h>

fault_t retention_rows (request_t *self)
{
    static const message_t *const asks[] = {MESSAGE (retention_of_runs), MESSAGE (retention_of_logs),
                                            MESSAGE (retention_of_artifacts), MESSAGE (retention_of_audit)};
    static const retention_of_runs_t none; // None of them has a field
    retention_item_t rows[MAX_RETENTION];
    retention_t all = {.items = {rows, 0}};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        retention_t part = {0};
        TRY (gateway_call (self, asks[i], &none, &part, 0));
        for (size_t j = 0; j < part.items.count && all.items.count < MAX_RETENTION; j++)
            rows[all.items.count++] = part.items.items[j];
    }
    return reply_message (self, self->route->status, MESSAGE (retention), &all, false);
}
