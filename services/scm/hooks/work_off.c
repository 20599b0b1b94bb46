/* work_off.c - a stored delivery becomes runs: in order within its lane, of the newest head, once.
 *
 * No forge delivers in order, so that a delivery is a hint and the ref is the truth: of a push what runs is the ref's head now, once, and what came
 * too late is superseded. `forge_refs` says which head of a ref was dealt with last, whoever reported it: a webhook, its repetition, or a
 * comparison. The scheduler is asked with a key that names delivery and head: asked again after a crash, it gives the same runs. */

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/hooks/delivery.h"
#include "services/scm/status/status.h"
#include "workflow/plan/payload.h"

#include <string.h>

#define SOON_US   MILLISECONDS (500) // After the first failure; twice as long after each further one
#define MOST_US   SECONDS (300)
#define SLOW      3   // After so many failures
#define SKIP_TEXT 200 // Bytes of why one workflow does not run
#define STALE     4   // So often the head of a pull request is looked at until it is what the delivery says

typedef struct {
    scm_t *self;
    turn_t *turn;
    delivery_row_t row;
    forge_link_t link;
    forge_access_t access;
    const char *head;    // What runs; "" where the event names none
    const char *handled; // The ref's newest head that was dealt with; "" for none
    const char *mark;    // The ref that `head` is then the newest of; "" for none
    const char *ended;   // Why nothing runs; NULL where it does
} work_off_t;

// ---- what becomes of it ----

static fault_t end (work_off_t *work, const char *state, const char *reason)
{
    delivery_row_t *row = &work->row;
    TRY (db_unit_write (work->self->db, work->turn));
    row->delivery.state = state;
    row->delivery.reason = delivery_text (work->turn->arena, reason, MAX_TEXT);
    row->delivery.done_at = is_same (state, "approval") ? 0 : work->turn->now_us;
    TRY (delivery_store_put (work->self->db, work->turn, row));
    delivery_count (state);
    actor_tick_at (work->turn, work->turn->now_us); // The next of its lane
    log_info ("a delivery was worked off", "project", work->row.delivery.project, "event",
              row->delivery.event, "state", state, "reason", reason, NULL);
    return OK;
}

// Whatever became of it, this head has been dealt with: comparing refs does not find it again.
static fault_t mark (work_off_t *work)
{
    if (!*work->mark || !*work->head)
        return OK;
    TRY (db_unit_write (work->self->db, work->turn));
    return ref_store_put (work->self->db, work->turn, work->row.project_id, work->mark, work->head);
}

static int64_t pause_after (int64_t attempts)
{
    int64_t pause_us = SOON_US;
    for (int64_t i = 0; i < attempts && pause_us < MOST_US; i++)
        pause_us *= 2;
    return pause_us < MOST_US ? pause_us : MOST_US;
}

static bool may_pass (fault_t fault)
{
    return fault == UNAVAILABLE || fault == OVERLOADED || fault == TIMEOUT || fault == CONFLICT ||
           fault == BROKEN;
}

// One that is worked off once more may have come long ago: its tries are counted. One that waited for a day behind others that failed is
// not tried for a day of its own.
static bool is_over (const work_off_t *work)
{
    const delivery_row_t *row = &work->row;
    return row->attempts + 1 >= DELIVERY_TRIES ||
           (row->again == 0 && row->delivery.received_at < work->turn->now_us - DELIVERY_MOST_US);
}

// It waits in its place: what follows in its lane stays behind it.
static fault_t again (work_off_t *work, const char *reason)
{
    delivery_row_t *row = &work->row;
    if (is_over (work))
        return end (work, "failed",
                    arena_printf (work->turn->arena, "given up after %lld tries: %s",
                                  (long long) row->attempts + 1, reason));
    TRY (db_unit_write (work->self->db, work->turn));
    row->due_at = work->turn->now_us + pause_after (row->attempts++);
    row->delivery.reason = delivery_text (work->turn->arena, reason, MAX_TEXT);
    TRY (delivery_store_put (work->self->db, work->turn, row));
    actor_tick_at (work->turn, row->due_at);
    return OK;
}

static fault_t failed (work_off_t *work, fault_t fault)
{
    const char *reason = work->turn->detail ? work->turn->detail : fault_text (fault);
    work->turn->detail = NULL;
    if (may_pass (fault))
        return again (work, reason);
    TRY (mark (work));
    return end (work, "failed", reason);
}

// ---- what runs ----

