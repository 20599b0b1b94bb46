/* run_pins.h - a repository's lock file of actions, as a run keeps it: lines that are found without reading YAML again.
 *
 *     workflow PATH        it covers that file, which may then use nothing that is not here
 *     pin REFERENCE COMMIT */

#ifndef OPENCICD_SCHEDULER_RUN_PINS_H
#define OPENCICD_SCHEDULER_RUN_PINS_H

#include "common/base/turn.h"

#include <stdbool.h>

// "" where the file covers nothing; NULL with INVALID, the place: a lock that is only half understood would lock nothing.
MUST_USE fault_t run_pins_make (turn_t *turn, const char *file, size_t size, const char **out);
bool run_pins_cover (arena_t *arena, const char *pins, const char *workflow); // "./.github/workflows/ci.yml"
const char *run_pins_find (arena_t *arena, const char *pins,
                           const char *reference); // "" where it is not there

#endif
