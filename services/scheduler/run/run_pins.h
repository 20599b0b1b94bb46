/* run_pins.h - a repository's lock file of actions in the form that a run stores: plain lines, so that a lookup parses no YAML.
 *
 *     workflow PATH          the lock covers this workflow file, which may then use only actions that have a pin
 *     pin REFERENCE COMMIT   actions/setup-node@v4 is this commit
 *
 * Made once, when the run is created. A reader sees it as text: every line begins and ends with a newline. */

#ifndef OPENCICD_SCHEDULER_RUN_PINS_H
#define OPENCICD_SCHEDULER_RUN_PINS_H

#include "common/base/turn.h"

#include <stdbool.h>

// From the lock file's YAML; *out lives in the turn's arena, and is "" if the file covers no workflow. INVALID with line and column if
// anything in it is not understood (a lock that is read only in part protects nothing); TOO_LARGE.
MUST_USE fault_t run_pins_make (turn_t *turn, const char *file, size_t size, const char **out);
// Does the lock cover this file of the same repository, "./.github/workflows/ci.yml"?
bool run_pins_cover (arena_t *arena, const char *pins, const char *workflow);
// The commit that the reference is locked to; "" if it has no pin.
const char *run_pins_find (arena_t *arena, const char *pins, const char *reference);

#endif
