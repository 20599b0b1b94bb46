/* forge_tick.c - what is due: webhooks to look at, refs to compare, deliveries to work off, statuses to send. Each is asked for by a message to this service itself,
 * after its row says when it is asked for again: so that a process that ends in between costs a delay and nothing else. */

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/forge_store.h"
#include "services/scm/hooks/delivery.h"
#include "services/scm/status/status.h"

#define START_US SECONDS (30)   // All refs are compared within this time after the start
#define TIDY_US  SECONDS (3600) // Between two removals of old deliveries
#define WATCH_US SECONDS (15)   // Between two looks at how old the oldest is, while any waits

static fault_t ask_checks (scm_t *self, turn_t *turn)
{
    strs_t ids;
    forge_project_t answer;
    TRY (forge_store_check_due (self->db, turn, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        TRY (db_unit_write (self->db, turn));
        TRY (forge_store_check_at (self->db, turn, ids.items[i], turn->now_us + FORGE_ASK_AGAIN_US));
        TRY (actor_call (turn, MSG_forge_check, &(forge_check_t){.project = ids.items[i]}, &answer));
    }
    return OK;
}

static fault_t ask_comparisons (scm_t *self, turn_t *turn)
{
    strs_t ids;
    forge_project_t answer;
    TRY (forge_store_poll_due (self->db, turn, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        TRY (db_unit_write (self->db, turn));
        TRY (forge_store_poll_at (self->db, turn, ids.items[i], turn->now_us + FORGE_ASK_AGAIN_US));
        TRY (actor_call (turn, MSG_forge_compare, &(forge_compare_t){.project = ids.items[i]}, &answer));
    }
    return OK;
}

static fault_t ask_deliveries (scm_t *self, turn_t *turn)
{
    strs_t ids;
    done_t answer;
    TRY (delivery_store_due (self->db, turn, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        TRY (db_unit_write (self->db, turn));
        TRY (delivery_store_asked (self->db, turn, ids.items[i], turn->now_us + DELIVERY_ASK_US));
        TRY (actor_call (turn, MSG_delivery_work, &(delivery_work_t){.delivery = ids.items[i]}, &answer));
    }
    return OK;
}

static fault_t measure (scm_t *self, turn_t *turn, int64_t *next_us)
{
    delivery_sums_t sums;
    TRY (delivery_store_sums (self->db, turn, &sums));
    int64_t age_us = sums.oldest_us ? turn->now_us - sums.oldest_us : 0;
    metric_set (
        metrics_gauge ("opencicd_deliveries_waiting", NULL, NULL, "Deliveries that are not worked off yet"),
        sums.waiting);
    metric_set (metrics_gauge ("opencicd_deliveries_oldest_seconds", NULL, NULL, "Age of the oldest of them"),
                age_us / SECONDS (1));
    if (sums.waiting > 0 && *next_us > turn->now_us + WATCH_US)
        *next_us = turn->now_us + WATCH_US;
    return OK;
}

static fault_t tidy (scm_t *self, turn_t *turn)
{
    if (turn->now_us < self->tidy_at)
        return OK;
    self->tidy_at = turn->now_us + TIDY_US;
    TRY (db_unit_write (self->db, turn));
    TRY (status_store_tidy (self->db, turn, turn->now_us - DELIVERY_KEEP_US));
    return delivery_store_tidy (self->db, turn, turn->now_us - DELIVERY_KEEP_US);
}

static fault_t reseal (scm_t *self, turn_t *turn, int64_t *next_us)
{
    size_t count;
    if (self->resealed)
        return OK;
    TRY (forge_book_reseal (self, turn, &count));
    self->resealed = count == 0;
    if (count > 0)
        *next_us = turn->now_us;
    return OK;
}

fault_t forge_tick (scm_t *self, turn_t *turn, int64_t *next_us)
{
    int64_t due, delivery;
    turn->deadline_us = turn->now_us + FORGE_TURN_US; // Of what it asks for
    if (!self->compared) {                            // While a server was down, no webhook reached it
        TRY (db_unit_write (self->db, turn));
        TRY (forge_store_poll_all (self->db, turn, START_US));
        TRY (delivery_store_restart (self->db, turn)); // What a process that ended had begun
        self->compared = true;
    }
    TRY (reseal (self, turn, next_us));
    TRY (ask_checks (self, turn));
    TRY (ask_comparisons (self, turn));
    TRY (ask_deliveries (self, turn));
    TRY (status_tick (self, turn, next_us));
    TRY (tidy (self, turn));
    TRY (forge_store_next (self->db, turn, &due));
    TRY (delivery_store_next (self->db, turn, &delivery));
    due = due < delivery ? due : delivery;
    *next_us = due < *next_us ? due : *next_us;
    return measure (self, turn, next_us);
}
