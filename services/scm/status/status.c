/* status.c - what is due of statuses, each asked for by a message to this service itself; and the list of what a project's forge shows. */

#include "services/scm/status/status.h"
#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"

#define SHOWN      50           // Of one page, unless more are asked for
#define LOOK_AGAIN SECONDS (40) // A look without an outcome is asked for again
#define NONE_YET   (-1)         // No event is followed: the next read begins with new ones

// Where no project of a forge wants it nothing is followed, and later it begins anew.
static fault_t ask_events (scm_t *self, turn_t *turn, int64_t *next_us)
{
    int64_t cursor, due_at, lease = turn->now_us + STATUS_READ_US + SECONDS (5);
    bool any, is;
    done_t answer;
    TRY (status_store_events (self->db, turn, &cursor, &due_at));
    TRY (status_store_any_project (self->db, turn, &any));
    if (!any && cursor != NONE_YET) {
        TRY (db_unit_write (self->db, turn));
        return status_store_followed (self->db, turn, cursor, NONE_YET, 0, &is);
    }
    if (!any)
        return OK;
    if (due_at <= turn->now_us) {
        TRY (db_unit_write (self->db, turn));
        TRY (status_store_follow (self->db, turn, due_at, lease, &is));
        turn->deadline_us = turn->now_us + STATUS_READ_US;
        if (is)
            TRY (actor_call (turn, MSG_status_follow, &(status_follow_t){}, &answer));
        due_at = lease;
    }
    *next_us = due_at < *next_us ? due_at : *next_us;
    return OK;
}

static fault_t ask_runs (scm_t *self, turn_t *turn)
{
    status_runs_t runs;
    done_t answer;
    TRY (status_store_runs_due (self->db, turn, &runs));
    turn->deadline_us = turn->now_us + STATUS_READ_US;
    for (size_t i = 0; i < runs.count; i++) {
        const status_look_t ask = {.run = runs.items[i].run_id, .changes = runs.items[i].changes};
        TRY (db_unit_write (self->db, turn));
        TRY (status_store_run_at (self->db, turn, ask.run, turn->now_us + LOOK_AGAIN));
        TRY (actor_call (turn, MSG_status_look, &ask, &answer));
    }
    return OK;
}

static fault_t ask_sendings (scm_t *self, turn_t *turn)
{
    strs_t ids;
    done_t answer;
    TRY (status_store_forges_due (self->db, turn, &ids));
    turn->deadline_us = turn->now_us + STATUS_TURN_US;
    for (size_t i = 0; i < ids.count; i++) {
        status_send_t ask = {.forge = ids.items[i]};
        TRY (db_unit_write (self->db, turn));
        TRY (status_store_lease (self->db, turn, ask.forge, turn->now_us + STATUS_LEASE_US, &ask.lease));
        if (ask.lease)
            TRY (actor_call (turn, MSG_status_send, &ask, &answer));
    }
    return OK;
}

static fault_t measure (scm_t *self, turn_t *turn)
{
    status_sums_t sums;
    TRY (status_store_sums (self->db, turn, &sums));
    metric_set (
        metrics_gauge ("opencicd_statuses_waiting", NULL, NULL, "Statuses that no forge has taken yet"),
        sums.waiting);
    metric_set (metrics_gauge ("opencicd_statuses_oldest_seconds", NULL, NULL, "Age of the oldest of them"),
                sums.oldest_us ? (turn->now_us - sums.oldest_us) / SECONDS (1) : 0);
    return OK;
}

fault_t status_tick (scm_t *self, turn_t *turn, int64_t *next_us)
{
    int64_t due, deadline_us = turn->deadline_us;
    TRY (ask_events (self, turn, next_us));
    TRY (ask_runs (self, turn));
    TRY (ask_sendings (self, turn));
    turn->deadline_us = deadline_us;
    TRY (status_store_next (self->db, turn, &due));
    *next_us = due < *next_us ? due : *next_us;
    return measure (self, turn);
}

HANDLER (forge_status_list)
{
    scm_t *self = context;
    const forge_status_list_t *ask = asked;
    forge_status_page_t *page = answered;
    forge_link_t link;
    forge_access_t access;
    uint32_t limit = ask->limit ? ask->limit : SHOWN;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    TRY (status_store_page (self->db, turn, link.project.project_id, given (ask->sha), given (ask->delivery),
                            given (ask->cursor), limit + 1, &page->items));
    if (page->items.count > limit) {
        page->items.count = limit;
        page->next = page->items.items[limit - 1].id;
    }
    return OK;
}
