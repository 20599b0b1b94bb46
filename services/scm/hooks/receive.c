/* receive.c - a forge calls: its delivery is verified over the bytes as they came, then read, stored with what becomes of it, and answered. All that
 * calls a forge or the scheduler comes later, from the stored row (work_off.c).
 *
 * The webhook's row says whose it is, which secret proves it and which reader is its: nothing of that is taken from a header. Every delivery that
 * is proven is answered with success, ignored ones too: GitLab switches off webhooks that are refused. */

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/pack.h"
#include "common/base/utf8.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/hook_proof.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/hooks/delivery.h"

#include <string.h>

#define ROOM (700 << 10) // Bytes of a payload: the scheduler's bound, less what it completes

void delivery_count (const char *verdict)
{
    metric_add (
        metrics_counter ("opencicd_deliveries_total", "verdict", verdict,
                         "Deliveries of webhooks, and of comparisons of refs, by what became of them"),
        1);
}

static fault_t unpack_body (turn_t *turn, const hook_post_t *ask, const char **out)
{
    char *body = arena_alloc (turn->arena, (size_t) ask->size + 1);
    *out = body;
    if (ask->body.size > ask->size || unpack (ask->body.data, ask->body.size, body, ask->size) != OK)
        return turn_fail (turn, INVALID, "body: it is not packed as the gateway does it");
    body[ask->size] = '\0';
    return OK;
}

static hook_request_t hook_request_of (const turn_t *turn, const hook_post_t *ask, const char *body)
{
    return (hook_request_t){.event = given (ask->event),
                            .event_type = given (ask->event_type),
                            .delivery = given (ask->delivery),
                            .hub = given (ask->hub),
                            .gitea = given (ask->gitea),
                            .signature = given (ask->signature),
                            .timestamp = given (ask->timestamp),
                            .token = given (ask->token),
                            .body = body,
                            .size = ask->size,
                            .now_us = turn->now_us};
}

static fault_t refuse (turn_t *turn)
{
    delivery_count ("refused");
    return turn_fail (turn, FORBIDDEN, "there is no such webhook, or the signature is not of its secret");
}

static fault_t find (scm_t *self, turn_t *turn, const hook_post_t *ask, forge_link_t *link, bool *known)
{
    fault_t fault = self->db ? forge_store_hook (self->db, turn, ask->hook, link) : NOT_FOUND;
    turn->detail = fault == NOT_FOUND ? NULL : turn->detail;
    *known = fault == OK && is_same (link->project.forge, ask->forge);
    return fault == NOT_FOUND ? OK : fault;
}

static fault_t is_known (scm_t *self, turn_t *turn, const hook_post_t *ask)
{
    forge_link_t link;
    bool known;
    TRY (find (self, turn, ask, &link, &known));
    return known ? OK : refuse (turn);
}

// One answer for an unknown address and for a wrong proof: whoever guesses learns nothing.
static fault_t prove (scm_t *self, turn_t *turn, const hook_post_t *ask, forge_link_t *link,
                      hook_request_t *request)
{
    forge_access_t access;
    const char *body, *secret = "";
    bool known;
    TRY (find (self, turn, ask, link, &known));
    if (known) {
        TRY (unpack_body (turn, ask, &body));
        TRY (forge_book_project (self, turn, link->project.project_id, link, &access));
        TRY (forge_book_secret (self, turn, link, &secret));
        *request = hook_request_of (turn, ask, body);
        known = access.forge->verify (request, secret);
    }
    return known ? OK : refuse (turn);
}

const char *delivery_text (arena_t *arena, const char *text, size_t most)
{
    return utf8_repair (arena, text, strlen (text), most);
}

// What the payload may lack is completed from the repository by the scheduler; what a list of thousands of commits says, too.
const char *delivery_payload (arena_t *arena, const value_t *payload)
{
    static const char *const dropped[] = {"commits", "head_commit"};
    const char *text = value_to_json (arena, payload, 0);
    for (size_t i = 0; strlen (text) > ROOM && i < sizeof dropped / sizeof dropped[0]; i++) {
        payload = hook_replace (arena, payload, dropped[i], NULL);
        text = value_to_json (arena, payload, 0);
    }
    return text;
}

