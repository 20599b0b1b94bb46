/* pins.c - see pins.h.
 *
 * Whoever comes first writes it, under the lock that every write of a unit takes; whoever comes with another commit gets the first's, and
 * what it saw is kept beside it, for people to look at and accept. */

#include "services/scheduler/run/pins.h"

#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"

static fault_t add (scheduler_t *self, turn_t *turn, const char *project, action_pin_t *pin)
{
    int64_t count;
    TRY (pin_store_count (self->db, turn, project, &count));
    if (count >= PINS_MAX)
        return turn_fail (turn, TOO_LARGE, "a project may use %d tags and branches of actions", PINS_MAX);
    return pin_store_add (self->db, turn, project, pin);
}

// What is written depends on what is read: under the lock.
fault_t pins_record (scheduler_t *self, turn_t *turn, const char *project, const char *reference,
                     const char *commit, const char *job, action_pin_t *pin)
{
    TRY (unit_write (self, turn));
    fault_t fault = pin_store_find (self->db, turn, project, reference, pin);
    if (fault == NOT_FOUND) {
        *pin = (action_pin_t){.reference = reference,
                              .commit = commit,
                              .source = pin_record,
                              .moved_to = "",
                              .job = job,
                              .locked_at = turn->now_us};
        return add (self, turn, project, pin);
    }
    if (fault || same (pin->commit, commit) || same (pin->moved_to, commit))
        return fault;
    pin->moved_to = commit;
    pin->moved_at = turn->now_us;
    TRY (pin_store_set (self->db, turn, project, pin));
    return emit_project (self, turn, EVENT_project_action_moved, project, reference);
}

const char *pins_moved (arena_t *arena, const char *project, const char *reference, const char *locked,
                        const char *now)
{
    return arena_printf (
        arena,
        "%s was moved from %s, to which it is locked, to %s: look at what changed, then accept the new "
        "commit: opencicd actions accept %s %s --commit=%s",
        reference, locked, now, project, reference, now);
}