// The commit that the ref is at now, or that one, if the ref has it; "" where there is no such ref, or it has not.
static fault_t look_at (work_off_t *work, const char *ref, const char *commit, const char **sha)
{
    scm_tree_t tree = {0};
    const scm_fetch_t ask = {.url = work->link.project.url,
                             .ref = ref,
                             .sha = commit,
                             .trusted = true,
                             .project = work->row.project_id};
    fault_t fault = actor_call (work->turn, MSG_scm_fetch, &ask, &tree);
    *sha = fault == OK ? tree.sha : "";
    if (fault == NOT_FOUND || fault == INVALID)
        work->turn->detail = NULL;
    return fault == NOT_FOUND || fault == INVALID ? OK : fault;
}

static fault_t find_pushed (work_off_t *work)
{
    const delivery_t *delivery = &work->row.delivery;
    work->mark = is_same (delivery->event, "push") ? delivery->ref : "";
    // A repository that takes too long to be fetched within one request: what arrived meanwhile is enough, if it has the commit
    bool is_slow = work->row.attempts > SLOW && *delivery->sha;
    TRY (look_at (work, delivery->ref, is_slow ? delivery->sha : "", &work->head));
    TRY (ref_store_get (work->self->db, work->turn, work->row.project_id, delivery->ref, &work->handled));
    if (!*work->head)
        work->ended = "the ref is not there any more";
    else if (*work->mark && is_same (work->head, work->handled) && work->row.again == 0)
        work->ended = "its head was dealt with already";
    return OK;
}

// A run of a pull request is of the head that its delivery names. *waits: the forge may not have moved its ref yet.
static fault_t find_pulled (work_off_t *work, bool *waits)
{
    const delivery_t *delivery = &work->row.delivery;
    const char *ref = arena_printf (work->turn->arena, "refs/pull/%lld/head", (long long) delivery->pull),
               *now;
    work->head = delivery->sha;
    if (!work->row.head_moved)
        return OK;
    work->mark = ref;
    TRY (look_at (work, ref, "", &now));
    TRY (ref_store_get (work->self->db, work->turn, work->row.project_id, ref, &work->handled));
    if (work->row.again > 0 || *delivery->approved_by)
        return OK;
    if (is_same (work->head, work->handled) && !is_same (delivery->action, "reopened"))
        work->ended = "its head was dealt with already";
    else if (*now && !is_same (now, work->head)) {
        *waits = work->row.attempts < STALE;
        work->ended = "a newer head came since";
    }
    return OK;
}

static fault_t find_head (work_off_t *work, bool *waits)
{
    const char *event = work->row.delivery.event;
    work->head = work->handled = work->mark = "";
    if (is_same (event, "push") || is_same (event, "create"))
        return find_pushed (work);
    if (is_same (event, "pull_request"))
        return find_pulled (work, waits);
    return OK;
}

// ---- code of strangers ----

static fault_t may_run (work_off_t *work, const char **wait_reason)
{
    const delivery_row_t *row = &work->row;
    const char *policy = work->link.project.forks, *by = row->delivery.approved_by;
    *wait_reason = NULL;
    if (!row->delivery.untrusted || is_same (policy, "all") || *by)
        return OK;
    if (is_same (policy, "never")) {
        work->ended = "pull requests of forks do not run in this project";
        return mark (work);
    }
    TRY (delivery_store_approved (work->self->db, work->turn, row, row->delivery.sha,
                                  is_same (policy, "known") ? row->author : "", &by));
    if (*by)
        return OK;
    *wait_reason = "it is code of a fork: somebody must look at it and approve this head";
    return mark (work);
}

// ---- the event ----

// Of a push whose head is not the one that was delivered, all that says so is left out: the scheduler completes it from the repository.
static const char *payload_of (work_off_t *work)
{
    static const char *const of_head[] = {"commits", "head_commit", "compare",
                                          "forced",  "created",     "base_ref"};
    arena_t *arena = work->turn->arena;
    const delivery_t *delivery = &work->row.delivery;
    const value_t *payload;
    const char *error;
    bool is_branch = hook_begins (delivery->ref, "refs/heads/");
    if (!is_same (delivery->event, "push") || !is_branch || is_same (work->head, delivery->sha) ||
        value_from_json (arena, delivery->payload, strlen (delivery->payload), &payload, &error) != OK ||
        payload->kind != VALUE_OBJECT)
        return delivery->payload;
    for (size_t i = 0; i < sizeof of_head / sizeof of_head[0]; i++)
        payload = hook_replace (arena, payload, of_head[i], NULL);
    payload = hook_replace (arena, payload, "after", value_string (arena, work->head));
    if (*work->handled)
        payload = hook_replace (arena, payload, "before", value_string (arena, work->handled));
    return value_to_json (arena, payload, 0);
}

