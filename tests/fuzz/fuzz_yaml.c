/* fuzz_yaml.c - any bytes as a workflow file: linted with all rules on, and again as a job's definition.
 *
 * Holds: OK is said exactly where there is no error; places lie in the file. */

#include "tests/fuzz/fuzz.h"
#include "workflow/lint/lint.h"

#include <string.h>

// Remarks upon the end of every script, and far behind it.
static size_t remark (void *checker, arena_t *arena, const lint_script_t *scripts, size_t count,
                      lint_remark_t **out)
{
    (void) checker;
    *out = arena_array (arena, 2 * count, sizeof (lint_remark_t));
    for (size_t i = 0; i < 2 * count; i++)
        (*out)[i] = (lint_remark_t){.script = i / 2,
                                    .line = 1 + (int) (i % 2 * 1000),
                                    .column = (int) strlen (scripts[i / 2].text),
                                    .message = scripts[i / 2].shell};
    return 2 * count;
}

static lint_options_t all_rules (arena_t *arena)
{
    size_t count;
    const lint_rule_t *rules = lint_rules (&count);
    const char **on = arena_array (arena, count, sizeof (char *));
    for (size_t i = 0; i < count; i++)
        on[i] = rules[i].id;
    return (lint_options_t){.on = on, .on_count = count, .check_scripts = remark};
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    const lint_options_t options = all_rules (arena);
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
