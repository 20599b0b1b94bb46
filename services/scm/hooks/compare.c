/* compare.c - the refs of a repository are compared with what was dealt with: what no webhook brought becomes an event all the same.
 *
 * A delivery that is lost thus costs minutes and no run. Plain repositories without a hook are followed by this alone. */

#include "services/scm/hooks/compare.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/hooks/delivery.h"

#include <sodium.h>
#include <string.h>

#define LIST_US SECONDS (60)
// A `create` that came within this time, or since the comparison that did not see its ref, is the same one
#define SINCE_US SECONDS (3600)

// ---- in a thread ----

typedef struct {
    const scm_t *scm;
    forge_access_t access;
    const char *url;
    bool trusted;
    ref_rows_t known;
    int64_t pulls_seen;
    turn_t turn;
    ref_rows_t there;
    ref_changes_t changes;
    const value_t *
        *pulls; // Of each change that is a pull request's: what the forge says of it; NULL: it was not asked
    fault_t fault;
} comparison_t;

static fault_t list_refs (comparison_t *self)
{
    address_t address;
    git_location_t location;
    process_output_t output;
    turn_t *turn = &self->turn;
    const char *pulls = self->access.forge->pull_refs;
    const char *args[] = {"ls-remote",
                          "origin",
                          "refs/heads/*",
                          "refs/tags/*",
                          *pulls ? arena_printf (turn->arena, "%s*/head", pulls) : NULL,
                          NULL};
    TRY (address_parse (turn, self->url, &address));
    if (address.folder)
        return turn_fail (turn, INVALID, "a folder has no forge");
    TRY (address_reach (turn, &self->scm->policy, &address, self->trusted, self->scm->git_config, &location));
    location.header = forge_git_header (turn->arena, self->access.forge, self->access.credential);
    location.header_url = self->access.url;
    location.no_redirects = location.no_redirects || *location.header;
    const git_bounds_t bounds = {.until_us = clock_monotonic_us () + LIST_US, .stop = self->scm->stop};
    TRY (git_run (turn, args, &location, &bounds, NULL, &output));
    return compare_read (turn, output.out, output.out_size, pulls, &self->there);
}

// A ref of a pull request outlives it: whether it is open, and whose, the forge says.
static fault_t ask_pulls (comparison_t *self)
{
    forge_call_t call;
    fault_t fault = OK;
    size_t asked = 0;
    self->pulls = arena_array (self->turn.arena, self->changes.count + 1, sizeof *self->pulls);
    if (!self->access.forge->pull)
        return OK;
    forge_call_begin (&call, &self->turn, &self->access);
    for (size_t i = 0; i < self->changes.count && fault == OK && asked < COMPARE_PULLS; i++)
        if (self->changes.items[i].pull > 0) {
            asked++;
            fault = call.forge->pull (&call, self->changes.items[i].pull, &self->pulls[i]);
            if (fault == NOT_FOUND)
                fault = OK;
        }
    forge_call_end (&call);
    return fault;
}

static void compare (void *data)
{
    comparison_t *self = data;
    self->fault = list_refs (self);
    if (self->fault != OK)
        return;
    compare_refs (self->turn.arena, &self->there, &self->known, self->pulls_seen, &self->changes);
    self->fault = ask_pulls (self);
}

static fault_t compare_in_thread (scm_t *self, turn_t *turn, const forge_link_t *link,
                                  const forge_access_t *access, comparison_t **out)
{
    ref_rows_t known;
    const char *key = arena_printf (turn->arena, "compare %s %s", turn->request_id, link->project.project_id);
    fault_t fault = background_find (self->forging, turn, key, (void **) out);
    if (fault != NOT_FOUND)
        return fault;
    turn->detail = NULL;
    TRY (ref_store_all (self->db, turn, link->project.project_id, &known));
    arena_t *arena = arena_new ();
    comparison_t *task = arena_alloc (arena, sizeof *task);
    *task = (comparison_t){.scm = self,
                           .access = forge_access_copy (arena, access),
                           .url = arena_strdup (arena, link->project.url),
                           .trusted = access->private_networks,
                           .pulls_seen = link->project.polled_at ? link->pulls_seen : INT64_MAX - 1};
    task->known = (ref_rows_t){arena_array (arena, known.count + 1, sizeof (ref_row_t)), known.count};
    for (size_t i = 0; i < known.count; i++)
        task->known.items[i] =
            (ref_row_t){arena_strdup (arena, known.items[i].ref), arena_strdup (arena, known.items[i].sha)};
    turn_init (&task->turn, arena, arena_strdup (arena, turn->request_id), turn->now_us);
    return background_begin (self->forging, turn, key, compare, &arena, task);
}

