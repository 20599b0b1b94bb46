/* select.c - parts of workflows: jobs with and without what they need, cells of matrices. */

#include "workflow/plan/select.h"

#include "tests/unit/workflow/loaded.h"

#include <string.h>

#define FILE                                                    \
    "on: push\njobs:\n"                                         \
    "  a: {runs-on: x, steps: [{run: x}]}\n"                    \
    "  b: {needs: a, runs-on: x, steps: [{run: x}]}\n"          \
    "  other: {runs-on: x, steps: [{run: x}]}\n"                \
    "  c: {needs: [other, b], runs-on: x, steps: [{run: x}]}\n" \
    "  d: {needs: c, runs-on: x, steps: [{run: x}]}\n"

// "KEY<NEED,NEED" of each job that is left; or the findings.
static const char *left (arena_t *arena, const selection_t *selection)
{
    findings_t findings;
    const workflow_t *workflow = load_workflow (arena, FILE), *part;
    findings_init (&findings, arena, "test.yml");
    if (select_jobs (arena, workflow, selection, &findings, &part) != OK)
        return findings_text (arena, &findings);
    const char *out = "";
    for (size_t i = 0; i < part->job_count; i++) {
        const job_t *job = &part->jobs[i];
        CHECK (workflow_job (part, job->key.text) == job);
        out = arena_printf (arena, "%s%s%s", out, i ? " " : "", job->key.text);
        for (size_t j = 0; j < job->needs.count; j++)
            out = arena_printf (arena, "%s%s%s", out, j ? "," : "<", part->jobs[job->needed[j]].key.text);
    }
    return out;
}

static const struct {
    const char *jobs[3];
    bool no_needs;
    const char *want;
} selections[] = {
    {{"b"}, false, "a b<a"},
    {{"c"}, false, "a b<a other c<other,b"},
    {{"C"}, false, "a b<a other c<other,b"}, // As in `needs`, case does not matter
    {{"c"}, true, "c"},
    {{"c", "b"}, true, "b c<b"},
    {{"other"}, false, "other"},
    {{NULL}, false, "a b<a other c<other,b d<c"},
    {{"othr"}, false, "1:1 the workflow has no job \"othr\" (did you mean \"other\"?)"},
    {{"b", "nothing-like-it"}, false, "1:1 the workflow has no job \"nothing-like-it\""},
};

TEST (a_job_is_selected_with_what_it_needs_or_without)
{
    for (size_t i = 0; i < COUNT_OF (selections); i++) {
        arena_t *arena = arena_new ();
        selection_t selection = {.jobs = selections[i].jobs, .no_needs = selections[i].no_needs};
        while (selection.job_count < 3 && selections[i].jobs[selection.job_count])
            selection.job_count++;
        CHECK_STR (left (arena, &selection), selections[i].want);
        arena_destroy (&arena);
    }
}

static const struct {
    const char *cells[3], *matrix;
    bool want;
} cells[] = {
    {{"os:linux"}, "{\"os\": \"linux\", \"n\": 1}", true},
    {{"os:linux"}, "{\"os\": \"mac\", \"n\": 1}", false},
    {{"n:1"}, "{\"os\": \"mac\", \"n\": 1}", true},
    {{"n:1.0"}, "{\"n\": 1}", false},
    {{"os:linux", "os:mac"}, "{\"os\": \"mac\"}", true},
    {{"os:linux", "n:2"}, "{\"os\": \"linux\", \"n\": 1}", false},
    {{"absent:1"}, "{\"os\": \"linux\"}", true},
    {{"os:linux"}, "null", true},
    {{"url:http://x"}, "{\"url\": \"http://x\"}", true},
    {{NULL}, "{\"os\": \"linux\"}", true},
};

TEST (cells_are_selected_by_what_their_matrix_says)
{
    for (size_t i = 0; i < COUNT_OF (cells); i++) {
        arena_t *arena = arena_new ();
        selection_t selection = {.cells = cells[i].cells};
        while (selection.cell_count < 3 && cells[i].cells[selection.cell_count])
            selection.cell_count++;
        CHECK_INT (select_cell (arena, &selection, json (arena, cells[i].matrix)), cells[i].want);
        arena_destroy (&arena);
    }
}

TEST (a_selection_of_cells_that_names_no_key_is_refused)
{
    arena_t *arena = arena_new ();
    const char *const wrong[] = {":linux", "linux"};
    selection_t selection = {.cells = wrong, .cell_count = 2};
    CHECK_STR (left (arena, &selection),
               "1:1 matrix: \":linux\" is not KEY:VALUE\n1:1 matrix: \"linux\" is not KEY:VALUE");
    arena_destroy (&arena);
}

TEST (only_selected_cells_are_planned_and_they_keep_their_places)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    plan_expansion_t plan;
    const char *const wanted[] = {"os:mac"};
    const selection_t selection = {.cells = wanted, .cell_count = 1};
    plan_context_t context = {.selection = &selection};
    const workflow_t *workflow = load_workflow (
        arena,
        "on: push\njobs:\n  j:\n    runs-on: x\n    strategy: {matrix: {os: [linux, mac], n: [1, 2]}}\n"
        "    steps: [{run: x}]\n");
    findings_init (&findings, arena, "test.yml");
    CHECK_INT (plan_expand (arena, workflow, &workflow->jobs[0], &context, &findings, &plan), OK);
    CHECK_INT (plan.cell_count, 2);
    CHECK_STR (plan.cells[0].name, "j (mac, 1)");
    CHECK_STR (value_to_json (arena, plan.cells[1].strategy, 0),
               "{\"fail-fast\":true,\"job-index\":3,\"job-total\":4,\"max-parallel\":4}");
    arena_destroy (&arena);
}
