/* fuzz_action.c - any bytes as an action's metadata file.
 *
 * Holds: OK is said exactly where there is no error, and then the action has a way to run. */

#include "tests/fuzz/fuzz.h"
#include "workflow/model/action.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    const action_t *action = NULL;
    findings_init (&findings, arena, "action.yml");
    fault_t fault = action_load (arena, "action.yml", (const char *) data, size, &findings, &action);
    FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
    if (fault == OK)
        FUZZ_CHECK (action->main.text || action->image.text || action->kind == ACTION_COMPOSITE);
    arena_destroy (&arena);
    return 0;
}