// ---- what was found becomes events ----

static fault_t keep (scm_t *self, turn_t *turn, const forge_link_t *link, const hook_event_t *event,
                     const ref_change_t *change)
{
    const char *verdict;
    if (*event->reason)
        return OK;
    delivery_row_t row = delivery_of_event (turn->arena, link, event, turn->now_us);
    row.key = row.delivery.delivery =
        arena_printf (turn->arena, "reconciled %s %s %.12s..%.12s %lld", event->event,
                      delivery_text (turn->arena, change->ref, 120), change->before, change->after,
                      (long long) (turn->now_us / SECONDS (1)));
    log_info ("comparing refs found what no webhook brought", "project", link->project.project, "event",
              event->event, "ref", change->ref, NULL);
    delivery_count ("reconciled");
    return delivery_keep (self, turn, &row, &verdict);
}

static value_t *payload_of (arena_t *arena, const forge_link_t *link)
{
    value_t *payload = value_object (arena);
    const forge_project_t *project = &link->project;
    if (!is_same (project->kind, "git"))
        value_set (arena, payload, "repository",
                   hook_repository (
                       arena, strtoll (project->repository, NULL, 10), project->full_name,
                       arena_strndup (arena, project->url, strlen (project->url) - strlen (".git")),
                       project->url, project->default_branch, !is_same (project->visibility, "public")));
    return payload;
}

// A ref whose event waits already is looked at then as it is by then.
static fault_t keep_ref (scm_t *self, turn_t *turn, const forge_link_t *link, const ref_change_t *change)
{
    int64_t hour_ago_us = turn->now_us - SINCE_US, polled_us = link->project.polled_at,
            since_us = polled_us < hour_ago_us ? polled_us : hour_ago_us;
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    arena_t *arena = turn->arena;
    hook_events_t events = {.count = 0};
    const char *none = arena_strndup (arena, zeros, strlen (*change->after ? change->after : change->before));
    const char *before = *change->before ? change->before : none,
               *after = *change->after ? change->after : none;
    value_t *payload = payload_of (arena, link);
    hook_put_text (arena, payload, "ref", change->ref);
    hook_put_text (arena, payload, "before", before);
    hook_put_text (arena, payload, "after", after);
    hook_add_push (arena, &events, change->ref, before, after, payload, true, true);
    for (size_t i = 0; i < events.count; i++) {
        bool has, creates = is_same (events.items[i].event, "create");
        TRY (delivery_store_has (self->db, turn, link->project.project_id, events.items[i].event, change->ref,
                                 creates ? since_us : 0, &has));
        if (!has)
            TRY (keep (self, turn, link, &events.items[i], change));
    }
    return OK;
}

static fault_t keep_pull (scm_t *self, turn_t *turn, const forge_link_t *link, const ref_change_t *change,
                          const value_t *pull)
{
    arena_t *arena = turn->arena;
    hook_events_t events = {.count = 0};
    const char *project = link->project.project_id, *action = *change->before ? "synchronize" : "opened";
    if (!pull)
        return OK; // Another time
    if (!is_same (hook_text (arena, pull, "state"), "open")) {
        TRY (db_unit_write (self->db, turn));
        return ref_store_put (self->db, turn, project, change->ref, change->after);
    }
    if (!is_same (hook_text (arena, pull, "head.sha"), change->after))
        return OK; // It moved between the two looks
    value_t *payload = payload_of (arena, link);
    hook_put_text (arena, payload, "action", action);
    hook_put_number (arena, payload, "number", change->pull);
    value_set (arena, payload, "pull_request", pull);
    if (value_get (pull, "user"))
        value_set (arena, payload, "sender", value_get (pull, "user"));
    hook_add_pull (arena, &events, action, payload);
    for (size_t i = 0; i < events.count; i++)
        TRY (keep (self, turn, link, &events.items[i], change));
    return OK;
}

