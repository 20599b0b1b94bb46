/* audit.c - keeps what people did: adds what other services, the gateway and this one send, lists it, and removes what is too old.
 *
 * Nothing else removes a row, and nothing changes one. */

#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "proto/retention.h"
#include "services/identity/audit_store.h"
#include "services/identity/audit_syslog.h"
#include "services/identity/inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS   50
#define READ_ROWS   200
#define PRUNE_AGAIN SECONDS (3600)

HANDLER (audit_put)
{
    identity_t *self = context;
    const audit_put_t *ask = asked;
    int64_t number;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services add to the audit");
    TRY (db_unit_write (self->db, turn));
    TRY (audit_store_numbers (self->db, turn, (int64_t) ask->items.count, &number));
    for (size_t i = 0; i < ask->items.count; i++)
        TRY (audit_store_add (self->db, turn, number++, &ask->items.items[i]));
    metric_add (metrics_counter ("opencicd_audit_entries_total", NULL, NULL,
                                 "Entries that were added to the audit, sent again ones included"),
                (int64_t) ask->items.count);
    actor_announce_soon (turn, AUDIT_TOPIC);
    if (self->syslog.on)
        actor_tick_at (turn, turn->now_us);
    return OK;
}

static fault_t check_reader (turn_t *turn)
{
    return turn->caller.role == ROLE_ADMIN ? OK
                                           : turn_fail (turn, FORBIDDEN, "only an ADMIN reads the audit");
}

// Entries have a project's id where the service knew it, else what the caller wrote.
static fault_t find_project (turn_t *turn, const char *named, const char *projects[3])
{
    project_t project;
    projects[0] = projects[1] = projects[2] = named ? named : "";
    if (!is_given (named))
        return OK;
    fault_t fault = actor_call (turn, MSG_project_show, &(project_show_t){.project = named}, &project);
    if (fault == OK) {
        projects[1] = project.id;
        projects[2] = project.name;
    }
    if (fault == NOT_FOUND) // It may be removed
        turn->detail = NULL;
    return fault == NOT_FOUND ? OK : fault;
}

static fault_t check_times (turn_t *turn, int64_t since, int64_t until)
{
    if (until && until <= since)
        return turn_fail (turn, INVALID, "until: must be after `since`");
    return OK;
}

// "1900000000000000.42" is the time and the number of the last entry of the page before.
static fault_t read_cursor (turn_t *turn, const char *cursor, int64_t *at, int64_t *number)
{
    char *dot = NULL, *end = NULL;
    *at = *number = INT64_MAX;
    if (!is_given (cursor))
        return OK;
    *at = strtoll (cursor, &dot, 10);
    if (dot != cursor && *dot == '.')
        *number = strtoll (dot + 1, &end, 10);
    bool good = end && end != dot + 1 && !*end;
    return good ? OK : turn_fail (turn, INVALID, "cursor: is not the `next` of a page");
}

HANDLER (audit_list)
{
    identity_t *self = context;
    const audit_list_t *ask = asked;
    audit_page_t *page = answered;
    int64_t at, number, limit = ask->limit ? ask->limit : PAGE_ROWS;
    audit_filter_t filter = {.actor = ask->actor,
                             .action = ask->action,
                             .object = ask->object,
                             .result = ask->result,
                             .since = ask->since,
                             .until = ask->until ? ask->until : INT64_MAX};
    TRY (check_reader (turn));
    TRY (check_times (turn, ask->since, ask->until));
    TRY (read_cursor (turn, ask->cursor, &at, &number));
    TRY (find_project (turn, ask->project, filter.projects));
    TRY (audit_store_page (self->db, turn, &filter, at, number, limit + 1, &page->items));
    if ((int64_t) page->items.count <= limit)
        return OK;
    page->items.count = (size_t) limit;
    const audit_entry_t *last = &page->items.items[limit - 1];
    page->next = arena_printf (turn->arena, "%" PRId64 ".%" PRId64, last->at, last->number);
    return OK;
}

HANDLER (audit_read)
{
    identity_t *self = context;
    const audit_read_t *ask = asked;
    audit_entries_t *entries = answered;
    audit_filter_t filter = {.actor = ask->actor,
                             .action = ask->action,
                             .object = ask->object,
                             .result = ask->result,
                             .since = ask->since,
                             .until = ask->until ? ask->until : INT64_MAX};
    TRY (check_reader (turn));
    TRY (check_times (turn, ask->since, ask->until));
    TRY (find_project (turn, ask->project, filter.projects));
    TRY (audit_store_after (self->db, turn, &filter, ask->after, ask->limit ? ask->limit : READ_ROWS,
                            &entries->items));
    entries->cursor = ask->after;
    if (entries->items.count > 0)
        entries->cursor = entries->items.items[entries->items.count - 1].number;
    else if (ask->wait && !actor_waited (turn))
        return actor_wait (turn, AUDIT_TOPIC, turn->now_us + SECONDS (ask->wait));
    return OK;
}

fault_t identity_audit_tick (identity_t *self, turn_t *turn, int64_t *next_us)
{
    int64_t removed = 0;
    if (self->audit_days && turn->now_us >= self->audit_prune_us) {
        TRY (db_unit_write (self->db, turn));
        TRY (audit_store_prune (self->db, turn, turn->now_us - SECONDS (86400) * self->audit_days, &removed));
        self->audit_prune_us = removed < AUDIT_PRUNED ? turn->now_us + PRUNE_AGAIN : turn->now_us;
        metric_add (metrics_counter ("opencicd_audit_removed_total", NULL, NULL,
                                     "Entries of the audit that were removed for their age"),
                    removed);
    }
    if (self->audit_days && self->audit_prune_us < *next_us)
        *next_us = self->audit_prune_us;
    return audit_syslog_tick (self, turn, next_us);
}

HANDLER (retention_of_audit)
{
    const identity_t *self = context;
    (void) asked;
    const retention_item_t row = {"audit_retention_days", "Entries of the audit", self->audit_days, "days"};
    retention_fill (turn, answered, &row, 1);
    return OK;
}
