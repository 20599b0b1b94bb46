/* model_on.c - `on` as GitHub reads it when an event comes: a mistake in one event's section stops no other event, and
 * lint says so. */

#include "tests/unit/workflow/loaded.h"
#include "workflow/plan/load.h"

#include <string.h>

#define JOBS "\njobs: {a: {runs-on: x, steps: [{run: x}]}}"

// "LOADED LINTED": what becomes of it, each "runs", "warns" or "fails"; and the finding.
static const char *outcome (arena_t *arena, const char *on)
{
    const char *text = arena_printf (arena, "on: %s" JOBS, on), *words[2] = {"", ""};
    findings_t findings;
    for (int strict = 0; strict < 2; strict++) {
        const workflow_t *workflow = NULL;
        findings_init (&findings, arena, "test.yml");
        fault_t fault = strict ? workflow_lint (arena, "test.yml", text, strlen (text), NULL, &findings)
                               : workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow);
        CHECK ((fault == OK) == (findings.errors == 0));
        words[strict] = findings.errors ? "fails" : findings.count ? "warns" : "runs";
    }
    return arena_printf (arena, "%s %s%s%s", words[0], words[1], findings.count ? ": " : "",
                         findings_text (arena, &findings));
}

static const row_t mistakes[] = {
    {"{create: {tags: ['v*']}}",
     "warns warns: 1:15 unknown key \"tags\": an event without filters has no keys"},
    {"{release: {types: [published], branches: [main]}}",
     "warns warns: 1:36 unknown key \"branches\" in release; it can have: types"},
    {"{push: {branches: , paths: ['**']}}",
     "warns warns: 1:23 \"branches\" is empty; it must be a string or a list"},
    {"{push: {types: [a]}}",
     "warns warns: 1:13 unknown key \"types\" in push; it can have: branches, branches-ignore, tags, tags-ignore, "
     "paths, paths-ignore"},
    {"{workflow_dispatch: {inputs: {n: {type: int, default: 12}}}}",
     "warns warns: 1:45 \"type\" cannot be \"int\"; it must be one of: string, boolean, number, choice, environment"},
    {"{workflow_dispatch: {input: {}}}", "warns warns: 1:26 unknown key \"input\"; did you mean \"inputs\"?"},
    {"{watch: {types: [start]}}", "warns fails: 1:22 \"types\" cannot be \"start\"; it must be started"},
    {"{push: {branches: {a: b}}}", "warns fails: 1:23 \"branches\" must be a string or a list, not a map"},
    {"{push: , schedule: []}", "warns fails: 1:24 \"schedule\" is an empty list"},
    {"{push: {branches: ['[a']}}", "warns fails: 1:25 the '[' has no ']'; write '\\[' for a literal '['"},
    {"{workflow_dispatch: {inputs: {a: {type: choice}}}}",
     "warns fails: 1:45 input \"a\" is a choice and needs \"options\""},
    {"{workflow_dispatch: {inputs: {a: {type: string, options: [x]}}}}",
     "warns fails: 1:45 input \"a\" has \"options\", which only one of \"type: choice\" has"},
    {"{schedule: [{cron: '* * * *'}]}",
     "fails fails: 1:24 wrong cron: \"* * * *\" has 4 fields, not 5: minute hour day month weekday"},
    {"{push: {branches: '${{ vars.B }}'}}", "fails fails: 1:24 no expression is allowed in \"branches\""},
    {"{workflow_call: {inputs: {a: {type: int}}}}",
     "fails fails: 1:41 \"type\" cannot be \"int\"; it must be one of: string, boolean, number"},
    {"{workflow_call: {input: {}}}", "fails fails: 1:22 unknown key \"input\"; did you mean \"inputs\"?"},
    {"{workflow_dispatch: {inputs: }}", "runs runs"},
    {"{workflow_dispatch: {inputs: {a: , b: {type: number}}}}", "runs runs"},
    {"{image_version: {types: [created, ready], names: [a], versions: ['1.*']}}", "runs runs"},
};

TEST (a_mistake_in_the_section_of_one_event_stops_no_other)
{
    CHECK_ROWS (outcome, mistakes);
}

// Does the event start it? "" or why not.
static const char *started (arena_t *arena, const char *on, const filter_event_t *event)
{
    const char *text = arena_printf (arena, "on: %s" JOBS, on), *why;
    findings_t findings;
    const workflow_t *workflow = NULL;
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow) == OK);
    (void) !workflow_triggered (arena, workflow, event, &why);
    return why;
}

TEST (a_filter_that_an_event_does_not_have_is_ignored_and_so_is_an_empty_one)
{
    arena_t *arena = arena_new ();
    const filter_event_t release = {.name = "release", .activity = "published", .ref = "refs/tags/v1"},
                         create = {.name = "create", .ref = "refs/heads/x"},
                         push = {.name = "push", .ref = "refs/heads/x"};
    CHECK_STR (started (arena, "{release: {types: [published], branches: [main]}}", &release), "");
    CHECK_STR (started (arena, "{create: {tags: ['v*']}}", &create), "");
    CHECK_STR (started (arena, "{push: {branches: }}", &push), "");
    CHECK_STR (started (arena, "{push: {branches: [main]}}", &push), "\"x\" does not match its \"branches\"");
    arena_destroy (&arena);
}

TEST (an_input_of_a_type_that_there_is_not_is_a_string)
{
    arena_t *arena = arena_new ();
    const char *text =
        "on: {workflow_dispatch: {inputs: {n: {type: int, default: 12}, e: , c: {type: choice}}}}" JOBS;
    findings_t findings;
    const workflow_t *workflow = NULL;
    const value_t *inputs = NULL;
    plan_context_t context = {0};
    findings_init (&findings, arena, "test.yml");
    CHECK (workflow_load (arena, "test.yml", text, strlen (text), &findings, &workflow) == OK);
    CHECK (plan_inputs (arena, &workflow->dispatch, json (arena, "{\"c\": \"any\"}"), &context, &findings,
                        &inputs) == OK);
    CHECK_STR (value_to_json (arena, inputs, 0), "{\"n\":\"12\",\"e\":\"\",\"c\":\"any\"}");
    arena_destroy (&arena);
}