static fault_t keep_changes (scm_t *self, turn_t *turn, const forge_link_t *link, const comparison_t *found)
{
    for (size_t i = 0; i < found->changes.count; i++) {
        const ref_change_t from = found->changes.items[i];
        const ref_change_t change = {arena_strdup (turn->arena, from.ref),
                                     arena_strdup (turn->arena, from.before),
                                     arena_strdup (turn->arena, from.after), from.pull};
        TRY (from.pull > 0 ? keep_pull (self, turn, link, &change, found->pulls[i])
                           : keep_ref (self, turn, link, &change));
    }
    return OK;
}

// The first comparison only learns what is there: nothing of it is new. Each later one finds what changed since the one before.
static fault_t learn (scm_t *self, turn_t *turn, const forge_link_t *link, const comparison_t *found)
{
    for (size_t i = 0; i < found->there.count; i++)
        if (!hook_begins (found->there.items[i].ref, "refs/pull/"))
            TRY (ref_store_put (self->db, turn, link->project.project_id, found->there.items[i].ref,
                                found->there.items[i].sha));
    return OK;
}

static int64_t next_at (const forge_link_t *link, int64_t now_us)
{
    int64_t pause_us = SECONDS ((int64_t) link->project.poll_seconds), tenth = pause_us / 10;
    return link->project.poll_seconds == 0
               ? NEVER
               : now_us + pause_us - tenth +
                     (int64_t) randombytes_uniform ((uint32_t) (tenth * 2 / 1000 + 1)) * 1000;
}

// The largest number of a pull request that is dealt with: of those that were not asked about yet, the next comparison finds the rest.
static int64_t pulls_seen (const comparison_t *found, bool first)
{
    int64_t seen = found->changes.largest;
    for (size_t i = 0; !first && i < found->changes.count; i++) {
        const ref_change_t *change = &found->changes.items[i];
        bool skipped = change->pull > 0 && !*change->before && !found->pulls[i];
        if (skipped && change->pull <= seen)
            seen = change->pull - 1;
    }
    return seen;
}

static int64_t largest_pull (const ref_rows_t *there)
{
    int64_t largest = 0;
    for (size_t i = 0; i < there->count; i++)
        if (hook_begins (there->items[i].ref, "refs/pull/")) {
            int64_t number = strtoll (there->items[i].ref + strlen ("refs/pull/"), NULL, 10);
            largest = number > largest ? number : largest;
        }
    return largest;
}

HANDLER (forge_compare)
{
    scm_t *self = context;
    const forge_compare_t *ask = asked;
    forge_link_t link;
    forge_access_t access;
    comparison_t *found;
    TRY (forge_book_project (self, turn, ask->project, &link, &access));
    bool first = link.project.polled_at == 0;
    TRY (compare_in_thread (self, turn, &link, &access, &found));
    TRY (db_unit_write (self->db, turn));
    link.poll_at = next_at (&link, turn->now_us);
    link.project.poll_reason = "";
    if (found->fault == OK) {
        TRY (first ? learn (self, turn, &link, found) : keep_changes (self, turn, &link, found));
        link.project.polled_at = turn->now_us;
        link.pulls_seen = first ? largest_pull (&found->there) : pulls_seen (found, first);
    } else {
        link.project.poll_reason = delivery_text (
            turn->arena, found->turn.detail ? found->turn.detail : fault_text (found->fault), MAX_TEXT);
        log_warn ("the refs of a project cannot be compared", "project", link.project.project, "reason",
                  link.project.poll_reason, NULL);
    }
    TRY (forge_store_polled (self->db, turn, &link));
    actor_tick_at (turn, link.poll_at);
    *(forge_project_t *) answered = link.project;
    return OK;
}
