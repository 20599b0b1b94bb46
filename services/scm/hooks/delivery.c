/* delivery.c - deliveries are listed and shown, worked off once more by hand, and those of strangers' pull requests approved. */

#include "services/scm/hooks/delivery.h"
#include "common/base/log.h"
#include "common/base/pack.h"
#include "common/base/utf8.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"

#include <string.h>

#define SHOWN 50 // Of one page, unless more are asked for

static fault_t need_database (const scm_t *self, turn_t *turn)
{
    return self->db ? OK : turn_fail (turn, NOT_FOUND, "this scm service has no database");
}

HANDLER (delivery_list)
{
    scm_t *self = context;
    const delivery_list_t *ask = asked;
    delivery_page_t *page = answered;
    forge_link_t link = {.project = {.project_id = ""}};
    delivery_rows_t rows;
    uint32_t limit = ask->limit ? ask->limit : SHOWN;
    if (!self->db)
        return OK;
    if (*given (ask->project))
        TRY (forge_store_project (self->db, turn, ask->project, &link));
    TRY (delivery_store_page (self->db, turn, link.project.project_id, given (ask->state),
                              given (ask->cursor), limit + 1, &rows));
    if (rows.count > limit) {
        rows.count = limit;
        page->next = rows.items[limit - 1].delivery.id;
    }
    page->items =
        (delivery_items_t){arena_array (turn->arena, rows.count + 1, sizeof (delivery_t)), rows.count};
    for (size_t i = 0; i < rows.count; i++)
        page->items.items[i] = rows.items[i].delivery;
    return OK;
}

// Its first MiB, cut before a character that is not whole.
static const char *body_of (arena_t *arena, const delivery_row_t *row)
{
    size_t size = (size_t) row->delivery.size;
    char *body = arena_alloc (arena, size + 1);
    if (size == 0 || unpack (row->packed.data, row->packed.size, body, size) != OK)
        return "";
    size = size < MAX_DOC ? size : MAX_DOC;
    while (size > 0 && !utf8_valid (body, size))
        size--;
    body[size] = '\0';
    return body;
}

HANDLER (delivery_show)
{
    scm_t *self = context;
    const delivery_show_t *ask = asked;
    delivery_row_t row;
    TRY (need_database (self, turn));
    TRY (delivery_store_find (self->db, turn, ask->delivery, true, &row));
    row.delivery.body = body_of (turn->arena, &row);
    *(delivery_t *) answered = row.delivery;
    return OK;
}

void delivery_repeat (delivery_row_t *row, int64_t now_us)
{
    row->again++;
    row->attempts = 0;
    row->due_at = now_us;
    row->delivery.state = "received";
    row->delivery.reason = "";
    row->delivery.runs = (strs_t){NULL, 0};
    row->delivery.done_at = 0;
}

HANDLER (delivery_resend)
{
    scm_t *self = context;
    const delivery_resend_t *ask = asked;
    delivery_row_t row;
    TRY (need_database (self, turn));
    TRY (db_unit_write (self->db, turn));
    TRY (delivery_store_find (self->db, turn, ask->delivery, false, &row));
    if (!is_same (row.delivery.state, "done") && !is_same (row.delivery.state, "failed"))
        return turn_fail (turn, CONFLICT,
                          "delivery %s is %s: only what is done or failed is worked off once more",
                          ask->delivery, row.delivery.state);
    delivery_repeat (&row, turn->now_us);
    TRY (delivery_store_put (self->db, turn, &row));
    actor_tick_at (turn, turn->now_us);
    log_info ("a delivery is worked off once more", "delivery", row.delivery.id, "by",
              given (turn->caller.subject), NULL);
    *(delivery_t *) answered = row.delivery;
    return OK;
}

// What was looked at is named: a head that came since is another delivery, and waits for its own approval.
HANDLER (delivery_approve)
{
    scm_t *self = context;
    const delivery_approve_t *ask = asked;
    delivery_row_t row;
    const char *by = given (turn->caller.subject);
    TRY (need_database (self, turn));
    TRY (db_unit_write (self->db, turn));
    TRY (delivery_store_find (self->db, turn, ask->delivery, false, &row));
    if (!is_same (row.delivery.state, "approval"))
        return turn_fail (turn, CONFLICT, "delivery %s does not wait for an approval: it is %s",
                          ask->delivery, row.delivery.state);
    if (!is_same (row.delivery.sha, ask->sha))
        return turn_fail (turn, CONFLICT, "sha: the delivery is of %s, not of %s: look at that one",
                          row.delivery.sha, ask->sha);
    TRY (delivery_store_decide (self->db, turn, &row, ask->reject ? "ignored" : "received",
                                ask->reject ? arena_printf (turn->arena, "rejected by %s", by) : "",
                                ask->reject ? "" : by));
    TRY (delivery_store_find (self->db, turn, ask->delivery, false, &row));
    actor_tick_at (turn, turn->now_us);
    log_info (ask->reject ? "a fork's pull request was rejected" : "a fork's pull request was approved",
              "delivery", row.delivery.id, "sha", row.delivery.sha, "by", by, NULL);
    *(delivery_t *) answered = row.delivery;
    return OK;
}
