/* send.c - what waits is sent: of one forge in order, one after the other, by one replica at a time, and of each status its newest state alone.
 *
 * A forge that asks to wait is waited for, and one that does not answer now is asked again, less and less often, for a day. What it refuses is
 * shown with its words and not sent again: the same words would follow. A sending whose answer is not known is repeated: it is idempotent. */

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/status_shape.h"
#include "services/scm/status/status.h"

#define FIRST_US MILLISECONDS (500) // After the first failure; twice as long after each further one
#define MOST_US  SECONDS (300)
#define FORGE_US SECONDS (2)    // After a failure nothing is sent to its forge so long
#define LIMIT_US SECONDS (3600) // No limit on requests is believed to hold longer

typedef struct {
    status_row_t row;
    bool tried;
    fault_t fault;
    const char *reason;
} try_t;

typedef struct {
    forge_access_t access;
    int64_t lease;
    int64_t until_us; // Monotonic: no call begins later
    try_t *items;
    size_t count;
    int64_t pause_us; // So long nothing is sent
    turn_t turn;
} sending_t;

// ---- in a thread ----

// What was renamed since answers at its new name.
static fault_t show (forge_call_t *call, const forge_shown_t *shown)
{
    forge_repository_t now;
    fault_t fault = call->forge->status (call, shown);
    if (fault != NOT_FOUND || !*call->repository)
        return fault;
    const char *detail = call->turn->detail;
    fault_t found = call->forge->find (call, &now);
    if (found == OK && !is_same (now.full_name, call->full_name)) {
        call->full_name = now.full_name;
        return call->forge->status (call, shown);
    }
    if (found != OK && found != NOT_FOUND)
        return found;
    call->turn->detail = detail;
    return NOT_FOUND;
}

static bool is_refusal (fault_t fault)
{
    return fault == NOT_FOUND || fault == FORBIDDEN || fault == UNAUTHORIZED || fault == INVALID;
}

static void try_one (sending_t *self, forge_call_t *call, try_t *attempt)
{
    const forge_status_t *row = &attempt->row.shown;
    forge_shown_t shown = {.sha = row->sha,
                           .ref = attempt->row.ref,
                           .context = row->context,
                           .description = row->description,
                           .url = row->url};
    self->turn.detail = NULL;
    call->pause_s = 0;
    call->repository = attempt->row.repository;
    call->full_name = attempt->row.full_name;
    attempt->tried = true;
    attempt->fault = status_state_from (row->state, &shown.state)
                         ? show (call, &shown)
                         : turn_fail (call->turn, INVALID, "the state %s is of a newer version", row->state);
    attempt->reason = self->turn.detail ? self->turn.detail : fault_text (attempt->fault);
}

static void send (void *data)
{
    sending_t *self = data;
    forge_call_t call;
    forge_call_begin (&call, &self->turn, &self->access);
    call.hurried = true;
    for (size_t i = 0; i < self->count && self->pause_us == 0; i++) {
        try_t *attempt = &self->items[i];
        if (clock_monotonic_us () > self->until_us)
            break;
        try_one (self, &call, attempt);
        int64_t limit_us = SECONDS (call.pause_s);
        if (attempt->fault == UNAVAILABLE && limit_us > 0)
            self->pause_us = limit_us < LIMIT_US ? limit_us : LIMIT_US;
        else if (attempt->fault != OK && attempt->fault != CONFLICT && !is_refusal (attempt->fault))
            self->pause_us = FORGE_US;
    }
    forge_call_end (&call);
}

static status_row_t row_copy (arena_t *arena, const status_row_t *from)
{
    status_row_t made = *from;
    made.shown.id = arena_strdup (arena, from->shown.id);
    made.shown.sha = arena_strdup (arena, from->shown.sha);
    made.shown.context = arena_strdup (arena, from->shown.context);
    made.shown.state = arena_strdup (arena, from->shown.state);
    made.shown.description = arena_strdup (arena, from->shown.description);
    made.shown.url = arena_strdup (arena, from->shown.url);
    made.ref = arena_strdup (arena, from->ref);
    made.repository = arena_strdup (arena, from->repository);
    made.full_name = arena_strdup (arena, from->full_name);
    return made;
}

// ---- what became of it ----

static void count (const char *outcome)
{
    metric_add (metrics_counter ("opencicd_statuses_total", "outcome", outcome,
                                 "Statuses that were sent to forges, by what became of each try"),
                1);
}