delivery_row_t delivery_of_event (arena_t *arena, const forge_link_t *link, const hook_event_t *event,
                                  int64_t now_us)
{
    delivery_row_t row = {.delivery = {.id = id_new (arena, DELIVERY_ID, now_us),
                                       .project = link->project.project,
                                       .event = delivery_text (arena, event->event, MAX_NAME),
                                       .action = delivery_text (arena, event->action, MAX_NAME),
                                       .ref = event->ref,
                                       .sha = event->sha,
                                       .actor = delivery_text (arena, event->actor, MAX_NAME),
                                       .pull = event->pull,
                                       .untrusted = event->untrusted,
                                       .reason = event->reason,
                                       .approved_by = "",
                                       .received_at = now_us},
                          .project_id = link->project.project_id,
                          .lane = event->lane,
                          .before = event->before,
                          .author = delivery_text (arena, event->author, MAX_NAME),
                          .head_moved = event->head_moved,
                          .packed = {"", 0}};
    delivery_t *delivery = &row.delivery;
    delivery->payload = event->payload ? delivery_payload (arena, event->payload) : "{}";
    if (!*delivery->reason && strlen (delivery->payload) > ROOM)
        delivery->reason = "its payload is too large, even without its commits";
    if (!*delivery->reason &&
        (strlen (event->ref) > MAX_TEXT || strlen (event->sha) > MAX_ID || strlen (event->before) > MAX_ID))
        delivery->reason = "its ref or commit is longer than git's are";
    if (*delivery->reason) {
        delivery->ref = delivery_text (arena, delivery->ref, MAX_TEXT);
        delivery->sha = delivery_text (arena, delivery->sha, MAX_ID);
        row.before = delivery_text (arena, row.before, MAX_ID);
        row.lane = "";
        delivery->payload = strlen (delivery->payload) > ROOM ? "{}" : delivery->payload;
        delivery->done_at = now_us;
    }
    delivery->state = *delivery->reason ? "ignored" : "received";
    return row;
}

// The second event of a delivery has the delivery's name and its own.
static const char *name_of (arena_t *arena, const char *name, const hook_event_t *event, size_t i)
{
    name = delivery_text (arena, name, 200);
    return i == 0 ? name : arena_printf (arena, "%s %s", name, event->event);
}

// A first copy that was not dealt with must not swallow the next: it is worked off once more.
fault_t delivery_keep (scm_t *self, turn_t *turn, delivery_row_t *row, const char **verdict)
{
    bool is_new;
    delivery_row_t there;
    TRY (db_unit_write (self->db, turn));
    TRY (delivery_store_add (self->db, turn, row, &is_new, &there));
    *verdict = row->delivery.state;
    if (!is_new) {
        *verdict = "duplicate";
        row->delivery.id = there.delivery.id;
    }
    if (!is_new && is_same (there.delivery.state, "failed")) {
        delivery_repeat (&there, turn->now_us);
        TRY (delivery_store_put (self->db, turn, &there));
    }
    delivery_count (*verdict);
    actor_tick_at (turn, turn->now_us);
    return OK;
}

static fault_t keep_all (scm_t *self, turn_t *turn, const forge_link_t *link, const hook_request_t *request,
                         const hook_post_t *ask, const hook_events_t *events, hook_taken_t *answer)
{
    const char *key =
        hook_delivery_key (turn->arena, request, forge_of_kind (link->project.kind)->names_proven);
    const char *name = *request->delivery ? request->delivery : key;
    for (size_t i = 0; i < events->count; i++) {
        const char *verdict;
        delivery_row_t row = delivery_of_event (turn->arena, link, &events->items[i], turn->now_us);
        row.key = name_of (turn->arena, key, &events->items[i], i);
        row.delivery.delivery = name_of (turn->arena, name, &events->items[i], i);
        if (i == 0) {
            row.packed = ask->body;
            row.delivery.size = ask->size;
        }
        TRY (delivery_keep (self, turn, &row, &verdict));
        if (i == 0)
            *answer = (hook_taken_t){row.delivery.id,
                                     *row.delivery.reason && is_same (verdict, "ignored")
                                         ? arena_printf (turn->arena, "ignored: %s", row.delivery.reason)
                                         : verdict};
    }
    return OK;
}

// A repository that took this one's name has another id: what it sends is not this project's.
static bool is_other (const forge_link_t *link, const hook_events_t *events)
{
    return *events->repository && !is_same (link->project.kind, "git") &&
           !is_same (events->repository, link->project.repository);
}

HANDLER (hook_post)
{
    scm_t *self = context;
    const hook_post_t *ask = asked;
    forge_link_t link;
    hook_request_t request;
    hook_events_t events = {.count = 0};
    if (ask->size == 0 && ask->body.size == 0) // Before its body is read: is there such a webhook?
        return is_known (self, turn, ask);
    TRY (prove (self, turn, ask, &link, &request));
    if (!utf8_valid (request.body, request.size))
        return turn_fail (turn, INVALID, "the body is not UTF-8");
    TRY (forge_of_kind (link.project.kind)->read (turn, &request, &events));
    if (is_other (&link, &events)) {
        delivery_count ("ignored");
        *(hook_taken_t *) answered = (hook_taken_t){"", "ignored: it is of another repository"};
        return OK;
    }
    TRY (keep_all (self, turn, &link, &request, ask, &events, answered));
    if (*events.full_name && !is_same (events.full_name, link.project.full_name))
        TRY (forge_follow (self, turn, link.project.project_id, events.full_name));
    return OK;
}
