/* loaded.c - see loaded.h. */

#include "tests/unit/workflow/loaded.h"

#include "workflow/plan/load.h"

#include <stdio.h>
#include <string.h>

static const char *format_findings (arena_t *arena, const findings_t *findings, bool rules)
{
    const char *text = "";
    for (size_t i = 0; i < findings->count; i++) {
        const finding_t *one = &findings->items[i];
        const char *rule = rules ? arena_printf (arena, "[%s] ", one->rule) : "";
        text = arena_printf (arena, "%s%s%d:%d %s%s", text, i ? "\n" : "", one->line, one->column, rule,
                             one->message);
    }
    return text;
}

const char *findings_text (arena_t *arena, const findings_t *findings)
{
    return format_findings (arena, findings, false);
}

const char *load_findings (arena_t *arena, const char *text)
{
    findings_t findings;
    const workflow_t *workflow = NULL;
    findings_init (&findings, arena, "test.yml");
    fault_t fault = workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow);
    CHECK ((fault == OK) == (findings.errors == 0));
    return findings_text (arena, &findings);
}

const char *lint_findings (arena_t *arena, const char *text, const char *rule_on)
{
    findings_t findings;
    const char *off = "not-supported"; // What is said of a rule holds whatever this server runs
    lint_options_t options = {.on = &rule_on, .on_count = rule_on ? 1 : 0, .off = &off, .off_count = 1};
    findings_init (&findings, arena, "test.yml");
    fault_t fault = workflow_lint (arena, "test.yml", text, strlen (text), &options, &findings);
    CHECK ((fault == OK) == (findings.errors == 0));
    return format_findings (arena, &findings, true);
}

// All but `not-supported`, which has a test of its own: what else is said holds whatever this server runs.
const char *lint_places (arena_t *arena, const char *text, const lint_options_t *given)
{
    findings_t findings;
    const char *off = "not-supported";
    lint_options_t all_else = given ? *given : (lint_options_t){0}, *options = &all_else;
    all_else.off = &off;
    all_else.off_count = 1;
    findings_init (&findings, arena, "test.yml");
    fault_t fault = workflow_lint (arena, "test.yml", text, strlen (text), options, &findings);
    CHECK ((fault == OK) == (findings.errors == 0));
    const char *all = "";
    for (size_t i = 0; i < findings.count; i++)
        all = arena_printf (arena, "%s%s%d:%d %s", all, i ? " " : "", findings.items[i].line,
                            findings.items[i].column, findings.items[i].rule);
    return all;
}

const workflow_t *load_workflow (arena_t *arena, const char *text)
{
    findings_t findings;
    const workflow_t *workflow = NULL;
    findings_init (&findings, arena, "test.yml");
    fault_t fault = workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow);
    CHECK_STR (findings_text (arena, &findings), "");
    CHECK (fault == OK);
    return workflow;
}

const value_t *json (arena_t *arena, const char *text)
{
    const value_t *value = NULL;
    const char *error = "";
    if (value_from_json (arena, text, strlen (text), &value, &error) != OK)
        test_fail (__FILE__, __LINE__, "%s: %s", text, error);
    return value;
}

const char *with_jobs (arena_t *arena, const char *text)
{
    return arena_printf (arena, "on: push\njobs:\n%s", text);
}

void check_rows (const char *file, int line, row_fn *run, const row_t *rows, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        arena_t *arena = arena_new ();
        const char *got = run (arena, rows[i].text);
        if (strcmp (got, rows[i].want) != 0) {
            fprintf (stderr, "row %zu:\n%s\ngot:    %s\nwanted: %s\n", i, rows[i].text, got, rows[i].want);
            wrong++;
        }
        arena_destroy (&arena);
    }
    if (wrong > 0)
        test_fail (file, line, "%zu of %zu rows differ", wrong, count);
}
