/* fuzz_yaml.c - any bytes as a workflow file: linted with all rules on, and again as a job's definition.
 *
 * Holds: OK is said exactly where there is no error; places lie in the file. */

#include "tests/fuzz/fuzz.h"
#include "workflow/lint.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const char *const on[] = {"missing-timeout"};
    const lint_options_t options = {.on = on, .on_count = 1};
    arena_t *arena = arena_new ();
    findings_t findings;
    findings_init (&findings, arena, "fuzz.yml");
    fault_t fault = workflow_lint (arena, "fuzz.yml", (const char *) data, size, &options, &findings);
    FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
    for (size_t i = 0; i < findings.count; i++) {
        FUZZ_CHECK (findings.items[i].line >= 1 && findings.items[i].column >= 1);
        FUZZ_CHECK ((size_t) findings.items[i].line <= size + 1);
        FUZZ_CHECK (findings.items[i].message[0] != '\0');
    }
    const job_t *job = NULL;
    findings_init (&findings, arena, "definition");
    fault = job_load (arena, (const char *) data, size, &findings, &job);
    FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
    arena_destroy (&arena);
    return 0;
}
