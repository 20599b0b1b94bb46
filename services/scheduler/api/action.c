/* action.c - actions from other repositories: which commit a tag or branch was at its first use, and is to be from then on.
 *
 * run/pins.c writes it. A job can write only what was not there: that its agent compares with the source each time keeps a lie from being run. */

#include "common/base/commit_id.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/pins.h"
#include "services/scheduler/run/run_pins.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"
#include "workflow/model/action_ref.h"

static fault_t check_reference (turn_t *turn, const char *reference)
{
    action_ref_t ref;
    const char *error = "";
    bool good = action_ref_parse (turn->arena, reference, &ref, &error) == OK && ref.kind == USES_REPOSITORY;
    if (!good || *ref.path || !same (ref.key, reference))
        return turn_fail (turn, INVALID,
                          "reference: must be owner/repo@ref, owner and repository in lower case");
    return ref.is_commit ? turn_fail (turn, INVALID, "reference: a commit needs no lock") : OK;
}

static fault_t check_commit (turn_t *turn, const char *commit)
{
    return !*commit || commit_id_is (commit)
               ? OK
               : turn_fail (turn, INVALID, "commit: must be 40 or 64 hexadecimal digits in lower case");
}

static fault_t check_look (turn_t *turn, const action_look_t *ask)
{
    const caller_t *caller = &turn->caller;
    if (caller->role != ROLE_JOB || !same (caller->subject, ask->job) || caller->attempt != ask->attempt)
        return turn_fail (turn, FORBIDDEN, "only attempt %u of job %s may ask that", ask->attempt, ask->job);
    TRY (check_reference (turn, ask->reference));
    return check_commit (turn, ask->commit);
}

HANDLER (action_look)
{
    scheduler_t *self = context;
    const action_look_t *ask = asked;
    action_pin_t *pin = answered;
    pin_job_t job;
    *pin = (action_pin_t){.reference = ask->reference, .commit = "", .moved_to = "", .job = ""};
    TRY (check_look (turn, ask));
    TRY (pin_store_job (self->db, turn, ask->job, &job));
    if (job.attempt != ask->attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over", ask->attempt, ask->job);
    if (run_pins_cover (turn->arena, job.lock, job.workflow)) {
        pin->commit = run_pins_find (turn->arena, job.lock, ask->reference);
        pin->source = *pin->commit ? pin_file : pin_missing;
        return OK;
    }
    fault_t fault = pin_store_find (self->db, turn, job.project_id, ask->reference, pin);
    bool known = fault == OK &&
                 (!*ask->commit || same (pin->commit, ask->commit) || same (pin->moved_to, ask->commit));
    if (known || (fault == NOT_FOUND && !*ask->commit))
        return OK;
    return fault == OK || fault == NOT_FOUND
               ? pins_record (self, turn, job.project_id, ask->reference, ask->commit, ask->job, pin)
               : fault;
}

HANDLER (action_list)
{
    scheduler_t *self = context;
    const action_list_t *ask = asked;
    action_page_t *page = answered;
    project_row_t project;
    size_t limit = page_limit (ask->limit);
    TRY (project_store_find (self->db, turn, ask->project, &project));
    TRY (pin_store_page (self->db, turn, project.project.id, ask->cursor, limit, &page->items));
    page->next = page->items.count == limit ? page->items.items[limit - 1].reference : "";
    return OK;
}

HANDLER (action_accept)
{
    scheduler_t *self = context;
    const action_accept_t *ask = asked;
    action_pin_t *pin = answered;
    project_row_t project;
    TRY (check_reference (turn, ask->reference));
    TRY (check_commit (turn, ask->commit));
    TRY (unit_write (self, turn));
    TRY (project_store_find (self->db, turn, ask->project, &project));
    fault_t fault = pin_store_find (self->db, turn, project.project.id, ask->reference, pin);
    if (fault == NOT_FOUND)
        return turn_fail (turn, NOT_FOUND, "%s is not locked in the project %s", ask->reference,
                          project.project.name);
    TRY (fault);
    const char *commit = *ask->commit ? ask->commit : pin->moved_to;
    if (same (commit, pin->commit))
        return OK;
    if (!*commit)
        return turn_fail (turn, CONFLICT, "%s was seen nowhere but at %s; name a commit", ask->reference,
                          pin->commit);
    pin->commit = commit;
    pin->moved_to = pin->job = "";
    pin->locked_at = turn->now_us;
    pin->moved_at = 0;
    TRY (pin_store_set (self->db, turn, project.project.id, pin));
    return emit_project (self, turn, EVENT_project_action_accepted, project.project.id, ask->reference);
}