static fault_t post (work_off_t *work, event_runs_t *runs)
{
    turn_t *turn = work->turn;
    const delivery_t *delivery = &work->row.delivery;
    bool pushed = is_same (delivery->event, "push");
    event_post_t ask = {.project = work->row.project_id,
                        .event = delivery->event,
                        .actor = delivery->actor,
                        .payload = payload_of (work)};
    if (pushed || is_same (delivery->event, "create")) {
        ask.ref = delivery->ref;
        ask.sha = work->head;
    }
    // Only GitHub merges by itself; of what others have the head is here already
    if (is_same (delivery->event, "pull_request") && !is_same (work->link.project.kind, "github")) {
        ask.ref = arena_printf (turn->arena, "refs/pull/%lld/head", (long long) delivery->pull);
        ask.sha = work->head;
    }
    if (pushed)
        ask.before = *work->handled ? work->handled : work->row.before;
    turn->once_key =
        arena_printf (turn->arena, "%s %lld %.16s", delivery->id, (long long) work->row.again, work->head);
    fault_t fault = actor_call (turn, MSG_event_post, &ask, runs);
    turn->once_key = NULL;
    return fault;
}

static fault_t record (work_off_t *work, const event_runs_t *runs)
{
    turn_t *turn = work->turn;
    delivery_t *delivery = &work->row.delivery;
    db_t *db = work->self->db;
    const char *reason = "";
    TRY (db_unit_write (db, turn));
    delivery->runs = (strs_t){arena_array (turn->arena, runs->items.count + 1, sizeof (char *)), 0};
    for (size_t i = 0; i < runs->items.count; i++)
        delivery->runs.items[delivery->runs.count++] = runs->items.items[i].id;
    for (size_t i = 0; i < runs->skipped.count && i < 20; i++)
        reason = arena_printf (turn->arena, "%s%s%s: %s", reason, *reason ? "; " : "",
                               runs->skipped.items[i].workflow,
                               delivery_text (turn->arena, runs->skipped.items[i].reason, SKIP_TEXT));
    for (size_t i = 0; i < runs->skipped.count; i++)
        TRY (status_skipped (work->self, turn, &work->link, *work->head ? work->head : delivery->sha,
                             delivery->event, &runs->skipped.items[i]));
    if (runs->items.count == 0 && !*reason)
        reason = "no workflow is on this event";
    TRY (mark (work));
    if (is_same (delivery->event, "delete"))
        TRY (ref_store_drop (db, turn, work->row.project_id, delivery->ref));
    return end (work, "done", reason);
}

static fault_t work_off (work_off_t *work)
{
    event_runs_t runs = {0};
    const char *wait_reason;
    bool waits = false;
    fault_t fault = find_head (work, &waits);
    if (fault == LATER)
        return LATER;
    if (fault != OK)
        return failed (work, fault);
    if (waits)
        return again (work, work->ended);
    if (!work->ended)
        TRY (may_run (work, &wait_reason));
    if (work->ended)
        return end (work, "done", work->ended);
    if (wait_reason)
        return end (work, "approval", wait_reason);
    fault = post (work, &runs);
    if (fault == LATER)
        return LATER;
    return fault == OK ? record (work, &runs) : failed (work, fault);
}

HANDLER (delivery_work)
{
    const delivery_work_t *ask = asked;
    work_off_t work = {.self = context, .turn = turn};
    bool first;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE || !work.self->db)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (delivery_store_find (work.self->db, turn, ask->delivery, false, &work.row));
    TRY (delivery_store_is_first (work.self->db, turn, &work.row, &first));
    if (!first && !is_same (work.row.delivery.state, "received")) // Another replica was faster
        return OK;
    if (!first) { // What comes before it waits again, by an approval or by hand: its turn comes after that
        TRY (db_unit_write (work.self->db, turn));
        return delivery_store_asked (work.self->db, turn, ask->delivery, turn->now_us);
    }
    fault_t fault = forge_book_project (work.self, turn, work.row.project_id, &work.link, &work.access);
    if (fault == NOT_FOUND) {
        turn->detail = NULL;
        return end (&work, "ignored", "the project was removed");
    }
    return fault == OK ? work_off (&work) : failed (&work, fault);
}