static int64_t pause_after (int64_t attempts)
{
    int64_t pause_us = FIRST_US;
    for (int64_t i = 1; i < attempts && pause_us < MOST_US; i++)
        pause_us *= 2;
    return pause_us < MOST_US ? pause_us : MOST_US;
}

static fault_t record (scm_t *self, turn_t *turn, const try_t *attempt, int64_t forge_pause_us)
{
    status_row_t row = attempt->row;
    forge_status_t *shown = &row.shown;
    shown->reason = attempt->fault == OK ? "" : arena_strdup (turn->arena, attempt->reason);
    if (attempt->fault == OK) {
        shown->delivery = "sent";
        shown->sent_at = turn->now_us;
    } else if (is_refusal (attempt->fault)) {
        shown->delivery = "refused";
    } else {
        int64_t pause_us = pause_after (++shown->attempts);
        shown->due_at = turn->now_us + (pause_us > forge_pause_us ? pause_us : forge_pause_us);
        shown->delivery = shown->changed_at < turn->now_us - STATUS_MOST_US ? "undelivered" : "waiting";
    }
    bool waits = is_same (shown->delivery, "waiting");
    count (waits ? "failed" : shown->delivery);
    if (attempt->fault != OK && !waits)
        log_warn ("a forge does not show a status", "repository", row.full_name, "context", shown->context,
                  "sha", shown->sha, "reason", shown->reason, NULL);
    return status_store_answered (self->db, turn, &row);
}

// In the actor's thread, when the forge has answered; however long that took.
static fault_t sent (void *service, turn_t *turn, void *data)
{
    scm_t *self = service;
    const sending_t *done = data;
    bool is;
    TRY (db_unit_write (self->db, turn));
    TRY (status_store_release (self->db, turn, done->access.id, done->lease, turn->now_us + done->pause_us,
                               &is));
    for (size_t i = 0; i < done->count && done->items[i].tried; i++)
        if (is)
            TRY (record (self, turn, &done->items[i], done->pause_us));
        else // It took too long: another may have sent a newer state, and this one came after it
            TRY (status_store_once_more (self->db, turn, &done->items[i].row));
    actor_tick_at (turn, turn->now_us + (is ? done->pause_us : 0));
    return OK;
}

static fault_t begin (scm_t *self, turn_t *turn, const status_send_t *ask, const forge_access_t *access,
                      const status_rows_t *rows)
{
    arena_t *arena = arena_new ();
    sending_t *task = arena_alloc (arena, sizeof *task);
    *task = (sending_t){.access = forge_access_copy (arena, access),
                        .lease = ask->lease,
                        .until_us = clock_monotonic_us () + turn->deadline_us - turn->now_us - STATUS_LAST_US,
                        .items = arena_array (arena, rows->count, sizeof (try_t)),
                        .count = rows->count};
    for (size_t i = 0; i < rows->count; i++)
        task->items[i] = (try_t){.row = row_copy (arena, &rows->items[i])};
    turn_init (&task->turn, arena, "statuses", turn->now_us);
    return background_send (self->forging, turn, send, sent, &arena, task);
}

// It is answered at once: what becomes of it is written by sent(), or, where this process ends before, sent again after the lease.
HANDLER (status_send)
{
    scm_t *self = context;
    const status_send_t *ask = asked;
    status_rows_t rows;
    forge_stored_t forge;
    forge_access_t access;
    bool has;
    (void) answered;
    TRY (status_store_has_lease (self->db, turn, ask->forge, ask->lease, &has));
    TRY (status_store_waiting (self->db, turn, ask->forge, &rows));
    if (!has)
        return OK;
    fault_t fault = forge_book_forge (self, turn, ask->forge, &forge, &access);
    if (fault == OK && rows.count > 0)
        fault = begin (self, turn, ask, &access, &rows);
    if (fault == OK && rows.count > 0)
        return OK;
    if (fault != OK) // Its credential cannot be opened, or too much is under way
        log_warn ("statuses cannot be sent now", "forge", ask->forge, "reason", given (turn->detail), NULL);
    turn->detail = NULL;
    int64_t at = turn->now_us + (fault == OVERLOADED ? FORGE_US : fault == OK ? 0 : MOST_US);
    TRY (db_unit_write (self->db, turn));
    actor_tick_at (turn, at);
    return status_store_release (self->db, turn, ask->forge, ask->lease, at, &has);
}
