/* follow.c - the scheduler's events are followed with a cursor of our own, and each run that changed is looked at: what its forge is to show is then a
 * row that waits.
 *
 * An event only says that a run has changed; how it is now is asked for afterwards, once for all that changed within a second. So nothing
 * hangs on the order of events, one that is read twice costs a look, and of those that expired unread the deliveries name the runs. */

#include "common/base/id.h"
#include "common/base/log.h"
#include "common/db/db_unit.h"
#include "services/scm/forges/forge_book.h"
#include "services/scm/forges/forge_handlers.h"
#include "services/scm/forges/hook_shape.h"
#include "services/scm/status/status.h"
#include "services/scm/status/wanted.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_ID 'u'
#define WAIT_S    20                 // For the next event
#define PACE_US   MILLISECONDS (300) // Between two reads: what happens within it costs one
#define AGAIN_US  SECONDS (5)        // After one that failed

// ---- events ----

static int by_text (const void *a, const void *b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static bool is_of_run (const event_t *event)
{
    return *event->run_id && !is_same (event->type, "run.removed") &&
           (hook_begins (event->type, "run.") || hook_begins (event->type, "job."));
}

// A run that goes on is looked at a little later, with what changes until then; one that has ended, at once.
static fault_t take (scm_t *self, turn_t *turn, const events_t *events)
{
    strs_t projects;
    TRY (status_store_projects (self->db, turn, &projects));
    for (size_t i = 0; i < events->items.count; i++) {
        const event_t *event = &events->items.items[i];
        bool has_ended = is_same (event->type, "run.state") && is_same (event->state, "finished");
        if (is_of_run (event) &&
            bsearch (&event->project_id, projects.items, projects.count, sizeof (char *), by_text))
            TRY (status_store_changed (self->db, turn, event->project_id, event->run_id,
                                       turn->now_us + (has_ended ? 0 : STATUS_SOON_US)));
    }
    if (events->gap == 0)
        return OK;
    log_warn ("events expired before they were followed: the runs of the last day are looked at", NULL);
    return status_store_look_at_all (self->db, turn, turn->now_us - STATUS_MOST_US);
}

HANDLER (status_follow)
{
    scm_t *self = context;
    events_t events = {.cursor = 0};
    int64_t cursor, due_at;
    bool is;
    (void) asked, (void) answered;
    TRY (status_store_events (self->db, turn, &cursor, &due_at));
    const events_read_t ask = {.after = cursor, .project = "", .run = "", .wait = cursor < 0 ? 0 : WAIT_S};
    fault_t fault = actor_call (turn, MSG_events_read, &ask, &events);
    if (fault == LATER)
        return LATER;
    TRY (db_unit_write (self->db, turn));
    if (fault != OK) {
        turn->detail = NULL;
        actor_tick_at (turn, turn->now_us + AGAIN_US);
        return status_store_followed (self->db, turn, cursor, cursor, turn->now_us + AGAIN_US, &is);
    }
    bool is_full = events.items.count == MAX_PAGE;
    due_at = turn->now_us + (is_full ? 0 : PACE_US);
    TRY (status_store_followed (self->db, turn, cursor, events.cursor, due_at, &is));
    if (is && cursor >= 0) // Else another replica read them
        TRY (take (self, turn, &events));
    actor_tick_at (turn, due_at);
    return OK;
}

// ---- a run ----

typedef struct {
    run_t run;
    commit_at_t at;
} reported_run_t;

// Both are asked at once.
static fault_t ask_scheduler (turn_t *turn, const char *run, reported_run_t *out)
{
    fault_t shown = actor_call (turn, MSG_run_show, &(run_show_t){.run = run}, &out->run);
    if (shown != OK && shown != LATER)
        return shown;
    fault_t at = actor_call (turn, MSG_run_commit, &(run_commit_t){.run = run}, &out->at);
    return at == OK ? shown : at;
}

static fault_t put (scm_t *self, turn_t *turn, const forge_link_t *link, const reported_run_t *found)
{
    bool with_jobs = is_same (link->project.statuses, "all");
    const wanted_items_t wanted = wanted_of_run (turn->arena, &found->run, self->public_url, with_jobs);
    for (size_t i = 0; i < wanted.count; i++) {
        const wanted_t *one = &wanted.items[i];
        const status_row_t row = {.shown = {.id = id_new (turn->arena, STATUS_ID, turn->now_us),
                                            .sha = found->at.sha,
                                            .context = one->context,
                                            .state = status_state_name (one->state),
                                            .description = one->description,
                                            .url = one->url,
                                            .run_id = found->run.id,
                                            .job_id = one->job_id},
                                  .project_id = link->project.project_id,
                                  .ref = found->at.ref,
                                  .run_number = found->run.number};
        TRY (status_store_put (self->db, turn, &row));
    }
    actor_tick_at (turn, turn->now_us);
    return OK;
}

static bool is_shown (const forge_link_t *link)
{
    const forge_t *forge = forge_of_kind (link->project.kind);
    return forge && forge->status && !is_same (link->project.statuses, "none");
}

static fault_t look (scm_t *self, turn_t *turn, const status_run_t *changed)
{
    reported_run_t found = {.run = {.id = ""}};
    forge_link_t link;
    TRY (ask_scheduler (turn, changed->run_id, &found));
    TRY (forge_store_project (self->db, turn, changed->project_id, &link));
    TRY (db_unit_write (self->db, turn));
    return is_shown (&link) && *found.at.sha ? put (self, turn, &link, &found) : OK;
}

HANDLER (status_look)
{
    scm_t *self = context;
    const status_look_t *ask = asked;
    status_run_t changed;
    (void) answered;
    fault_t fault = status_store_run (self->db, turn, ask->run, &changed);
    if (fault == NOT_FOUND) { // Another replica was faster
        turn->detail = NULL;
        return OK;
    }
    TRY (fault);
    // As it was before the scheduler was asked: what changed since may be more than its answer says
    changed.changes = ask->changes;
    fault = look (self, turn, &changed);
    if (fault == LATER)
        return LATER;
    turn->detail = NULL;
    TRY (db_unit_write (self->db, turn));
    if (fault == OK || fault == NOT_FOUND) // The run or the project is not there any more
        return status_store_looked (self->db, turn, &changed);
    actor_tick_at (turn, turn->now_us + AGAIN_US);
    return status_store_run_at (self->db, turn, ask->run, turn->now_us + AGAIN_US);
}

// ---- a workflow that did not run ----

fault_t status_skipped (scm_t *self, turn_t *turn, const forge_link_t *link, const char *sha,
                        const char *event, const skipped_t *skipped)
{
    arena_t *arena = turn->arena;
    if (!*given (skipped->name) || !*sha || !is_shown (link))
        return OK;
    const status_row_t row = {
        .shown = {.id = id_new (arena, STATUS_ID, turn->now_us),
                  .sha = sha,
                  .context = wanted_context (arena, skipped->name, "", event),
                  .state = status_state_name (STATUS_SKIPPED),
                  .description = status_description (
                      arena, arena_printf (arena, "Skipped: %s", given (skipped->reason))),
                  .url = "",
                  .run_id = "",
                  .job_id = ""},
        .project_id = link->project.project_id,
        .ref = ""};
    TRY (status_store_put (self->db, turn, &row));
    actor_tick_at (turn, turn->now_us);
    return OK;
}
